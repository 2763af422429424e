"""Rows drawn with unequal probabilities, thinned to a sample in which all had the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from tocsin.example import Example

__all__ = ["thinned"]

_PURPOSE: Final = b"thinning"  # so that a seed shared with another draw gives other numbers


def thinned(examples: Sequence[Example], seed: str) -> list[Example]:
    """Return the rows of each corpus that an equal-probability sample keeps, in their order.

    A row drawn with probability p stays with probability min(p) / p, where the minimum is over its
    corpus: in the end every row was drawn with min(p), which is then its `inclusion`. The draw is a
    keyed hash of the row's id: neither order nor other rows decide it. `seed` has at most 64 bytes.
    """
    least: dict[str, float] = {}
    for example in examples:
        least[example.corpus] = min(least.get(example.corpus, 1.0), example.inclusion)
    kept = [_kept(example, least[example.corpus], seed) for example in examples]
    return [example for example in kept if example is not None]


def _kept(example: Example, least: float, seed: str) -> Example | None:
    if example.inclusion <= least:
        return example
    stays = _drawn(example.id, seed) < least / example.inclusion
    return replace(example, inclusion=least) if stays else None


def _drawn(identity: str, seed: str) -> float:
    """Return a number from 0 to 1, uniform over ids."""
    digest = hashlib.blake2b(
        identity.encode("utf-8", "surrogatepass"), key=seed.encode(), person=_PURPOSE, digest_size=8
    ).digest()
    return int.from_bytes(digest, "big") / 2**64
