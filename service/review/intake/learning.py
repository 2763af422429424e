"""With which probability an item that the model did not flag is drawn to learn from.

The chance is known before the draw, never 0, and the same whoever hands the item in: so each label can be
weighted by one over it (importance-weighted active learning: Beygelzimer, Dasgupta and Langford 2009).
"""

from __future__ import annotations

import math
from typing import Final

from tocsin.assessment import Standing

__all__ = ["FLOOR", "informative", "learning_chance"]

FLOOR: Final = 0.1
"""Of the highest chance, what everything has: no label weighs more than ten times as much as another."""
_STEEP: Final = 2  # what is not flagged lies within log-odds of about 4 of a level: it must fall off there


def learning_chance(standing: Standing | None, share: float) -> float:
    """Return the chance of an unflagged item: from a tenth of `share`, in [0, 1], to all of it.

    Each is `share` at most, so what is drawn is, on average, at most that share of what is not flagged.
    """
    return share * (FLOOR + (1 - FLOOR) * informative(standing))


def informative(standing: Standing | None) -> float:
    """Return how much a label would teach, in [0, 1]: the larger of uncertainty and disagreement.

    Uncertainty is 4 p (1 - p), for p the logistic function of twice how far the item lies past the nearest
    level: 1 at the level itself, 0.36 where the odds are 3 times too small, 0.08 where they are 7 times too
    small. Disagreement is the distance of p as both tiers of a cascade see it; nothing is known of it where
    one of them alone read the item. Without a standing all is alike.
    """
    if standing is None:
        return 0.0
    judged = _logistic(_STEEP * standing.judged)
    other = judged if standing.screened is None else _logistic(_STEEP * standing.screened)
    return max(4 * judged * (1 - judged), abs(judged - other))


def _logistic(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds)) if log_odds >= 0 else 1 - 1 / (1 + math.exp(max(log_odds, -700)))
