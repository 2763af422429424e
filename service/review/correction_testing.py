"""Corrections for tests: lines of the feedback box, and how they are taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tocsin.errors import MalformedRowError
from tocsin.service.review.contract_testing import recipe
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake.correcting import take_corrections
from tocsin.service.review.intake.importing import Imported
from tocsin.service.scan import Assessor
from tocsin.service.scan.testing import WordAssessor

__all__ = ["correction", "taken"]

_WORDS: Final = {"soup": 0.9, "rugby": 0.6}


def correction(number: int = 0, text: str | None = None, **told: Any) -> dict[str, Any]:
    """Return a line of the box about a recipe, or about `text`; `told` replaces what it says."""
    return {
        "state": "waiting",
        "time": "2026-03-01T12:00:00+00:00",
        "community": "forum.example",
        "languages": ["en"],
        "detected": "en",
        "scores": {"THREAT": {"value": 0.125, "spans": []}},
        "text": recipe(number) if text is None else text,
        **told,
    }


def taken(
    desk: Desk, *lines: Mapping[str, Any], assessor: Assessor | None = None
) -> tuple[Imported, list[str]]:
    """Take lines of a box; return the counts, and what was wrong with those that are malformed."""
    done, faults = Imported(), []
    for one in take_corrections(desk, assessor or WordAssessor(_WORDS), "box", enumerate(lines, 1)):
        done.count(one)
        if isinstance(one, MalformedRowError):
            faults.append(str(one))
    return done, faults
