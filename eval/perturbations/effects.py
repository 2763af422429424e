"""What is still found when texts are written otherwise, at a threshold that texts as posted have fixed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.perturbations.drawn import Drawn, perturbed
from tocsin.eval.perturbations.paired import paired
from tocsin.eval.perturbations.perturbation import Perturbation
from tocsin.eval.statistics.intervals import Estimate, proportion
from tocsin.eval.subject import Subject
from tocsin.models import Scorer
from tocsin.signals import Signal

__all__ = ["FALSE_POSITIVE_RATE", "Attacked", "Effect", "Way", "attacked", "threshold"]

FALSE_POSITIVE_RATE: Final = 0.05

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Way = tuple[Perturbation, float]  # and its strength
_Read = Callable[[Sequence[str], str], Floats]  # texts and their language to (texts, signals), NaN for null


@dataclass(frozen=True, slots=True)
class Effect:
    """Hold what is found in a cell before and after the drawn texts are perturbed.

    `lost` is the share of positives found before less that found after.
    """

    recall_before: Estimate
    recall: Estimate
    lost: Estimate
    fpr_before: Estimate
    fpr: Estimate


@dataclass(frozen=True, slots=True)
class Attacked:
    """Hold what a perturbation does to a cell: to the bundle, and to its weights without the normaliser."""

    cell: Drawn
    way: Perturbation
    strength: float
    normalised: Effect
    plain: Effect


def attacked(subject: Subject, cells: Sequence[Drawn], ways: Sequence[Way]) -> Iterator[Attacked]:
    """Yield what every way of writing otherwise does to every cell, one corpus after another.

    A row that several cells share is written and read once for all.
    """
    for (corpus, language), group in groupby(cells, key=lambda cell: (cell.corpus, cell.language)):
        here = list(group)
        readings = [
            _Reading(subject, corpus, language, read)
            for read in (_normalised(subject.scorer), _plain(subject.scorer))
        ]
        places = np.unique(np.concatenate([[*cell.positives, *cell.negatives] for cell in here]))
        for way, strength in ways:
            texts = perturbed(subject, places, language, way, strength)
            after = [reading.spread(texts, places) for reading in readings]
            for cell in here:
                effects = [
                    reading.effect(cell, scores) for reading, scores in zip(readings, after, strict=True)
                ]
                yield Attacked(cell, way, strength, *effects)


def threshold(negatives: Floats) -> float:
    """Return the score above which 5% of negatives are, or as many as ties allow that are no more.

    NaN, what cannot be judged, is above nothing.
    """
    allowed = math.floor(FALSE_POSITIVE_RATE * len(negatives))
    return float(np.sort(np.nan_to_num(negatives, nan=-np.inf))[::-1][allowed])


class _Reading:
    """Read the rows of one corpus and language in one way."""

    def __init__(self, subject: Subject, corpus: str, language: str, read: _Read) -> None:
        self._read, self._language, self._rows = read, language, len(subject.rows)
        places = subject.places(corpus, language)
        self._before = self.spread([subject.rows[place].text for place in places], places)

    def spread(self, texts: Sequence[str], places: NDArray[np.intp]) -> Floats:
        """Return the scores of texts where their rows stand among all, NaN elsewhere."""
        scores = np.full((self._rows, len(Signal)), np.nan)
        scores[places] = self._read(texts, self._language)
        return scores

    def effect(self, cell: Drawn, after: Floats) -> Effect:
        column = list(Signal).index(cell.signal)
        least = threshold(self._before[cell.all_negatives, column])
        found, still = self._before[:, column] > least, after[:, column] > least
        return Effect(
            _share(found[cell.positives]),
            _share(still[cell.positives]),
            paired(found[cell.positives], still[cell.positives]),
            _share(found[cell.negatives]),
            _share(still[cell.negatives]),
        )


def _normalised(scorer: Scorer) -> _Read:
    return lambda texts, language: scorer.scores(texts, [language] * len(texts))


def _plain(scorer: Scorer) -> _Read:
    """Return how the bundle reads texts that are only lowercased, with single blanks."""

    def read(texts: Sequence[str], language: str) -> Floats:
        judge, screen = scorer.bundle.judge(language), scorer.bundle.screen
        plain = [" ".join(text.lower().split()) for text in texts]
        words = screen.read_normal(plain).words  # none: no model is asked
        margins = np.full((len(texts), len(Signal)), np.nan)
        columns = [list(Signal).index(signal) for signal in judge.signals]
        margins[:, columns] = np.where(words[:, None] > 0, judge.read_normal(plain).margins, np.nan)
        return margins

    return read


def _share(flags: Flags) -> Estimate:
    return proportion(int(flags.sum()), len(flags))
