"""Twins for `tocsin eval run`: fitted once for the same rows, then read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tocsin.cli.extras import needs
from tocsin.errors import CorpusError
from tocsin.signals import Signal

if TYPE_CHECKING:
    from tocsin.cli.eval.rows import RowsGiven
    from tocsin.eval.comparison.score_file import ScoreFile

__all__ = ["fitted_twins"]

_KEPT: Final = "twins.json"
_PACKAGE: Final = Path(__file__).parents[2]
_FITTING: Final = ("models", "text", "training")

Scores = Mapping[Signal, Mapping[str, float]]


def fitted_twins(
    given: RowsGiven, training: Mapping[str, Any], keep: Path, tell: Callable[[str], None]
) -> tuple[ScoreFile, ScoreFile] | None:
    """Return what models of one corpus alone, and of all but one, say of test rows.

    They know no corpus that the bundle does not. None where there are no rows to fit them on. Kept below the
    folder `keep`: scores and ids, no text.
    """
    if given.splits is None:
        return None
    with needs("train", "fitting twins"):
        from tocsin.training.fingerprint import fingerprint
        from tocsin.training.twins import twin_scores, twins_config
    from tocsin.eval.comparison.score_file import ScoreFile

    try:
        config, strengths = twins_config(training)
    except CorpusError as error:
        raise CorpusError(f"{error}; --no-twins does without them") from error
    corpora = set(training.get("corpora", {}))
    choices = {"config": repr(config), "strengths": repr(strengths), "code": _code()}
    inputs = fingerprint(given.files, choices)  # of all corpora: a copy in one takes a row out of another
    path = keep / _KEPT
    scores = _read(path, inputs)
    if scores is None:
        rows = {split: [row for row in rows if row.corpus in corpora] for split, rows in given.splits.items()}
        found = twin_scores(rows, config, strengths, tell)
        scores = {"alone": found.alone, "without": found.without}
        keep.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"inputs": inputs, "scores": scores}), encoding="utf-8")
    return ScoreFile("alone", scores["alone"]), ScoreFile("without", scores["without"])


def _code() -> str:
    """Return a digest of the code that fits and scores: twins of other code are fitted again."""
    digest = hashlib.sha256()
    for path in sorted(path for part in _FITTING for path in (_PACKAGE / part).rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path, inputs: str) -> dict[str, Scores] | None:
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["inputs"] == inputs:
            return {
                kind: {Signal(signal): scores for signal, scores in told["scores"][kind].items()}
                for kind in ("alone", "without")
            }
    return None
