"""Prevalence slice by slice: small ones kept back, and all of them readable side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tocsin.service.audit.estimating.figures import figure_records, limits
from tocsin.service.audit.estimating.labelled import Domain, Labelled, Spreads
from tocsin.service.audit.estimating.population import Cut
from tocsin.service.audit.estimating.records import CutRecord, Difference, Figures, SliceRecord
from tocsin.service.audit.slicing import LEAST_ROWS
from tocsin.service.statistics.confidence import CONFIDENCE
from tocsin.service.statistics.ratios import apart
from tocsin.service.statistics.spread import Spread

__all__ = ["FEW_LABELS", "cut_record"]

FEW_LABELS: Final = 20


def cut_record(name: str, cut: Cut, whole: Domain, labelled: Labelled, policy: int) -> CutRecord:
    """Return what the labels say of each slice of one column, the largest first.

    Intervals `beside` each other are Bonferroni's: each has the confidence with which all hold together at
    95%. Whether a slice differs is told of it and all the rest, which share no row, at the same confidence.
    """
    sizes = cut.totals.rows.sum(axis=1)
    ranked = [code for code in np.argsort(-sizes, kind="stable").tolist() if sizes[code] >= LEAST_ROWS]
    slices = [_read(name, code, cut, whole, labelled, policy) for code in ranked]
    told = [one for one in slices if one.inside is not None]
    records = dict(zip((one.code for one in told), _told(told), strict=True))
    small = sizes[sizes < LEAST_ROWS]
    return CutRecord(
        slices=tuple(
            SliceRecord(
                value=cut.values[one.code],
                rows=int(sizes[one.code]),
                **(records[one.code] if one.code in records else {"prevalence": _untold(one)}),
            )
            for one in slices
        ),
        suppressed=len(small),
        suppressed_rows=int(small.sum()),
    )


@dataclass(frozen=True, slots=True)
class _Slice:
    """Hold what labels say of one slice and of all the rest; None where they are too few."""

    code: int
    labels: int
    hits: int
    inside: Spreads | None
    rest: Spreads | None


def _read(name: str, code: int, cut: Cut, whole: Domain, labelled: Labelled, policy: int) -> _Slice:
    inside = labelled.slices[name] == code
    labels, hits = int(inside.sum()), int(labelled.hits[inside].sum())
    if labels < FEW_LABELS:
        return _Slice(code, labels, hits, None, None)
    domain = Domain.of(cut.totals.rows[code], cut.totals.scores[code, :, policy])
    return _Slice(
        code, labels, hits, labelled.say(domain, inside), labelled.say(whole.without(domain), ~inside)
    )


def _told(slices: Sequence[_Slice]) -> list[dict[str, Any]]:
    """Return of each slice its prevalence, its interval beside the others, and whether it differs."""
    spreads = [one.inside for one in slices if one.inside is not None]
    confidence = 1 - (1 - CONFIDENCE) / max(len(slices), 1)
    classical = figure_records([one.classical for one in spreads])
    powered = figure_records([one.powered for one in spreads])
    beside = figure_records([one.powered for one in spreads], confidence)
    return [
        {
            "prevalence": Figures(labels=one.labels, hits=one.hits, classical=alone, powered=helped),
            "beside": wide,
            "differs": differs,
        }
        for one, alone, helped, wide, differs in zip(
            spreads, classical, powered, beside, _differences(slices, confidence), strict=True
        )
    ]


def _differences(slices: Sequence[_Slice], confidence: float) -> list[Difference | None]:
    pairs = [(one.code, one.inside, one.rest) for one in slices if one.inside and one.rest]
    if not pairs:
        return [None] * len(slices)
    one = limits(Spread.stacked([inside.powered for _, inside, _ in pairs]), confidence)
    other = limits(Spread.stacked([rest.powered for _, _, rest in pairs]), confidence)
    found = apart(one, other)
    said: dict[int, Difference] = {}
    for (code, _, _), low, high in zip(pairs, found.low.tolist(), found.high.tolist(), strict=True):
        if low > 0:
            said[code] = "higher"
        elif high < 0:
            said[code] = "lower"
    return [said.get(one.code) for one in slices]


def _untold(one: _Slice) -> Figures:
    return Figures(labels=one.labels, hits=one.hits, why=f"fewer than {FEW_LABELS} labels")
