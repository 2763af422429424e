"""A scorer and its test rows become one report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Assessment, ModelStamp, Reason, Status
from tocsin.errors import InputError
from tocsin.eval.cells import LEAST_ROWS, Cell, cells
from tocsin.eval.intervals import DRAWS
from tocsin.eval.levels import Assessor, Rate, audit_rates, policy_rates
from tocsin.example import Example
from tocsin.item import Item
from tocsin.signals import Signal

__all__ = ["Report", "evaluate"]


class Scorer(Assessor, Protocol):
    """Judge items and say who judged: what `tocsin.models` hands out."""

    @property
    def model(self) -> ModelStamp:
        """Return what identifies its bundle."""
        ...


@dataclass(frozen=True, slots=True)
class Detection:
    """Count the test rows of one corpus that the scorer would not judge if nobody named their language."""

    corpus: str
    rows: int
    undetermined: int
    refused: int


@dataclass(frozen=True, slots=True)
class Report:
    """Hold every figure of one bundle on its test rows."""

    model: ModelStamp
    draws: int
    cells: tuple[Cell, ...]
    rates: tuple[Rate, ...]
    detection: tuple[Detection, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return asdict(self)


def evaluate(
    scorer: Scorer, examples: Sequence[Example], tell: Callable[[str], None] = lambda _: None
) -> Report:
    """Measure a scorer on test rows; raise InputError where there is none."""
    if not examples:
        raise InputError("an evaluation needs at least one test row, had none")
    tell(f"scoring {len(examples)} test rows")
    assessments = scorer.assess([Item(row.id, row.text, row.language) for row in examples])
    scores = _scores(assessments)
    known = frozenset(signal for place, signal in enumerate(Signal) if not np.isnan(scores[:, place]).all())
    found = []
    for cell in cells(examples, scores):
        tell(f"measured {cell.corpus} · {cell.signal}")
        found.append(cell)
    tell("auditing false positives")
    rates = (*policy_rates(scorer, examples, assessments, known), *audit_rates(scorer, examples))
    tell("detecting languages")
    return Report(scorer.model, DRAWS, tuple(found), rates, tuple(_detection(scorer, examples)))


def _scores(assessments: Sequence[Assessment]) -> NDArray[np.float64]:
    """Return ``(rows, signals)``, NaN for null."""
    return np.array(
        [[_number(assessment.signals, signal) for signal in Signal] for assessment in assessments], np.float64
    )


def _number(signals: Mapping[Signal, float | None], signal: Signal) -> float:
    score = signals.get(signal)
    return float("nan") if score is None else score


def _detection(scorer: Scorer, examples: Sequence[Example]) -> Iterator[Detection]:
    for corpus in sorted({example.corpus for example in examples}):
        rows = [example for example in examples if example.corpus == corpus]
        if len(rows) < LEAST_ROWS:
            continue
        assessments = scorer.assess([Item(row.id, row.text) for row in rows])
        yield Detection(
            corpus,
            len(rows),
            undetermined=sum(one.language == "und" and one.status is Status.SCORED for one in assessments),
            refused=sum(one.reason is Reason.LANGUAGE for one in assessments),
        )
