"""What a step of normalising answers, and the two ways of carrying it out: with offsets or without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

__all__ = ["Edit", "Normalised", "Step", "edited"]

Edit = tuple[int, int, str]  # characters from, to (end exclusive), and what stands there instead
Step = Callable[[str], Sequence[Edit]]  # edits in order, none empty, none overlapping


@dataclass(frozen=True, slots=True)
class Normalised:
    """Hold normalised text and, for each of its characters, where it came from.

    Character ``i`` of `text` was made from the original's characters ``starts[i]`` to ``ends[i]``
    (code points, end exclusive).
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Return a text that nothing has been done to."""
        return cls(text, tuple(range(len(text))), tuple(range(1, len(text) + 1)))

    def edited(self, edits: Sequence[Edit]) -> Normalised:
        """Return the text after `edits`; what is put in came from the whole of what it replaces."""
        if not edits:
            return self
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for start, end, new in edits:
            starts += self.starts[last:start]
            ends += self.ends[last:start]
            starts += [self.starts[start]] * len(new)
            ends += [self.ends[end - 1]] * len(new)
            last = end
        starts += self.starts[last:]
        ends += self.ends[last:]
        return Normalised(edited(self.text, edits), tuple(starts), tuple(ends))


def edited(text: str, edits: Sequence[Edit]) -> str:
    """Return `text` after `edits`."""
    if not edits:
        return text
    pieces: list[str] = []
    last = 0
    for start, end, new in edits:
        pieces += (text[last:start], new)
        last = end
    pieces.append(text[last:])
    return "".join(pieces)
