"""How far a share can be trusted."""

from __future__ import annotations

from math import sqrt
from typing import Final

__all__ = ["wilson"]

_Z: Final = 1.959963984540054  # 95%, both sides


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Return Wilson's 95% interval for the share of `hits` among one `trials` or more (Wilson, 1927)."""
    share = hits / trials
    weight = _Z * _Z / trials
    middle = (share + weight / 2) / (1 + weight)
    half = sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)
