"""A text as the tokens of one or more windows: long texts are read piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

__all__ = ["Window", "Windows"]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Window:
    """Hold a window's token ids, special ones included, and the characters that they stand for."""

    ids: Ints
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Windows:
    """Cut normalised texts into windows of at most `max_tokens` tokens, each `stride` after the one before.

    `prefix` and `suffix` are the special tokens around each. The last window ends with the text and is as
    long as the others, so that no stretch is read without what stands before it.
    """

    tokenizer: Tokenizer
    max_tokens: int
    stride: int
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    _around: tuple[Ints, Ints] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 < self.stride <= self.room:
            raise ValueError(f"stride must be between 1 and {self.room}, was {self.stride}")
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        around = np.array(self.prefix, np.int64), np.array(self.suffix, np.int64)
        object.__setattr__(self, "_around", around)

    @property
    def room(self) -> int:
        """Return how many of a window's tokens are the text's own."""
        return self.max_tokens - len(self.prefix) - len(self.suffix)

    def of(self, texts: Sequence[str]) -> list[list[Window]]:
        """Return the windows of each text, at least one, in order."""
        found = self.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [list(self._cut(encoding)) for encoding in found]

    def _cut(self, encoding: Encoding) -> Iterator[Window]:
        ids, places = np.array(encoding.ids, np.int64), encoding.offsets
        before, after = self._around
        for first in self._starts(len(ids)):
            last = min(first + self.room, len(ids))
            start, end = (places[first][0], places[last - 1][1]) if last > first else (0, 0)
            yield Window(np.concatenate([before, ids[first:last], after]), start, end)

    def _starts(self, tokens: int) -> list[int]:
        if tokens <= self.room:
            return [0]
        last = tokens - self.room
        return [*range(0, last, self.stride), last]
