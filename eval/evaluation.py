"""A scorer and its test rows become one report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Assessment, ModelStamp, Reason, Status
from tocsin.errors import InputError
from tocsin.eval.audits import audit_rates, functionality_rates
from tocsin.eval.calibration_error import CalibrationCell, calibration_cell, calibration_rows
from tocsin.eval.cells import LEAST_ROWS, Cell, cell
from tocsin.eval.intervals import DRAWS
from tocsin.eval.levels import Assessor, Rate, policy_rates
from tocsin.eval.slices import slices
from tocsin.example import Example
from tocsin.item import Item
from tocsin.language import UNDETERMINED
from tocsin.models.calibration import Calibration
from tocsin.signals import Signal

__all__ = ["Report", "evaluate"]


class Calibrated(Protocol):
    """Say at which prevalence scores are probabilities: what a bundle does."""

    @property
    def calibration(self) -> Calibration:
        """Return the scaling of every signal in every language."""
        ...


class Scorer(Assessor, Protocol):
    """Judge items and say who judged: what `tocsin.models` hands out."""

    @property
    def bundle(self) -> Calibrated:
        """Return what it judges with."""
        ...

    @property
    def model(self) -> ModelStamp:
        """Return what identifies its bundle."""
        ...


@dataclass(frozen=True, slots=True)
class Detection:
    """Count what becomes of one corpus's test rows in one language if nobody names their language.

    `undetermined` are judged as the assumed language, `mistaken` as another one, `refused` not at all.
    """

    corpus: str
    language: str
    rows: int
    undetermined: int
    mistaken: int
    refused: int


@dataclass(frozen=True, slots=True)
class Report:
    """Hold every figure of one bundle on its test rows."""

    model: ModelStamp
    draws: int
    cells: tuple[Cell, ...]
    calibration: tuple[CalibrationCell, ...]
    rates: tuple[Rate, ...]
    detection: tuple[Detection, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)


def evaluate(
    scorer: Scorer,
    examples: Sequence[Example],
    tell: Callable[[str], None] = lambda _: None,
    *,
    training: Mapping[str, Any] | None = None,
) -> Report:
    """Measure a scorer on test rows; raise InputError where there is none.

    `training` is the record in its bundle: what it says of calibration rows moves scores to the share
    of positives that each corpus is to be expected to have. Without it no error of calibration is measured.
    """
    if not examples:
        raise InputError("an evaluation needs at least one test row, had none")
    tell(f"scoring {len(examples)} test rows")
    assessments = scorer.assess([Item(row.id, row.text, row.language) for row in examples])
    scores = _scores(assessments)
    ranked, calibrated = _measured(scorer.bundle.calibration, examples, scores, training or {}, tell)
    tell("auditing false positives")
    rates = (
        *policy_rates(scorer.policy.policies, examples, assessments, _known(examples, scores)),
        *audit_rates(scorer, examples, assessments),
        *functionality_rates(scorer, examples, assessments),
    )
    tell("detecting languages")
    detection = tuple(_detection(scorer, examples))
    return Report(scorer.model, DRAWS, ranked, calibrated, rates, detection)


def _measured(
    calibration: Calibration,
    examples: Sequence[Example],
    scores: NDArray[np.float64],
    training: Mapping[str, Any],
    tell: Callable[[str], None],
) -> tuple[tuple[Cell, ...], tuple[CalibrationCell, ...]]:
    rows, ranked, calibrated = calibration_rows(training), [], []
    for part in slices(examples, scores):
        ranked.append(cell(part))
        if (found := calibration_cell(part, calibration, rows)) is not None:
            calibrated.append(found)
        tell(f"measured {part.corpus} · {part.signal}")
    return tuple(ranked), tuple(calibrated)


def _scores(assessments: Sequence[Assessment]) -> NDArray[np.float64]:
    """Return ``(rows, signals)``, NaN for null."""
    return np.array(
        [[_number(assessment.signals, signal) for signal in Signal] for assessment in assessments], np.float64
    )


def _known(examples: Sequence[Example], scores: NDArray[np.float64]) -> Mapping[str, frozenset[Signal]]:
    """Return the signals that can be judged in each language."""
    languages = np.array([example.language for example in examples])
    return {language: _judged(scores[languages == language]) for language in np.unique(languages).tolist()}


def _judged(scores: NDArray[np.float64]) -> frozenset[Signal]:
    return frozenset(signal for place, signal in enumerate(Signal) if not np.isnan(scores[:, place]).all())


def _number(signals: Mapping[Signal, float | None], signal: Signal) -> float:
    score = signals.get(signal)
    return float("nan") if score is None else score


def _detection(scorer: Scorer, examples: Sequence[Example]) -> Iterator[Detection]:
    for corpus, language in sorted({(example.corpus, example.language) for example in examples}):
        rows = [one for one in examples if (one.corpus, one.language) == (corpus, language)]
        if len(rows) < LEAST_ROWS:
            continue
        assessments = scorer.assess([Item(row.id, row.text) for row in rows])
        judged = [one.language for one in assessments if one.status is Status.SCORED]
        yield Detection(
            corpus,
            language,
            len(rows),
            undetermined=judged.count(UNDETERMINED),
            mistaken=sum(told not in {UNDETERMINED, language} for told in judged),
            refused=sum(one.reason is Reason.LANGUAGE for one in assessments),
        )
