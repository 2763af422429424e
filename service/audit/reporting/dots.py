"""Estimates as dots with their intervals: by policy, and by slice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tocsin.page.dot_figure import Dot
from tocsin.page.scale import Scale
from tocsin.page.words import clean
from tocsin.service.audit.estimating import EstimatesRecord, FigureRecord
from tocsin.service.audit.estimating.records import CutRecord
from tocsin.service.audit.reporting.wording import value_of

__all__ = ["prevalence_dots", "share_scale", "slice_dots"]


def prevalence_dots(estimates: EstimatesRecord) -> list[Dot]:
    """Return a dot for each policy that has a figure, and another where views have one."""
    return list(_prevalences(estimates))


def slice_dots(name: str, cut: CutRecord) -> list[Dot]:
    """Return a dot for each slice that has a figure, with the interval to read them side by side with."""
    return [
        _dot("", value_of(one.value), name, one.beside or one.prevalence.powered, one.differs or "")
        for one in cut.slices
        if one.prevalence.powered is not None
    ]


def share_scale(dots: Sequence[Dot]) -> Scale | None:
    """Return the scale of shares that holds all dots and nought."""
    ends = [end for dot in dots for end in (dot.low, dot.high)]
    return Scale.over([0.0, *ends], factor=100.0, unit="%") if ends else None


def _prevalences(estimates: EstimatesRecord) -> Iterator[Dot]:
    for policy in estimates.policies:
        views = policy.weighted.powered if policy.weighted else None
        posts = policy.prevalence.powered
        group = policy.name if estimates.weight else ""
        if posts is not None:
            yield _dot(group, "of posts" if group else policy.name, policy.name, posts)
        if views is not None:
            yield _dot(group, f"of {estimates.weight}", policy.name, views)


def _dot(group: str, label: str, whole: str, figure: FigureRecord | None, mark: str = "") -> Dot:
    assert figure is not None  # noqa: S101 - asked beforehand
    return Dot(clean(group), clean(label), clean(whole), figure.value, figure.low, figure.high, clean(mark))
