"""Moments turned into figures that people read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tocsin.service.audit.estimating.labelled import Spreads
from tocsin.service.audit.estimating.planning import labels_to_halve
from tocsin.service.audit.estimating.records import FigureRecord, Figures
from tocsin.service.statistics.confidence import CONFIDENCE, at_least, at_most, interval
from tocsin.service.statistics.ratios import Limits, part_of_both
from tocsin.service.statistics.spread import Spread

__all__ = ["FEW", "figure_records", "figures", "limits", "no_figures", "part_figures"]

FEW: Final = 10  # labels below which nothing is told


def figure_records(spreads: Sequence[Spread], confidence: float = CONFIDENCE) -> list[FigureRecord]:
    """Return estimates with their intervals and their one-sided bounds; many at once take hardly longer."""
    if not spreads:
        return []
    stacked = Spread.stacked(spreads)
    low, high = interval(stacked, confidence)
    columns = (
        np.clip(stacked.value, low, high),
        low,
        high,
        at_least(stacked, confidence),
        at_most(stacked, confidence),
    )
    return [
        FigureRecord(value=value, low=low, high=high, at_least=least, at_most=most)
        for value, low, high, least, most in zip(*(column.tolist() for column in columns), strict=True)
    ]


def figures(spreads: Spreads | None, rows: int, why: str) -> Figures:
    """Return both figures of a share of `rows`, or `why` there are none."""
    if spreads is None or spreads.labels < FEW:
        return no_figures(spreads, why)
    classical, powered = figure_records([spreads.classical, spreads.powered])
    return Figures(
        labels=spreads.labels,
        hits=spreads.hits,
        classical=classical,
        powered=powered,
        more_labels=labels_to_halve(spreads.powered, spreads.labels, rows),
    )


def no_figures(spreads: Spreads | None, why: str) -> Figures:
    """Return why there are none."""
    labels, hits = (spreads.labels, spreads.hits) if spreads else (0, 0)
    return Figures(labels=labels, hits=hits, why=why)


def part_figures(part: Spreads, rest: Spreads, share: float) -> Figures:
    """Return which part of all hits lies in `part`, which is a `share` of all rows."""
    one = limits(Spread.stacked([part.classical, part.powered]), scale=share)
    other = limits(Spread.stacked([rest.classical, rest.powered]), scale=1 - share)
    found = part_of_both(one, other)
    labels, hits = part.labels + rest.labels, part.hits + rest.hits
    if np.isnan(found.value).any():
        return Figures(labels=labels, hits=hits, why="no hit was found")
    ends = zip(found.value.tolist(), found.low.tolist(), found.high.tolist(), strict=True)
    classical, powered = (FigureRecord(value=value, low=low, high=high) for value, low, high in ends)
    return Figures(labels=labels, hits=hits, classical=classical, powered=powered)


def limits(spread: Spread, confidence: float = CONFIDENCE, scale: float = 1.0) -> Limits:
    """Return estimates and their ends, each times `scale`."""
    low, high = interval(spread, confidence)
    return Limits(np.clip(spread.value, low, high) * scale, low * scale, high * scale)
