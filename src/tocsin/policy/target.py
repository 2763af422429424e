"""What a policy lead asks of a threshold: a rate to keep, or a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["Target", "TargetKind"]


class TargetKind(StrEnum):
    """Name what a target bounds."""

    FPR = "fpr"
    RECALL = "recall"
    PRECISION = "precision"
    BUDGET = "budget"
    NUMBER = "number"


_FORM: Final = re.compile(
    r"(?P<kind>fpr|recall|precision|budget) (?P<value>\d+(?:\.\d+)?|\.\d+)(?P<percent>%?)"
)
ALLOWED: Final = '"fpr 0.05", "recall 0.8", "precision 0.5", "budget 1%" or a number from 0 to 1'


@dataclass(frozen=True, slots=True)
class Target:
    """Hold one target: `value` is in (0, 1) for a rate, in [0, 1] for a number."""

    kind: TargetKind
    value: float

    @classmethod
    def parse(cls, written: object) -> Target:
        """Return what a policy file writes; raise ValueError with the rule and the value."""
        if isinstance(written, bool) or not isinstance(written, int | float | str):
            raise ValueError(f"must be {ALLOWED}, was {written!r}")
        if not isinstance(written, str):
            if not 0 <= written <= 1:
                raise ValueError(f"a threshold must be between 0 and 1, was {written!r}")
            return cls(TargetKind.NUMBER, float(written))
        match = _FORM.fullmatch(written.strip())
        if match is None:
            raise ValueError(f"must be {ALLOWED}, was {written!r}")
        value = float(match["value"]) / (100 if match["percent"] else 1)
        if not 0 < value < 1:
            raise ValueError(f"a {match['kind']} must be above 0 and below 1, was {written!r}")
        return cls(TargetKind(match["kind"]), value)

    def at_least_as_strict_as(self, other: Target) -> bool:
        """Say whether this target, of the same kind, lets no more through than `other`."""
        lower_is_stricter = self.kind in {TargetKind.FPR, TargetKind.RECALL, TargetKind.BUDGET}
        return self.value <= other.value if lower_is_stricter else self.value >= other.value

    def __str__(self) -> str:
        return f"{self.value:g}" if self.kind is TargetKind.NUMBER else f"{self.kind} {self.value:g}"
