"""Offsets as JavaScript and this wire format count them: in UTF-16 code units."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["code_points", "code_units"]

_LAST_OF_ONE_UNIT: Final = "\uffff"


def code_units(text: str) -> int:
    """Return how many UTF-16 code units `text` takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def code_points(text: str, places: Sequence[int]) -> list[int]:
    """Return the code point of `text` that starts at, or is cut by, each of these code units."""
    ends = list(accumulate(1 + (character > _LAST_OF_ONE_UNIT) for character in text))
    return [bisect_right(ends, place) for place in places]
