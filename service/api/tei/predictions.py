"""Signals as labels: what a classifier of the TEI format answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from tocsin.assessment import SCORE_DECIMALS
from tocsin.service.api.judged import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tocsin.assessment import Assessment
    from tocsin.models import Scorer

__all__ = ["log_odds", "predictions", "why_unlabelled"]

_SMALLEST: Final = 2.0**-53  # a float this near to 0 or 1 cannot be told from it


def predictions(assessment: Assessment, *, raw_scores: bool = False) -> list[dict[str, Any]]:
    """Return a label for each signal that is known in the text's language, highest score first.

    With `raw_scores`, log-odds stand for probabilities. A signal that is null has no label.
    """
    known = [(score, signal) for signal, score in assessment.signals.items() if score is not None]
    known.sort(key=lambda one: -one[0])
    return [
        {
            "label": signal.value,
            "score": round(log_odds(score) if raw_scores else score, SCORE_DECIMALS),
        }
        for score, signal in known
    ]


def why_unlabelled(
    assessments: Sequence[Assessment], scorer: Scorer, name: Callable[[int], str]
) -> str | None:
    """Return which texts have no label and why, None where all have one; `name` names a place."""
    why = {
        place: f"language: no signal is known in {scorer.judged_as(one)}"
        for place, one in enumerate(assessments)
        if all(score is None for score in one.signals.values())
    }
    return listed("that can be judged", why, name)


def log_odds(probability: float) -> float:
    """Return ``log(p / (1 - p))``, from -36.7 to 36.7: JSON has no infinities."""
    bounded = min(max(probability, _SMALLEST), 1 - _SMALLEST)
    return math.log(bounded) - math.log1p(-bounded)
