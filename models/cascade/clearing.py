"""Which texts a cheap tier may clear, so that a stated share at most of what matters is lost.

What matters is what the encoder sends to review. The rule is one threshold on `closeness` as the cheap tier
estimates it: what lies below is cleared. Of the items that the encoder flags, as many may lie below as keep
the true share of them within the bound at `CONFIDENCE` (fixed-sequence testing of one monotone risk:
Angelopoulos et al. 2021, "Learn then Test"; for a share that is the binomial tail of Clopper and Pearson
1934).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.models.thresholds import CONFIDENCE, allowed_errors

__all__ = ["Clearing", "fit_clearing", "least_flagged"]

_MOST: Final = 2.0**53

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Clearing:
    """Hold the rule of one language, and the rows that it was fitted on.

    A text is cleared whose closeness is below `threshold`; None where nothing may be cleared. Of `rows`, the
    encoder flags `flagged`; below the threshold lie `cleared`, and `lost` of those that it flags. At
    `CONFIDENCE`, at most the share `loss` of what the encoder flags is lost, on texts drawn as the rows were.
    """

    loss: float
    threshold: float | None
    rows: int
    flagged: int
    cleared: int
    lost: int

    @property
    def counts(self) -> dict[str, Any]:
        """Return the threshold and the counts by name, as records hold them."""
        return {name: value for name, value in asdict(self).items() if name != "loss"}

    def clears(self, closeness: Floats) -> Flags:
        """Return which items are cleared; what has no number is not."""
        if self.threshold is None:
            return np.zeros(len(closeness), np.bool_)
        return np.asarray(closeness < self.threshold)

    def holds(self) -> bool:
        """Say whether the counts carry the bound."""
        return self.threshold is None or (
            self.flagged >= least_flagged(self.loss) and self.lost <= allowed_errors(self.flagged, self.loss)
        )


def fit_clearing(closeness: Floats, flagged: Flags, loss: float) -> Clearing:
    """Return the rule that clears most, and loses at most the share `loss` of what is `flagged`.

    `closeness` ``(rows,)`` is the cheap tier's estimate, `flagged` what the encoder says of the same rows,
    which must have fitted neither, and must be independent of each other. `loss` is in (0, 1). With fewer
    flagged rows than `least_flagged` nothing is cleared.
    """
    if not 0 < loss < 1:
        raise ValueError(f"loss must be above 0 and below 1, was {loss}")
    found = np.sort(closeness[flagged])
    allowed = allowed_errors(len(found), loss) if len(found) >= least_flagged(loss) else -1
    threshold = float(found[allowed]) if allowed >= 0 else None
    if threshold is None or not math.isfinite(threshold):
        return Clearing(loss, None, len(closeness), len(found), 0, 0)
    below = closeness < threshold
    return Clearing(
        loss, threshold, len(closeness), len(found), int(below.sum()), int((below & flagged).sum())
    )


def least_flagged(loss: float) -> int:
    """Return how many flagged rows it takes to clear anything: with fewer, not even none lost would do."""
    return math.ceil(min(math.log(1 - CONFIDENCE) / math.log1p(-loss), _MOST))
