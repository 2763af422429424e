"""Who fits, who selects, who calibrates and who tests: no row, copy or partner has two uses."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.example import Example, Split
from tocsin.training.duplicates import components, key, merge, shared_keys
from tocsin.training.near_copies import near_copies

__all__ = ["SplitReport", "Splits", "split"]

SEED: Final = "tocsin-1"
SHARES: Final = ((Split.TRAIN, 0.6), (Split.DEV, 0.1), (Split.CALIBRATION, 0.1), (Split.TEST, 0.2))
TRAINING_SHARES: Final = ((Split.TRAIN, 0.75), (Split.DEV, 0.125), (Split.CALIBRATION, 0.125))


@dataclass(frozen=True, slots=True)
class SplitReport:
    """Count the rows that were read, kept, merged into a copy, and kept out of training by a test."""

    read: int
    kept: Mapping[Split, int]
    merged: int
    contradictions: int
    touched_test: int


@dataclass(frozen=True, slots=True)
class Splits:
    """Hold the examples of each split and how they came there."""

    rows: Mapping[Split, Sequence[Example]]
    report: SplitReport


def split(examples: Sequence[Example]) -> Splits:
    """Assign every example to one split, by cluster, with a fixed seed.

    Official tests stay as published, copies and all. A row that touches one and has an official
    place in training leaves; a row without any official split joins the test.
    """
    examples = sorted(examples, key=lambda row: row.id)  # the order of reading decides nothing
    keys = [key(example.text) for example in examples]
    alike = list(near_copies(keys))
    clusters: dict[int, list[int]] = defaultdict(list)
    for index, cluster in enumerate(components(examples, keys, alike).tolist()):
        clusters[cluster].append(index)
    placed: dict[Split, list[Example]] = {place: [] for place in Split}
    touched = 0
    for members in clusters.values():
        rows = [examples[index] for index in members]
        place = _place(rows, min(keys[index] for index in members))
        kept = [row for row in rows if place is not Split.TEST or row.split in {None, Split.TEST}]
        touched += len(rows) - len(kept)
        placed[place].extend(kept)
    identities = [row.id for row in examples]
    same = dict(zip(identities, keys, strict=True))
    nearly = dict(zip(identities, shared_keys(keys, alike), strict=True))
    return _merged(placed, same, nearly, len(examples), touched)


def _place(rows: Sequence[Example], name: str) -> Split:
    """Return the split of one cluster: where an official one binds it, else where its hash falls."""
    official = {row.split for row in rows}
    if Split.TEST in official:
        return Split.TEST
    if any(row.synthetic for row in rows):
        return Split.TRAIN
    for binding in (Split.DEV, Split.CALIBRATION):
        if binding in official:
            return binding
    shares = TRAINING_SHARES if Split.TRAIN in official else SHARES
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), key=SEED.encode(), digest_size=8).digest()
    drawn, reached = int.from_bytes(digest, "big") / 2**64, 0.0
    for place, share in shares:
        reached += share
        if drawn < reached:
            return place
    return shares[-1][0]


def _merged(
    placed: Mapping[Split, list[Example]],
    same: Mapping[str, str],
    nearly: Mapping[str, str],
    read: int,
    touched: int,
) -> Splits:
    """Merge copies: across corpora where a model is fitted, within a corpus in tests of our own.

    There near-copies merge too: a hundred versions of one post are one test of a model.
    """
    rows: dict[Split, Sequence[Example]] = {}
    copies = contradictions = 0
    for place, examples in placed.items():
        official = [row for row in examples if place is Split.TEST and row.split is Split.TEST]
        own = [row for row in examples if place is not Split.TEST or row.split is not Split.TEST]
        testing = place is Split.TEST
        merged = merge(own, nearly if testing else same, across=not testing)
        copies += merged.copies
        contradictions += merged.contradictions
        rows[place] = sorted([*official, *merged.examples], key=lambda row: row.id)
    kept = {place: len(examples) for place, examples in rows.items()}
    return Splits(rows, SplitReport(read, kept, copies, contradictions, touched))
