"""Whatever is evaluated: a scorer, the rows that test it, and what it is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Assessment
from tocsin.errors import InputError
from tocsin.eval.comparison.score_file import ScoreFile
from tocsin.example import Example, gold
from tocsin.item import Item
from tocsin.models import Scorer
from tocsin.signals import Signal

__all__ = ["Subject"]

Floats = NDArray[np.float64]


class Subject:
    """Hold a scorer and its test rows; score them once, whichever suites ask.

    Rows are scored with the language that their corpus names. `training` is the bundle's training
    record. `twins` scored test rows with models of the row's own corpus alone, and with models that never
    saw that corpus. `baseline` is another scorer to compare with, `drift` what was scored before and after
    some time; `rivals` are scores of other classifiers, of as many of the rows as they had. Raises InputError
    where there is no row.
    """

    def __init__(
        self,
        scorer: Scorer,
        rows: Sequence[Example],
        training: Mapping[str, Any] | None = None,
        *,
        twins: tuple[ScoreFile, ScoreFile] | None = None,
        rivals: Sequence[ScoreFile] = (),
        baseline: Scorer | None = None,
        drift: tuple[ScoreFile, ScoreFile] | None = None,
    ) -> None:
        if not rows:
            raise InputError("an evaluation needs at least one test row, had none")
        self.scorer = scorer
        self.rows = rows
        self.training: Mapping[str, Any] = training or {}
        self.twins = twins
        self.rivals = rivals
        self.baseline = baseline
        self.drift = drift

    @cached_property
    def assessments(self) -> Sequence[Assessment]:
        """Return one assessment a row."""
        return self.scorer.assess([Item(row.id, row.text, row.language) for row in self.rows])

    @cached_property
    def scores(self) -> Floats:
        """Return ``(rows, signals)`` probabilities, NaN for null."""
        return signal_scores(self.assessments)

    @cached_property
    def corpora(self) -> frozenset[str]:
        """Return the names of the corpora that have a row here."""
        return frozenset(row.corpus for row in self.rows)

    @cached_property
    def labels(self) -> Mapping[Signal, NDArray[np.int8]]:
        """Return each signal's gold labels: 1, 0, or -1 where nobody judged."""
        return {signal: gold(self.rows, signal) for signal in Signal}

    def places(self, corpus: str, language: str | None = None) -> NDArray[np.intp]:
        """Return where the rows of a corpus stand, those of one language if it is given."""
        return np.flatnonzero(
            [row.corpus == corpus and language in {None, row.language} for row in self.rows]
        )

    def known(self, language: str) -> frozenset[Signal]:
        """Return the signals that the bundle judges in a language."""
        return self.scorer.bundle.manifest.known(language)


def signal_scores(assessments: Iterable[Assessment]) -> Floats:
    """Return ``(rows, signals)`` probabilities, NaN for null."""
    return np.array([[_number(one.signals, signal) for signal in Signal] for one in assessments], np.float64)


def _number(signals: Mapping[Signal, float | None], signal: Signal) -> float:
    score = signals.get(signal)
    return float("nan") if score is None else score
