"""How the page writes figures, and the scale that the intervals of one column share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Better, Kind, Plain
from tocsin.page.scale import Scale, signed
from tocsin.page.views import NOTHING

__all__ = ["BETTER", "NUMERIC", "interval", "number", "scale_over"]

BETTER: Final = {Better.HIGHER: "higher is better", Better.LOWER: "lower is better"}
NUMERIC: Final = frozenset({Kind.COUNT, Kind.SHARE, Kind.SCORE, Kind.CHANGE, Kind.POINTS})
_DIFFERENCES: Final = frozenset({Kind.CHANGE, Kind.POINTS})


def _count(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


_WRITTEN: Final[Mapping[Kind, Callable[[float], str]]] = {
    Kind.TEXT: lambda value: f"{value:g}",
    Kind.CODE: lambda value: f"{value:g}",
    Kind.COUNT: _count,
    Kind.SHARE: lambda value: f"{value:.1%}",
    Kind.SCORE: lambda value: signed(f"{value:.3f}"),
    Kind.CHANGE: lambda value: signed(f"{value:+.3f}"),
    Kind.POINTS: lambda value: signed(f"{100 * value:+.1f}"),
}
_UNITS: Final[Mapping[Kind, str]] = {Kind.POINTS: " pp"}


def number(value: Plain, kind: Kind) -> str:
    """Return a cell's figure or text, without its interval."""
    if value is None:
        return NOTHING
    if isinstance(value, Estimate):
        value = value.value
    if isinstance(value, str):
        return value
    return _finite(value, kind) + (_UNITS.get(kind, "") if math.isfinite(value) else "")


def interval(value: Plain, kind: Kind) -> str | None:
    """Return the interval of an estimate in brackets, None for anything without one."""
    if not isinstance(value, Estimate) or not _known(value):
        return None
    return f"[{_finite(value.low, kind)}, {_finite(value.high, kind)}]"


def _finite(value: float, kind: Kind) -> str:
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return _WRITTEN[kind](value)


def _known(value: Estimate) -> bool:
    return all(math.isfinite(part) for part in (value.low, value.value, value.high))


def scale_over(values: Iterable[Plain], kind: Kind) -> Scale | None:
    """Return the scale that holds all figures and their intervals, None where there are none."""
    return Scale.over(
        [end for value in values for end in _ends(value)],
        factor=100.0 if kind in {Kind.SHARE, Kind.POINTS} else 1.0,
        unit="%" if kind is Kind.SHARE else "",
        differences=kind in _DIFFERENCES,
    )


def _ends(value: Plain) -> list[float]:
    if isinstance(value, Estimate):
        return [value.low, value.value, value.high] if _known(value) else []
    return [float(value)] if isinstance(value, int | float) and math.isfinite(value) else []
