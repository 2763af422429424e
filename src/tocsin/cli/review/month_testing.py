"""For tests and measurements: ask the commands about a made-up month, at a moment of its own time."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from typer.testing import CliRunner

from tocsin.cli.app import app
from tocsin.cli.review.drift import EXIT_ALARM
from tocsin.policy import Target
from tocsin.service.review import making
from tocsin.service.review.contract_testing import FixedClock
from tocsin.service.review.month_testing.figures import (
    Figure,
    of_agreement,
    of_golden,
    of_labels,
    of_rates,
    of_summary,
)
from tocsin.service.review.month_testing.living import Month
from tocsin.service.review.month_testing.platform import BEGINS, OFFSIDE, SOUP, write_policy
from tocsin.service.review.month_testing.truth import Truth
from tocsin.settings import settings

__all__ = [
    "ASKED",
    "CHANGE_DECIDED",
    "CHANGE_HERE",
    "UNCHANGED",
    "Operator",
    "exported",
    "figures_of",
    "kept",
    "refitted",
]

UNCHANGED: Final = BEGINS + timedelta(days=35)
"""When five weeks have passed, in which nothing changed."""
CHANGE_HERE: Final = BEGINS + timedelta(days=42)
"""When the week has passed in which the model changed; four weeks that ended seven days ago did not."""
CHANGE_DECIDED: Final = BEGINS + timedelta(days=49)
ASKED: Final = {
    SOUP: {"review": "recall 0.5", "urgent": "precision 0.8"},
    OFFSIDE: {"review": "fpr 0.03", "urgent": "precision 0.7"},
}
"""Targets that thresholds are refitted to, by policy and level."""

_TOO_MUCH_ERASED: Final = "at most 1% must be erased"


class Operator:
    """Run commands over the queue of a month, or a copy of it, which knows no other time than it is told."""

    def __init__(self, month: Month, state: Path | None = None) -> None:
        self.month = month
        self._state = state or month.state

    def told(self, *arguments: str, at: datetime = CHANGE_HERE, codes: Collection[int] = (0,)) -> str:
        """Return what a command prints at a moment; raise AssertionError where it ends with no such code."""
        clock: dict[str, Any] = {"clock": FixedClock(at)}
        environment = {"TOCSIN_REVIEW_COMPLIANCE": str(self.month.compliance)}
        with (
            patch.dict(making.make_desk.__kwdefaults__, clock),
            patch.dict(making.open_desk.__kwdefaults__, clock),
            patch.dict(os.environ, environment),
        ):
            settings.cache_clear()
            done = CliRunner().invoke(app, [*arguments, "--state", str(self._state)])
        if done.exit_code not in codes:
            raise AssertionError(f"{arguments}: {done.exit_code}: {done.exception or done.stderr}")
        return done.stdout

    def json(self, *arguments: str, at: datetime = CHANGE_HERE, codes: Collection[int] = (0,)) -> Any:
        """Return what a command prints as JSON."""
        return json.loads(self.told(*arguments, "--json", at=at, codes=codes))

    def build(self, rows: Path) -> list[Mapping[str, Any]]:
        """Return what ``tocsin data build`` makes of rows of one's own alone."""
        settings.cache_clear()
        done = CliRunner().invoke(app, ["data", "build", "--add", str(rows), "--own-only", "--json"])
        if done.exit_code:
            raise AssertionError(f"{done.exit_code}: {done.exception or done.stderr}")
        fates: list[Mapping[str, Any]] = json.loads(done.stdout)
        return fates

    def drift(self, at: datetime) -> list[Mapping[str, Any]]:
        """Return what ``tocsin review drift`` compares, whether any of it is an alarm or not."""
        alarms: list[Mapping[str, Any]] = self.json("review", "drift", at=at, codes=(0, EXIT_ALARM))["alarms"]
        return alarms


def figures_of(operator: Operator, folder: Path) -> Iterator[Figure]:
    """Yield every figure with an interval that the commands tell of a month, each beside the truth."""
    truth = Truth(operator.month.platform)
    for cut in ((), ("--by", "language"), ("--by", "community")):
        yield from of_rates(operator.json("review", "rates", *cut), truth)
    yield from of_agreement(operator.json("review", "agreement"), truth)
    yield from of_golden(operator.json("review", "golden"))
    yield from of_labels(exported(operator, folder / "labels.jsonl"), truth)
    last = (UNCHANGED - timedelta(days=1)).date().isoformat()
    summary = operator.json("review", "transparency", "--from", BEGINS.date().isoformat(), "--to", last)
    yield from of_summary(summary, truth)


def exported(operator: Operator, out: Path) -> list[Mapping[str, Any]]:
    """Return the rows that ``tocsin review export`` writes."""
    policy = _policy(out.parent)
    operator.told("review", "export", "--labels", str(out), "--policy", str(policy), "--force")
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def refitted(operator: Operator, folder: Path) -> list[Mapping[str, Any]]:
    """Return what ``tocsin thresholds refit`` makes of each level; nothing where too much was erased."""
    asked = ("thresholds", "refit", "--policy", str(_policy(folder)))
    try:
        levels: list[Mapping[str, Any]] = operator.json(*asked)["levels"]
    except AssertionError as error:
        if _TOO_MUCH_ERASED in str(error):
            return []
        raise
    return levels


def kept(level: Mapping[str, Any], truth: Truth) -> bool:
    """Say whether a refitted threshold keeps its target on all that may come."""
    target = Target.parse(level["target"])
    rate = truth.rate(level["policy"], target, level["refit"]["threshold"])
    return rate <= target.value if str(target).startswith("fpr") else rate >= target.value


def _policy(folder: Path) -> Path:
    path = folder / "kitchen.toml"
    review, urgent = (
        {policy: told[level] for policy, told in ASKED.items()} for level in ("review", "urgent")
    )
    path.write_text(write_policy(review, urgent), encoding="utf-8")
    return path
