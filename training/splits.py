"""Who fits, who selects, who calibrates and who tests: no row, copy or partner has two uses."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.training.duplicates import components, key, merge, shared_keys
from tocsin.training.near_copies import near_copies
from tocsin.training.thinning import thinned

__all__ = ["Ledger", "SplitReport", "Splits", "split"]

SEED: Final = "tocsin-1"
SHARES: Final = ((Split.TRAIN, 0.6), (Split.DEV, 0.1), (Split.CALIBRATION, 0.1), (Split.TEST, 0.2))
_EVIDENCE: Final = frozenset({Split.CALIBRATION, Split.TEST})  # what promises and figures rest on
TRAINING_SHARES: Final = ((Split.TRAIN, 0.75), (Split.DEV, 0.125), (Split.CALIBRATION, 0.125))


@dataclass(frozen=True, slots=True)
class SplitReport:
    """Count the rows that were read, kept, merged into a copy, kept out of training by a test, thinned."""

    read: int
    kept: Mapping[Split, int]
    merged: int
    contradictions: int
    touched_test: int
    thinned: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """Say, by ids, what became of every row that is in no split, and which labels are contested.

    `merged` maps a copy to the row that stands for it, `dropped` a row of training to a row of the
    test that its cluster holds, `contested` a row to the signals on which its copies disagree.
    `thinned` rows were drawn likelier than others, and left so that the rest were not.
    """

    merged: Mapping[str, str]
    dropped: Mapping[str, str]
    contested: Mapping[str, tuple[Signal, ...]]
    thinned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Splits:
    """Hold the examples of each split and how they came there.

    `teachers` names, for each signal, the corpora whose rows in training say anything of it,
    presumed negatives among it, copies that merged into another corpus's row included.
    """

    rows: Mapping[Split, Sequence[Example]]
    report: SplitReport
    ledger: Ledger
    teachers: Mapping[Signal, tuple[str, ...]]


def split(examples: Sequence[Example]) -> Splits:
    """Assign every example to one split, by cluster, with a fixed seed.

    Official tests stay as published, copies and all. A row that touches one and has an official
    place in training leaves; a row without any official split joins the test. In tests and
    calibration, rows drawn with unequal probabilities are thinned until each was as likely.
    """
    examples = sorted(examples, key=lambda row: row.id)  # the order of reading decides nothing
    keys = [key(example.text) for example in examples]
    alike = list(near_copies(keys))
    clusters: dict[int, list[int]] = defaultdict(list)
    for index, cluster in enumerate(components(examples, keys, alike).tolist()):
        clusters[cluster].append(index)
    placed: dict[Split, list[Example]] = {place: [] for place in Split}
    dropped: dict[str, str] = {}
    for members in clusters.values():
        rows = [examples[index] for index in members]
        place = _place(rows, min(keys[index] for index in members))
        kept = [row for row in rows if place is not Split.TEST or row.split in {None, Split.TEST}]
        placed[place].extend(kept)
        if len(kept) < len(rows):
            tested = next(row.id for row in rows if row.split is Split.TEST)
            dropped |= {row.id: tested for row in rows if row.split not in {None, Split.TEST}}
    identities = [row.id for row in examples]
    same = dict(zip(identities, keys, strict=True))
    nearly = dict(zip(identities, shared_keys(keys, alike), strict=True))
    return _merged(placed, same, nearly, dropped)


def _place(rows: Sequence[Example], name: str) -> Split:
    """Return the split of one cluster: where an official one binds it, else where its hash falls."""
    official = {row.split for row in rows}
    if Split.TEST in official:
        return Split.TEST
    unjudged = official == {None} and not any(_judged(row) for row in rows)
    if unjudged or any(row.synthetic for row in rows):
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


def _judged(row: Example) -> bool:
    """Say whether a person judged any signal of a row: what nobody judged can test nothing."""
    return not {Label.POSITIVE, Label.NEGATIVE}.isdisjoint(row.labels.values())


def _merged(
    placed: Mapping[Split, list[Example]],
    same: Mapping[str, str],
    nearly: Mapping[str, str],
    dropped: Mapping[str, str],
) -> Splits:
    """Merge copies: across corpora where a model is fitted, within a corpus in tests of our own.

    There near-copies merge too: a hundred versions of one post are one test of a model.
    """
    rows: dict[Split, Sequence[Example]] = {}
    into: dict[str, str] = {}
    contested: dict[str, tuple[Signal, ...]] = {}
    thinned_out: list[str] = []
    for place, examples in placed.items():
        official = [row for row in examples if place is Split.TEST and row.split is Split.TEST]
        own = [row for row in examples if place is not Split.TEST or row.split is not Split.TEST]
        testing = place is Split.TEST
        merged = merge(own, nearly if testing else same, across=not testing)
        into |= merged.into
        contested |= merged.contested
        whole = sorted([*official, *merged.examples], key=lambda row: row.id)
        rows[place] = thinned(whole, SEED) if place in _EVIDENCE else whole
        left = {row.id for row in rows[place]}
        thinned_out += [row.id for row in whole if row.id not in left]
    kept = {place: len(examples) for place, examples in rows.items()}
    contradictions = sum(map(len, contested.values()))
    report = SplitReport(len(same), kept, len(into), contradictions, len(dropped), len(thinned_out))
    ledger = Ledger(into, dropped, contested, tuple(thinned_out))
    return Splits(rows, report, ledger, _teachers(placed[Split.TRAIN]))


def _teachers(rows: Sequence[Example]) -> Mapping[Signal, tuple[str, ...]]:
    said: dict[Signal, set[str]] = {signal: set() for signal in Signal}
    for row in rows:
        for signal, label in row.labels.items():
            if label is not Label.UNKNOWN:
                said[signal].add(row.corpus)
    return {signal: tuple(sorted(corpora)) for signal, corpora in said.items()}
