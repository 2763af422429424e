"""What was asked of a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tocsin.errors import InputError

__all__ = ["EVEN", "LABELS_OF_STRATUM", "LEAST", "SamplePlan"]

EVEN: Final = 0.75
LEAST: Final = 20
LABELS_OF_STRATUM: Final = 50
_MOST_STRATA: Final = 20
_MOST_SEED: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """Say how many labels are wanted, and what they are for.

    `even` is the share of labels spread without regard to scores; where the audit has a weight column, a
    third of that share goes by weight. Of the rest, half goes to what was flagged. `by` is a column each of
    whose values gets at least `least` labels.
    """

    labels: int
    seed: int
    even: float = EVEN
    by: str | None = None
    least: int = LEAST

    def __post_init__(self) -> None:
        if self.labels < 1:
            raise InputError(f"labels must be at least 1, was {self.labels}")
        if not 0 <= self.seed <= _MOST_SEED:
            raise InputError(f"a seed must be between 0 and {_MOST_SEED}, was {self.seed}")
        if not 0 < self.even <= 1:
            raise InputError(f"the even share must be above 0 and at most 1, was {self.even:g}")
        if self.least < 0:
            raise InputError(f"the least labels of a value must be at least 0, was {self.least}")

    @property
    def flagged(self) -> float:
        """Return the share of labels that goes to what was flagged."""
        return (1 - self.even) / 2

    def strata(self, labels: int) -> int:
        """Return how many strata a group with so many labels is cut into."""
        return max(1, min(_MOST_STRATA, labels // LABELS_OF_STRATUM))
