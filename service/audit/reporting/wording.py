"""How a report writes shares, counts and names."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tocsin.service.audit.estimating import FigureRecord

__all__ = ["apart", "many", "named", "percent", "posts_in", "span", "value_of"]

_NEARLY_ALL: Final = 99.5
_FEW: Final = 100
_DIGITS: Final = (2, 3, 4)


def percent(share: float, digits: int = 2) -> str:
    """Return a share in percent, to so many digits that are not leading noughts; never all but what is."""
    value = 100 * share
    if value <= 0:
        return "0%"
    if value >= _NEARLY_ALL:
        return "100%" if share >= 1 else f"{min(value, 99.9):.1f}%"
    value = float(f"{value:.{digits - 1}e}")
    places = max(0, digits - 1 - math.floor(math.log10(value)))
    return f"{value:.{places}f}%"


def span(figure: FigureRecord) -> str:
    """Return the ends of an interval as they stand after "between"."""
    low, _, high = apart(figure)
    return f"{low} and {high}"


def apart(figure: FigureRecord) -> tuple[str, str, str]:
    """Return low end, best guess and high end, with so many digits that they differ where they do."""
    values = (figure.low, figure.value, figure.high)
    for digits in _DIGITS:
        low, value, high = (percent(one, digits) for one in values)
        if len({low, value, high}) == len(set(values)):
            break
    return low, value, high


def posts_in(figure: FigureRecord, rows: int) -> str:
    """Return how many of all rows an interval comes to, to two digits."""
    low, high = _round(figure.low * rows), _round(figure.high * rows)
    return f"{low:,} to {high:,} of {rows:,} posts"


def many(count: int, one: str, several: str = "") -> str:
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def named(name: str) -> str:
    """Return a policy's name as a finding has it: emphasised."""
    return f"*{name}*"


def value_of(value: str | None) -> str:
    """Return a slice's value as people read it."""
    if value is None:
        return "(none)"
    return value if value.strip() else "(blank)"


def _round(value: float) -> int:
    if value < _FEW:
        return round(value)
    unit = int(10 ** (math.floor(math.log10(value)) - 1))
    return round(value / unit) * unit
