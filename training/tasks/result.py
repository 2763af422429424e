"""What one fine-tuning measured, and the file that it is kept in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tocsin.models.layout import dump_json
from tocsin.training.tasks.interval import Interval

__all__ = ["Result", "kept", "path_of", "store"]


@dataclass(frozen=True, slots=True)
class Result:
    """Hold the figures of one task at one seed, with all that they depend on; no text.

    `inputs` is a digest of settings and corpus files. `rows` counts rows by part and class; `copies` those
    of test of which train has a copy, letters, digits and symbols alone compared. `threshold` is a
    probability of the second class, None where the likeliest class is said. `looks` are those at dev.
    """

    inputs: str
    task: str
    seed: int
    figures: Mapping[str, Interval]
    threshold: float | None
    rows: Mapping[str, Mapping[str, int]]
    copies: int
    looks: Sequence[Mapping[str, float]]
    config: Mapping[str, Any]
    backbone_sha256: str
    seconds: float

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Result:
        """Return the result that `asdict` made plain; raise KeyError or TypeError for anything else."""
        return cls(**{**told, "figures": {name: Interval(**one) for name, one in told["figures"].items()}})


def path_of(folder: Path, task: str, seed: int) -> Path:
    """Return where the result of a task at a seed belongs."""
    return folder / f"{task}-{seed}.json"


def store(path: Path, result: Result) -> None:
    """Write a result whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".part")
    fresh.write_bytes(dump_json(asdict(result)))
    fresh.replace(path)


def kept(path: Path, inputs: str) -> Result | None:
    """Return the result on file, None where there is none of the same inputs."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        result = Result.from_dict(json.loads(path.read_text(encoding="utf-8")))
        return result if result.inputs == inputs else None
    return None
