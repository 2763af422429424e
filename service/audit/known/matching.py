"""Which texts are on lists of known ones: the same, or near to one whose bands the list has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.known.grouping import Groups
from tocsin.service.audit.known.hash_list import Entry, HashList
from tocsin.service.audit.known.texts import NONE, Texts

__all__ = ["SHARED", "Matches", "match"]

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHARED: Final = 3
"""How many of its eight bands a text must share with an entry: .98 of texts that have 90% of their shingles
in common with it do, .71 of those that have 80%, .01 of those that have half."""

_AT_ONCE: Final = 65_536


@dataclass(frozen=True, slots=True)
class Matches:
    """Hold ``(texts,)`` numbers of `labels`, `NONE` of what no list has, and which of them are near only."""

    labels: tuple[str, ...]
    label: Ints
    near: Bools


def match(texts: Texts, groups: Groups, lists: Sequence[HashList]) -> Matches:
    """Return what is on the lists; of several that have a text, the first says its label."""
    entries = [entry for one in lists for entry in one.entries]
    labels = tuple(dict.fromkeys(entry.label for entry in entries))
    numbers = {label: number for number, label in enumerate(labels)}
    of_entry = np.array([numbers[entry.label] for entry in entries], np.int64)
    found = _exact(texts, entries)
    near = np.zeros(len(texts.first), bool)
    banded = np.array([place for place, entry in enumerate(entries) if entry.bands], np.int64)
    if len(banded):
        close = _near(groups.bands, np.array([entries[place].bands for place in banded], np.int64))
        fresh = (close != NONE) & (found[groups.long] == NONE)
        near[groups.long[fresh]] = True
        found[groups.long[fresh]] = banded[close[fresh]]
    label = np.full(len(found), NONE, np.int64)
    label[found != NONE] = of_entry[found[found != NONE]]
    return Matches(labels, label, near)


def _exact(texts: Texts, entries: Sequence[Entry]) -> Ints:
    """Return the first entry that has the digest of each text."""
    found = np.full(len(texts.first), NONE, np.int64)
    if not entries or not len(found):
        return found
    words = np.frombuffer(b"".join(entry.digest[:16] for entry in entries), ">u8").astype(np.uint64)
    high, low = words.reshape(-1, 2).T
    order = np.lexsort((np.arange(len(high)), low, high))  # of equal ones the first entry comes first
    place = np.searchsorted(high[order], texts.digest[:, 0])
    # Entries with the same first half and another second one are none but by chance, or by design: look on.
    for _ in range(len(order)):
        at = order[np.minimum(place, len(order) - 1)]
        candidate = (place < len(order)) & (high[at] == texts.digest[:, 0]) & (found == NONE)
        if not candidate.any():
            break
        same = candidate & (low[at] == texts.digest[:, 1])
        found[same] = at[same]
        place = place + 1
    return found


def _near(bands: Ints, known: Ints) -> Ints:
    """Return the entry with which each text shares most bands, at least `SHARED` of them."""
    found = np.full(len(bands), NONE, np.int64)
    orders = np.argsort(known, axis=0, kind="stable")
    for first in range(0, len(bands), _AT_ONCE):
        pairs = np.concatenate(
            [
                _shared(part, known[order, band], order)
                for band, (part, order) in enumerate(
                    zip(bands[first : first + _AT_ONCE].T, orders.T, strict=True)
                )
            ]
        )
        pair, counts = np.unique(pairs, axis=0, return_counts=True)
        kept = counts >= SHARED
        pair, counts = pair[kept], counts[kept]
        best = np.lexsort((pair[:, 1], -counts, pair[:, 0]))
        text, place = np.unique(pair[best, 0], return_index=True)
        found[first + text] = pair[best, 1][place]
    return found


def _shared(keys: Ints, known: Ints, entries: Ints) -> Ints:
    """Return ``(pairs, 2)`` texts and entries that have the same key in one band; `known` is ascending."""
    begin = np.searchsorted(known, keys, side="left")
    count = np.searchsorted(known, keys, side="right") - begin
    text = np.repeat(np.arange(len(keys)), count)
    within = np.arange(len(text)) - np.repeat(np.cumsum(count) - count, count)
    return np.column_stack([text, entries[begin[text] + within]])
