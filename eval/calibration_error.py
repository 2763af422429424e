"""How far probabilities are from the shares that they promise, corpus by corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from tocsin.eval.slices import Slice
from tocsin.eval.statistics.intervals import Estimate, bootstrapped
from tocsin.models.calibration import Calibration, shifted
from tocsin.signals import Signal

__all__ = [
    "AIMED_POSITIVES",
    "ERROR",
    "LARGEST_ERROR",
    "LEAST_OF_A_CLASS",
    "SKILL",
    "SURELY_OTHERWISE",
    "CalibrationCell",
    "CalibrationRows",
    "Reliability",
    "Shift",
    "calibration_cell",
    "calibration_rows",
]

BINS: Final = 10
LEAST_OF_A_CLASS: Final = 50  # a cell with fewer test rows of a class is not measured
AIMED_POSITIVES: Final = 200  # a cell with fewer test positives is measured and held to no aim
LARGEST_ERROR: Final = 0.03
SURELY_OTHERWISE: Final = 0.001  # chance makes two shares differ as much less often than this
ERROR: Final = "debiased_calibration_error"
SKILL: Final = "brier_skill"
_SAMPLING: Final = 1  # times the noise of drawing that a sample has
_RESAMPLING: Final = 2  # and a draw from it

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
Places = NDArray[np.intp]
CalibrationRows = Mapping[str, Mapping[str, Mapping[str, Mapping[str, Any]]]]


class Shift(StrEnum):
    """Name a way to move scores to another share of positives.

    `PRIOR` multiplies the odds by what the two shares say; `MATCHED` adds to the log-odds what makes
    the mean score of the calibration rows equal to their share.
    """

    PRIOR = "prior"
    MATCHED = "matched"


@dataclass(frozen=True, slots=True)
class CalibrationCell:
    """Hold how well the scores of one corpus, signal and language keep what they promise.

    Scores are moved to the share of positives among the corpus's own calibration rows, which
    `fitted_on` counts (positives, negatives); test rows play no part in that. `estimates` are those of
    each shift, by name; `lacks` says what a cell without any was lacking. `bins` are those of the prior
    shift that have a row: how many, their mean score, and how many of them are positive.
    """

    corpus: str
    signal: Signal
    language: str
    positives: int
    negatives: int
    fitted_on: tuple[int, int] | None
    estimates: Mapping[Shift, Mapping[str, Estimate]]
    lacks: str | None
    bins: tuple[tuple[int, float, int], ...] = ()

    @property
    def prevalence(self) -> float | None:
        """Return the share of positives that scores are moved to."""
        return self.fitted_on[0] / sum(self.fitted_on) if self.fitted_on else None

    @property
    def aimed(self) -> bool:
        """Say whether the cell is large enough to be held to the aim."""
        return self.positives >= AIMED_POSITIVES and bool(self.estimates)

    @property
    def drawn_otherwise(self) -> bool:
        """Say whether test and calibration rows differ in their share of positives beyond chance.

        By Fisher's exact test, two-sided, which takes rows for independent of each other.
        """
        counts = (self.positives, self.negatives)
        return self.fitted_on is not None and bool(
            fisher_exact([counts, self.fitted_on]).pvalue < SURELY_OTHERWISE
        )

    def missed(self, shift: Shift) -> frozenset[str]:
        """Return the names of the figures that miss the aim: an error of .03 at most, a skill above 0."""
        if not self.aimed:
            return frozenset()
        missed = {
            ERROR: self.estimates[shift][ERROR].value > LARGEST_ERROR,
            SKILL: self.estimates[shift][SKILL].value <= 0,
        }
        return frozenset(name for name, does in missed.items() if does)


def calibration_rows(training: Mapping[str, Any]) -> CalibrationRows | None:
    """Return what a training record says of calibration rows, None where it is too old to say it."""
    found: CalibrationRows | None = training.get("calibration_rows")
    return found


def calibration_cell(
    part: Slice, calibration: Calibration, rows: CalibrationRows | None
) -> CalibrationCell | None:
    """Return how well one slice is calibrated, None where it has too few rows of a class to tell."""
    scaling = calibration.of(part.signal, part.language)
    if scaling is None or min(part.positives, part.negatives) < LEAST_OF_A_CLASS:
        return None
    told = rows.get(part.corpus, {}).get(part.signal, {}).get(part.language, {}) if rows else {}
    counts = (told["positives"], told["negatives"]) if told else None
    lacks = _lacking(rows, counts)
    estimates: Mapping[Shift, Mapping[str, Estimate]] = {}
    bins: tuple[tuple[int, float, int], ...] = ()
    if counts and not lacks:
        expected = counts[0] / sum(counts)
        moved = {
            Shift.PRIOR: shifted(part.scores, scaling.reference_prevalence, expected),
            Shift.MATCHED: _offset(part.scores, told["matched"]),
        }
        found = {shift: Reliability.of(part.labels, scores, expected) for shift, scores in moved.items()}
        estimates = {shift: reliability.estimates(part.groups) for shift, reliability in found.items()}
        bins = tuple(found[Shift.PRIOR].bins())
    return CalibrationCell(
        part.corpus,
        part.signal,
        part.language,
        part.positives,
        part.negatives,
        counts,
        estimates,
        lacks,
        bins,
    )


def _offset(scores: Floats, offset: float) -> Floats:
    """Return probabilities whose log-odds are larger by `offset`."""
    ratio = np.exp(offset)
    return np.asarray(ratio * scores / (1 - scores + ratio * scores))


def _lacking(rows: CalibrationRows | None, counts: tuple[int, int] | None) -> str | None:
    if rows is None:
        return "the training record lacks the counts of calibration rows by corpus"
    if counts is None:
        return "no calibration rows of its own"
    return None if min(counts) else "calibration rows of one class only"


@dataclass(frozen=True, slots=True)
class Reliability:
    """Hold probabilities in bins of equal mass, beside what came of them.

    `places` is each row's bin: rows are cut into ten by the rank of their score, and rows of one
    score share a bin. `expected` is the share of positives that a forecast without skill would name.
    """

    labels: Floats
    scores: Floats
    places: Places
    expected: float

    @classmethod
    def of(cls, labels: Labels, scores: Floats, expected: float) -> Reliability:
        """Return the bins of ``(rows,)`` labels, 1 and 0, and probabilities."""
        ranks = np.searchsorted(np.sort(scores), scores, side="left")
        return cls(labels.astype(np.float64), scores, ranks * BINS // len(scores), expected)

    def bins(self) -> Iterator[tuple[int, float, int]]:
        """Yield of each bin that has a row: how many, their mean score, and how many are positive."""
        for place in range(BINS):
            here = self.places == place
            if here.any():
                yield int(here.sum()), float(self.scores[here].mean()), int(self.labels[here].sum())

    def estimates(self, groups: Places | None = None) -> Mapping[str, Estimate]:
        """Return the debiased calibration error and the Brier skill score with their intervals.

        Rows that share a number of `groups` are drawn together.
        """
        return bootstrapped(self.figures, len(self.labels), of_draws=self.of_draw, groups=groups)

    def figures(self, weights: Floats) -> Mapping[str, float]:
        """Return both figures of the rows, each counted as often as its weight says."""
        return self._figures(weights, _SAMPLING)

    def of_draw(self, weights: Floats) -> Mapping[str, float]:
        """Return both figures of a draw from the rows.

        A draw has the noise of the sample and that of drawing from it. The error takes off both:
        otherwise its interval would lie above the figure itself.
        """
        return self._figures(weights, _RESAMPLING)

    def squared_error(self, weights: Floats, noise: int = _SAMPLING) -> float:
        """Return the mean squared distance of scores and shares over bins, less what chance adds.

        The debiased estimator of Kumar, Liang and Ma (2019), who take the bias from Bröcker (2012)
        and Ferro and Fricker (2012), in bins of equal mass as Roelofs et al. (2022) recommend:
        ``sum(n / N * ((score - share) ** 2 - share * (1 - share) / (n - 1)))``, n rows in a bin.
        Unbiased where a bin's scores are alike, so it can be negative. `noise` 0 gives the plain
        estimator, which is not 0 for perfect calibration.
        """
        rows = np.bincount(self.places, weights, BINS)
        scores = np.bincount(self.places, weights * self.scores, BINS) / np.maximum(rows, 1)
        shares = np.bincount(self.places, weights * self.labels, BINS) / np.maximum(rows, 1)
        chance = shares * (1 - shares) / np.maximum(rows - 1, 1)  # one row alone: nothing to take off
        return float(rows @ ((scores - shares) ** 2 - noise * chance) / rows.sum())

    def _figures(self, weights: Floats, noise: int) -> Mapping[str, float]:
        ours = weights @ (self.scores - self.labels) ** 2
        constant = weights @ (self.expected - self.labels) ** 2
        return {
            ERROR: float(np.sqrt(max(self.squared_error(weights, noise), 0.0))),
            SKILL: float(1 - ours / constant),
        }
