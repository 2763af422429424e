"""How a report writes shares, counts and names."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.service.audit.estimating import FigureRecord

__all__ = ["apart", "at_most", "many", "named", "percent", "posts_in", "span", "value_of"]

_ALL: Final = 100
_NEARLY_ALL: Final = 99.5
_NEXT_TO_ALL: Final = Decimal("99.9")
_FEW: Final = 100
_DIGITS: Final = (2, 3, 4)


def percent(share: float, digits: int = 2, rounding: str = ROUND_HALF_EVEN) -> str:
    """Return a share in percent, to so many digits that are not leading noughts; never all but what is."""
    value = 100 * share
    if value <= 0:
        return "0%"
    if value >= _NEARLY_ALL:
        is_all = share >= 1 or (rounding == ROUND_CEILING and _rounded(value, -1, rounding) >= _ALL)
        return "100%" if is_all else f"{min(_rounded(value, -1, rounding), _NEXT_TO_ALL)}%"
    exponent = math.floor(math.log10(value)) - digits + 1
    rounded = _rounded(value, exponent, rounding)
    if rounded.adjusted() - digits + 1 > exponent:  # 9.96 becomes 10, not 10.0
        rounded = _rounded(value, exponent + 1, rounding)
    return f"{rounded:f}%"


def at_most(share: float) -> str:
    """Return an upper bound in percent: rounded up, so that it still holds."""
    return percent(share, rounding=ROUND_CEILING)


def span(figure: FigureRecord) -> str:
    """Return the ends of an interval as they stand after "between"."""
    low, _, high = apart(figure)
    return f"{low} and {high}"


def apart(figure: FigureRecord) -> tuple[str, str, str]:
    """Return low end, best guess and high end, with so many digits that they differ where they do.

    Ends are rounded outwards: an interval that was made narrower would hold less often than it says.
    """
    values = (figure.low, figure.value, figure.high)
    for digits in _DIGITS:
        low = percent(figure.low, digits, ROUND_FLOOR)
        value = percent(figure.value, digits)
        high = percent(figure.high, digits, ROUND_CEILING)
        if len({low, value, high}) == len(set(values)):
            break
    return low, value, high


def posts_in(figure: FigureRecord, rows: int) -> str:
    """Return how many of all rows an interval comes to, to two digits, rounded outwards."""
    low, high = _round(figure.low * rows, math.floor), _round(figure.high * rows, math.ceil)
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


def _rounded(value: float, exponent: int, rounding: str) -> Decimal:
    """Return a value to the digit of 10 to the `exponent`; what floating point added does not count."""
    return Decimal(f"{value:.12g}").quantize(Decimal(1).scaleb(exponent), rounding)


def _round(value: float, towards: Callable[[float], int]) -> int:
    exact = round(value, 6)  # 390.00000000000006 rows are 390
    if exact < _FEW:
        return towards(exact)
    unit = int(10 ** (math.floor(math.log10(exact)) - 1))
    return towards(exact / unit) * unit
