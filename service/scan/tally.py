"""How many rows a scan has read, and what became of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tocsin.assessment import Assessment, Level
from tocsin.errors import MalformedRowError

if TYPE_CHECKING:
    from tocsin.service.scan.outcome import Outcome

__all__ = ["NO_POLICY", "Tally", "unjudged_reason"]

# The text was scored, but every policy lacks a signal in its language.
NO_POLICY: Final = "no policy applies"


def unjudged_reason(assessment: Assessment, level: Level | None) -> str | None:
    """Return why no policy judged the item, None where one did; `level` is the assessment's own."""
    if assessment.reason is not None:
        return assessment.reason.value
    return NO_POLICY if level is None else None


@dataclass(slots=True)
class Tally:
    """Count rows: each is at one level, unscorable for one reason, or rejected."""

    levels: Counter[Level] = field(default_factory=Counter)
    unscorable: Counter[str] = field(default_factory=Counter)
    rejected: int = 0

    @property
    def rows(self) -> int:
        """Return how many rows were read."""
        return self.levels.total() + self.unscorable.total() + self.rejected

    def count(self, outcome: Outcome) -> None:
        """Add one row."""
        if isinstance(outcome, MalformedRowError):
            self.rejected += 1
            return
        level = outcome.assessment.level
        if reason := unjudged_reason(outcome.assessment, level):
            self.unscorable[reason] += 1
        elif level is not None:
            self.levels[level] += 1

    def __str__(self) -> str:
        levels = ", ".join(f"{self.levels[level]:,} {level}" for level in reversed(Level))
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(self.unscorable.items()))
        unscorable = f"{self.unscorable.total():,} unscorable" + (f" ({reasons})" if reasons else "")
        return f"{self.rows:,} rows read: {levels}; {unscorable}; {self.rejected:,} rejected"
