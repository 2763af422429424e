"""Which texts are on lists of known ones: the same, or near to one whose bands the list has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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

_AT_ONCE: Final = 65_536  # texts
_PAIRS: Final = 1 << 20  # of texts and entries that meet


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
    halves = [np.unique(half, return_inverse=True) for half in words.reshape(-1, 2).T]
    width = len(halves[1][0])
    # One number for both halves: a list may have any number of digests that begin alike, by design.
    known, first = np.unique(halves[0][1] * width + halves[1][1], return_index=True)
    places = [np.searchsorted(values, own) for (values, _), own in zip(halves, texts.digest.T, strict=True)]
    there = np.ones(len(found), bool)
    for (values, _), place, own in zip(halves, places, texts.digest.T, strict=True):
        there &= values[np.minimum(place, len(values) - 1)] == own
    wanted = places[0] * width + places[1]
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    there &= known[at] == wanted
    found[there] = first[at[there]]  # of equal ones the first entry
    return found


def _near(bands: Ints, known: Ints) -> Ints:
    """Return the entry with which each text shares most bands, at least `SHARED` of them.

    Copies of one campaign on both sides share bands each with each: some pairs are held at a time.
    """
    found = np.full(len(bands), NONE, np.int64)
    _, first = np.unique(known, axis=0, return_index=True)
    entries = np.sort(first)  # of entries with the same bands the first is as near as the others
    orders = np.argsort(known[entries], axis=0, kind="stable").T
    meetings = [_Band(known[entries[order], band], order, len(entries)) for band, order in enumerate(orders)]
    for start in range(0, len(bands), _AT_ONCE):
        columns = bands[start : start + _AT_ONCE].T
        counts = np.stack([band.counts(keys) for band, keys in zip(meetings, columns, strict=True)])
        several = np.flatnonzero((counts > 0).sum(axis=0) >= SHARED)
        for rows in _portions(several, counts.sum(axis=0)[several]):
            pairs = np.concatenate(
                [band.pairs(keys[rows]) for band, keys in zip(meetings, columns, strict=True)]
            )
            text, place = _nearest(pairs, len(entries))
            found[start + rows[text]] = entries[place]
    return found


def _portions(rows: Ints, pairs: Ints) -> Iterator[Ints]:
    """Yield rows, some at a time: so many that they have about `_PAIRS` pairs, and one at least."""
    group = (np.cumsum(pairs) - pairs) // _PAIRS
    yield from (part for part in np.split(rows, np.flatnonzero(np.diff(group)) + 1) if len(part))


def _nearest(pairs: Ints, entries: int) -> tuple[Ints, Ints]:
    """Return the texts that share enough bands with an entry, and with which most, of several the first."""
    pair, counts = np.unique(pairs, return_counts=True)
    kept = counts >= SHARED
    text, entry = np.divmod(pair[kept], entries)
    best = np.lexsort((entry, -counts[kept], text))
    found, place = np.unique(text[best], return_index=True)
    return found, entry[best][place]


@dataclass(frozen=True, slots=True)
class _Band:
    """Hold the keys of one band, ascending, and which of so many `entries` each is of."""

    known: Ints
    order: Ints
    entries: int

    def counts(self, keys: Ints) -> Ints:
        """Return how many entries have each key."""
        return np.asarray(
            np.searchsorted(self.known, keys, side="right") - np.searchsorted(self.known, keys), np.int64
        )

    def pairs(self, keys: Ints) -> Ints:
        """Return a number for each text and each entry that have the same key."""
        begin, count = np.searchsorted(self.known, keys), self.counts(keys)
        text = np.repeat(np.arange(len(keys)), count)
        within = np.arange(len(text)) - np.repeat(np.cumsum(count) - count, count)
        return np.asarray(text * self.entries + self.order[begin[text] + within], np.int64)
