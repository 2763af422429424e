"""What encoders that were trained before say of the rows: soft labels, for a student to learn from.

Distillation (Hinton, Vinyals and Dean 2015) of several teachers into one student of their own size; where
labels err, what teachers agree on errs less.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.numpy import save_file
from scipy.special import expit

from tocsin.errors import CorpusError
from tocsin.example import Example
from tocsin.signals import Signal
from tocsin.training.encoder.config import EncoderConfig
from tocsin.training.encoder.network import digest
from tocsin.training.encoder.reader import Reader

__all__ = ["Taught", "taught"]

_FILE: Final = "taught.safetensors"
_SAID, _TEACHERS = "said", "teachers"


@dataclass(frozen=True, slots=True)
class Taught:
    """Hold ``(rows, signals)`` probabilities, the mean over teachers, and a SHA-256 of each one's weights."""

    said: NDArray[np.float32]
    teachers: tuple[str, ...]


def taught(
    rows: Sequence[Example],
    signals: Sequence[Signal],
    config: EncoderConfig,
    work: Path,
    tell: Callable[[str], None] = lambda _: None,
) -> Taught | None:
    """Return what the config's teachers say of rows, None where it has none.

    It is kept in the folder `work`: a training that was stopped does not ask again. Raises CorpusError where
    a teacher is none, or has no output for a signal.
    """
    if not config.teachers:
        return None
    path = work / _FILE
    if not path.is_file():
        found, teachers = np.zeros((len(rows), len(signals))), []
        for folder in config.teachers:
            reader = Reader.of(Path(folder), config.max_tokens)
            if lacking := set(signals) - set(reader.signals):
                names = ", ".join(sorted(lacking))
                raise CorpusError(f"{folder}: a teacher must have an output for every signal, lacked {names}")
            tell(f"asking a teacher about {len(rows)} rows")
            said = reader.margins([row.text for row in rows], tell)
            found += expit(said[:, [reader.signals.index(signal) for signal in signals]])
            teachers.append(digest(reader.classifier))
        work.mkdir(parents=True, exist_ok=True)
        mean = {_SAID: (found / len(teachers)).astype(np.float32)}
        fresh = path.with_suffix(".new")
        save_file(mean, fresh, metadata={_TEACHERS: json.dumps(teachers)})
        fresh.replace(path)  # whole or not there
    with safe_open(path, "np") as kept:
        return Taught(kept.get_tensor(_SAID), tuple(json.loads(kept.metadata()[_TEACHERS])))
