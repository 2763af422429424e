"""What an evaluation comes to: one bundle, one policy, some rows, and an answer to each question asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tocsin.assessment import ModelStamp, PolicyStamp
from tocsin.errors import InputError
from tocsin.eval.suite import Answer

__all__ = ["FORMAT", "Report", "RowsRead", "read_report"]

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class RowsRead:
    """Say on which rows: how many of each corpus, and what is not as it was when the bundle was made.

    `differing` names the corpora that the bundle's training record knows with other files, or does not
    know; `absent` those that it knows and that are not here.
    """

    by_corpus: Mapping[str, int]
    differing: Sequence[str] = ()
    absent: Sequence[str] = ()

    @property
    def count(self) -> int:
        """Return the number of rows."""
        return sum(self.by_corpus.values())


@dataclass(frozen=True, slots=True)
class Report:
    """Hold all that was measured of one bundle under one policy.

    `made` is the day, as ``YYYY-MM-DD``; `software` the version of tocsin that measured.
    """

    model: ModelStamp
    recipe: str
    languages: Sequence[str]
    policy: PolicyStamp
    rows: RowsRead
    made: str
    software: str
    answers: Sequence[Answer]

    def answer(self, suite: str) -> Answer | None:
        """Return what became of a suite, None where nobody asked for it."""
        return next((one for one in self.answers if one.name == suite), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; `from_dict` takes them back."""
        return {
            "format": FORMAT,
            "made": self.made,
            "software": self.software,
            "model": {
                "name": self.model.name,
                "version": self.model.version,
                "digest": self.model.digest,
                "recipe": self.recipe,
                "languages": list(self.languages),
            },
            "policy": {"version": self.policy.version, "digest": self.policy.digest},
            "rows": {
                "by_corpus": dict(self.rows.by_corpus),
                "differing": list(self.rows.differing),
                "absent": list(self.rows.absent),
            },
            "suites": {answer.name: answer.to_dict() for answer in self.answers},
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Report:
        """Return the report that `to_dict` wrote; raise KeyError, TypeError or ValueError for others."""
        if told["format"] != FORMAT:
            raise ValueError(f"format must be {FORMAT}, was {told['format']!r}")
        model, rows = told["model"], told["rows"]
        return cls(
            ModelStamp(model["name"], model["version"], model["digest"]),
            model["recipe"],
            tuple(model["languages"]),
            PolicyStamp(told["policy"]["version"], told["policy"]["digest"]),
            RowsRead(dict(rows["by_corpus"]), tuple(rows["differing"]), tuple(rows["absent"])),
            told["made"],
            told["software"],
            tuple(Answer.from_dict(answer) for answer in told["suites"].values()),
        )


def read_report(path: Path) -> Report:
    """Return the report in a file; raise InputError where it is none."""
    try:
        return Report.from_dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except KeyError as error:
        raise InputError(f"{path}: must be a report of `tocsin eval`, was not: it lacks {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: must be a report of `tocsin eval`, was not: {error}") from error
