"""A share of a count, with what chance alone makes of it; nothing where the count is too small to say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

__all__ = ["FEWEST", "Share", "share_of", "wilson"]

FEWEST: Final = 20
"""Under so many, no share is told."""
_Z: Final = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Share:
    """Hold how many of how many, and the ends of the 95% interval; `value` and both None where too few."""

    hits: int
    of: int
    value: float | None
    low: float | None
    high: float | None


def share_of(hits: int, of: int) -> Share:
    """Return the share of `hits` among `of`, suppressed under `FEWEST`."""
    if of < FEWEST:
        return Share(hits, of, None, None, None)
    return Share(hits, of, hits / of, *wilson(hits, of))


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the ends of the 95% score interval of a share (Wilson 1927, without continuity correction)."""
    share, per = hits / of, _Z * _Z / of
    centre = (share + per / 2) / (1 + per)
    half = _Z * math.sqrt(share * (1 - share) / of + per / (4 * of)) / (1 + per)
    # At the ends the interval reaches 0 or 1 exactly; rounding must not carry it past.
    return (0.0 if hits == 0 else centre - half), (1.0 if hits == of else centre + half)
