"""How long things took: medians, of whole sections always, of their parts where there are enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from tocsin.service.review.records.figures.share import FEWEST

__all__ = ["Took", "took"]


@dataclass(frozen=True, slots=True)
class Took:
    """Hold of how many a time is known, and its median in seconds; None where there are none, or too few."""

    count: int
    median_s: float | None


def took(times: Sequence[timedelta], *, part: bool = False) -> Took:
    """Return the median of some times; that of a `part` of a section needs 20 of them."""
    fewest = FEWEST if part else 1
    told = round(median(one.total_seconds() for one in times), 1) if len(times) >= fewest else None
    return Took(len(times), told)
