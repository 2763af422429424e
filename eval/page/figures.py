"""How the page writes figures, and the scale that the intervals of one column share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Better, Kind, Plain

__all__ = ["BETTER", "NOTHING", "NUMERIC", "Scale", "interval", "number"]

NOTHING: Final = "–"
BETTER: Final = {Better.HIGHER: "higher is better", Better.LOWER: "lower is better"}
NUMERIC: Final = frozenset({Kind.COUNT, Kind.SHARE, Kind.SCORE, Kind.CHANGE, Kind.POINTS})
_DIFFERENCES: Final = frozenset({Kind.CHANGE, Kind.POINTS})
_TICKS: Final = 4
_STEPS: Final = (1, 2, 5, 10)


def _signed(text: str) -> str:
    """Return a difference with a real minus; what rounds to nothing has no sign."""
    return text.lstrip("+-") if not text.strip("+-0.") else text.replace("-", "−")


def _count(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


_WRITTEN: Final[Mapping[Kind, Callable[[float], str]]] = {
    Kind.TEXT: lambda value: f"{value:g}",
    Kind.CODE: lambda value: f"{value:g}",
    Kind.COUNT: _count,
    Kind.SHARE: lambda value: f"{value:.1%}",
    Kind.SCORE: lambda value: _signed(f"{value:.3f}"),
    Kind.CHANGE: lambda value: _signed(f"{value:+.3f}"),
    Kind.POINTS: lambda value: _signed(f"{100 * value:+.1f}"),
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


@dataclass(frozen=True, slots=True)
class Scale:
    """Hold the ends of a scale, both round numbers, and the distance of its ticks."""

    low: float
    high: float
    step: float
    kind: Kind

    @classmethod
    def over(cls, values: Iterable[Plain], kind: Kind) -> Scale | None:
        """Return the scale that holds all figures and their intervals, None where there are none.

        A scale of differences holds nought as well.
        """
        ends = [end for value in values for end in _ends(value)]
        if not ends:
            return None
        ends += [0.0] if kind in _DIFFERENCES else []
        step = _step(max(ends) - min(ends))
        low, high = math.floor(min(ends) / step + 1e-9), math.ceil(max(ends) / step - 1e-9)
        return cls(low * step, max(high, low + 1) * step, step, kind)

    def at(self, value: float) -> float:
        """Return where a value stands, in percent of the scale's length."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 1)

    @property
    def crosses_nought(self) -> bool:
        """Say whether nought stands inside, where it parts better from worse."""
        return self.kind in _DIFFERENCES

    @property
    def ticks(self) -> list[float]:
        """Return its round numbers from end to end."""
        return [
            self.low + place * self.step for place in range(round((self.high - self.low) / self.step) + 1)
        ]

    def written(self, value: float) -> str:
        """Return a round number as short as it goes."""
        scaled = round(100 * value if self.kind in {Kind.SHARE, Kind.POINTS} else value, 6)
        text = f"{scaled + 0.0:+g}" if self.crosses_nought else f"{scaled + 0.0:g}"
        return _signed(text) + ("%" if self.kind is Kind.SHARE else "")


def _ends(value: Plain) -> list[float]:
    if isinstance(value, Estimate):
        return [value.low, value.value, value.high] if _known(value) else []
    return [float(value)] if isinstance(value, int | float) and math.isfinite(value) else []


def _step(span: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that few ticks take through a span."""
    wanted = max(span, 1e-3) / _TICKS
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(power * factor for factor in _STEPS if power * factor >= wanted * (1 - 1e-9))
