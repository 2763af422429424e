"""How well scores rank: sorted once, then weighed as often as an interval takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["FALSE_POSITIVE_RATES", "Ranking"]

FALSE_POSITIVE_RATES: Final = {"recall_at_fpr_0.01": 0.01, "recall_at_fpr_0.05": 0.05}

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Hold rows in the order of falling scores.

    `order` is their places, `positive` whether each is, and `ends` where each distinct score ends:
    rows of one score pass a threshold together.
    """

    order: Places
    positive: NDArray[np.bool_]
    ends: Places

    @classmethod
    def of(cls, labels: Labels, scores: Floats) -> Ranking:
        """Return the ranking of ``(rows,)`` labels, 1 and 0, by their scores."""
        order = np.argsort(-scores, kind="stable")
        falling = scores[order]
        ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
        return cls(order, labels[order] == 1, ends)

    def figures(self, weights: Floats) -> Mapping[str, float]:
        """Return AUROC, average precision and recall at fixed false-positive rates, all in [0, 1].

        Recall at a rate is that of the lowest threshold whose rate does not pass it. NaN throughout
        where the weights leave only one class.
        """
        counts = weights[self.order]
        caught = self._running(np.where(self.positive, counts, 0.0))
        flagged = self._running(np.where(self.positive, 0.0, counts))
        if not caught[-1] or not flagged[-1]:
            return dict.fromkeys(("auroc", "average_precision", *FALSE_POSITIVE_RATES), float("nan"))
        recalls, alarms = caught / caught[-1], flagged / flagged[-1]
        precisions = caught[1:] / np.maximum(caught[1:] + flagged[1:], np.finfo(float).tiny)
        return {
            "auroc": float(np.trapezoid(recalls, alarms)),
            "average_precision": float(np.diff(recalls) @ precisions),
            **{
                name: float(recalls[np.searchsorted(alarms, rate, side="right") - 1])
                for name, rate in FALSE_POSITIVE_RATES.items()
            },
        }

    def _running(self, counts: Floats) -> Floats:
        """Return the sums down to each threshold, from none above them all."""
        return np.concatenate([[0.0], np.cumsum(counts)[self.ends]])
