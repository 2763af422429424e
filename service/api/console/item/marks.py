"""Where a model's spans mark a text, several of them over one another."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from tocsin.signals import Signal

__all__ = ["Marks"]

_MOST: Final = 1_000
_KNOWN: Final = [signal.value for signal in Signal]


class Marks:
    """Tell which signals a model's spans mark anywhere in a text; spans that make no sense mark nothing."""

    def __init__(self, spans: Sequence[Mapping[str, Any]], length: int) -> None:
        sound = [span for one in spans[:_MOST] if (span := _sound(one, length)) is not None]
        self.edges: Sequence[int] = sorted({edge for start, end, _ in sound for edge in (start, end)})
        self.signals = _in_order(signal for _, _, signal in sound)
        opening: dict[int, Counter[str]] = {edge: Counter() for edge in self.edges}
        for start, end, signal in sound:
            opening[start][signal] += 1
            opening[end][signal] -= 1
        standing: Counter[str] = Counter()
        self._from: list[tuple[str, ...]] = []
        for edge in self.edges:
            standing.update(opening[edge])
            self._from.append(_in_order(signal for signal, count in standing.items() if count))

    def runs(self, start: int, end: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Yield the runs of a stretch that have the same signals, in order, none of them empty."""
        inner = self.edges[bisect_right(self.edges, start) : bisect_left(self.edges, end)]
        for first, last in pairwise([start, *inner, end]):
            if first < last:
                yield first, last, self._at(first)

    def within(self, start: int, end: int) -> tuple[str, ...]:
        """Return every signal that has a mark in a stretch."""
        return _in_order(signal for _, _, signals in self.runs(start, end) for signal in signals)

    def _at(self, place: int) -> tuple[str, ...]:
        before = bisect_right(self.edges, place) - 1
        return self._from[before] if before >= 0 else ()


def _sound(span: Mapping[str, Any], length: int) -> tuple[int, int, str] | None:
    start, end, signal = span.get("start"), span.get("end"), span.get("signal")
    if type(start) is not int or type(end) is not int or signal not in _KNOWN:
        return None
    return (start, end, str(signal)) if 0 <= start < end <= length else None


def _in_order(signals: Iterable[str]) -> tuple[str, ...]:
    found = set(signals)
    return tuple(signal.value for signal in Signal if signal.value in found)
