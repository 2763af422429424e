"""How far items lie past the nearest level, and how two tiers differ in that: what a label would teach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Assessment, Standing
from tocsin.models.admission import by_language
from tocsin.models.cascade import Cascade, closeness
from tocsin.models.gates import FittedPolicy
from tocsin.models.text_judge import SIGNALS, Judged
from tocsin.signals import Signal

__all__ = ["with_standings"]

_LEAST: Final = 1e-15  # nearer to 0 or 1 no probability is told apart

Floats = NDArray[np.float64]


def with_standings(
    made: Sequence[Assessment],
    found: Judged,
    policies: Mapping[str, Sequence[FittedPolicy]],
    cascade: Cascade | None,
) -> list[Assessment]:
    """Return assessments with their standings; what could not be judged has none."""
    judged = np.full((len(made), 2), np.nan)
    for language, rows in by_language(found.admissions, policies):
        judged[rows, 0] = closeness(policies[language], _columns(_log_odds(found.scores[rows])))
    for language, (places, margins) in found.estimates.items():
        if cascade is not None:
            told = {signal: margins[:, place] for place, signal in enumerate(cascade.signals)}
            nothing = dict.fromkeys(SIGNALS, np.full(len(margins), np.nan))
            judged[places, 1] = closeness(policies[language], nothing | told)
    judged[~found.encoded, 1] = np.nan  # the screen's own word is no second opinion
    return [
        replace(one, standing=None if one.tier is None else _standing(*row))
        for one, row in zip(made, judged.tolist(), strict=True)
    ]


def _standing(judged: float, screened: float) -> Standing:
    return Standing(judged, None if np.isnan(screened) else screened)


def _log_odds(scores: Floats) -> Floats:
    bounded = np.clip(scores, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(bounded) - np.log1p(-bounded))


def _columns(table: Floats) -> Mapping[Signal, Floats]:
    return {signal: table[:, place] for place, signal in enumerate(SIGNALS)}
