"""The posts that are scored: held-out rows of the corpora of short posts, each used once."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import mean
from typing import Final

from tocsin.errors import InputError
from tocsin.example import Example, Split
from tocsin.example_file import read_examples
from tocsin.training.build import Selection, build

__all__ = ["CORPORA", "Pool", "read_splits", "word", "write_queue"]

CORPORA: Final = ("cad", "davidson", "edos", "gab-hate-corpus", "hatexplain", "implicit-hate", "stormfront")
CONSONANTS, VOWELS = "bcdfghklmnprstvz", "aeiou"

Splits = Mapping[Split, Sequence[Example]]


def read_splits(data: Path | None, built: Path | None, cache: Path, tell: Callable[[str], None]) -> Splits:
    """Return the rows of all splits, out of a folder of them as JSON Lines or else built."""
    if built is not None:
        return {place: read_examples(built / f"{place}.jsonl") for place in Split}
    return build(Selection(data, available=True), cache, tell).splits.rows


@dataclass(frozen=True)
class Pool:
    """Hold distinct posts in an order drawn by lot."""

    posts: tuple[str, ...]

    @classmethod
    def of(cls, splits: Splits) -> Pool:
        """Return the posts of the corpora of short posts that no model was trained on."""
        held = (row for place in Split if place is not Split.TRAIN for row in splits.get(place, ()))
        trained = {row.text for row in splits.get(Split.TRAIN, ())}
        posts = sorted({row.text for row in held if row.corpus in CORPORA} - trained)
        random.Random(0).shuffle(posts)  # noqa: S311 - a sample, no secret
        return cls(tuple(posts))

    @property
    def mean_characters(self) -> float:
        """Return the mean length of a post in code points."""
        return mean(map(len, self.posts))

    def rounds(self, count: int, most: int | None, singles: int) -> list[tuple[list[str], list[str]]]:
        """Return so many pairs of posts that stand in no other: those scored in batches, and alone.

        At most `most` in batches. Raises InputError where the posts do not suffice.
        """
        size = len(self.posts) // count - singles
        if size < singles:
            raise InputError(
                f"{count} rounds must have {2 * singles} posts each or more, was {len(self.posts)} in all"
            )
        parts = [
            self.posts[start : start + size + singles]
            for start in range(0, count * (size + singles), size + singles)
        ]
        return [(list(part[singles:][:most]), list(part[:singles])) for part in parts]


def write_queue(path: Path, posts: Sequence[str], rows: int) -> None:
    """Write `rows` JSON Lines: the posts over and over, each time with a made-up word of its own."""
    with path.open("w", encoding="utf-8", errors="surrogatepass") as file:
        for row, post in enumerate(islice(cycle(posts), rows)):
            file.write(json.dumps({"id": f"row-{row}", "text": f"{post} {word(row)}"}) + "\n")


def word(number: int) -> str:
    """Return a pronounceable word of 8 letters, a different one for each number below 40,960,000."""
    syllables = []
    for _ in range(4):
        number, place = divmod(number, len(CONSONANTS) * len(VOWELS))
        syllables.append(CONSONANTS[place // len(VOWELS)] + VOWELS[place % len(VOWELS)])
    return "".join(syllables)
