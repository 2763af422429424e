"""What an audit knows of its copies, written part by part and summed up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

import tocsin
from tocsin.service.audit.known.grouping import LEAST_SHINGLES, Groups
from tocsin.service.audit.known.hash_list import HashList
from tocsin.service.audit.known.keying import NORMALISER
from tocsin.service.audit.known.matching import Matches, match
from tocsin.service.audit.known.parts import known_rows, write_part
from tocsin.service.audit.known.records import (
    HashAlgorithm,
    KnownRecord,
    ListRecord,
    MatchRecord,
    MethodRecord,
)
from tocsin.service.audit.known.tally import LevelCounts, Tally
from tocsin.service.audit.known.texts import NONE, Texts
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.sampling.designing import audit_digest
from tocsin.service.audit.slicing import LEAST_ROWS
from tocsin.service.likeness import BANDS, LENGTH, MINIMA, NEAR, SKETCH

__all__ = ["MOST_CLUSTERS", "sum_up"]

Ints = NDArray[np.int64]

MOST_CLUSTERS: Final = 100


def sum_up(
    layout: AuditLayout,
    manifest: Manifest,
    texts: Texts,
    groups: Groups,
    lists: Sequence[HashList],
    algorithm: HashAlgorithm,
    least: int,
) -> KnownRecord:
    """Write the parts of `known/`, and return what they add up to.

    Clusters of at least `least` rows are told, but never those of fewer than 20. Raises InputError where the
    scored rows are not those that were hashed.
    """
    matches = match(texts, groups, lists)
    listed = np.flatnonzero(groups.rows >= max(least, LEAST_ROWS))
    told = listed[np.argsort(-groups.rows[listed], kind="stable")][:MOST_CLUSTERS]
    tally, matched = Tally(manifest, told, matches.labels), _Matched(manifest, matches)
    columns = list(dict.fromkeys([*tally.columns, *matched.levels.columns]))
    for rows in known_rows(layout, texts, groups, matches, columns):
        write_part(layout, rows, matches.labels if lists else None)
        tally.add(rows.table, rows.near, rows.label)
        matched.add(rows.table, rows.label, rows.is_near_only)
    return KnownRecord(
        tocsin=tocsin.__version__,
        audit=audit_digest(layout),
        method=_method(),
        algorithm=algorithm,
        least=least,
        rows=len(texts.text),
        blank=int((texts.text == NONE).sum()),
        short=_short(texts),
        texts=len(texts.first),
        copied=int((groups.copy != NONE).sum()),
        near_clusters=len(groups.rows),
        near_rows=int(groups.rows.sum()),
        listed=len(listed),
        clusters=tally.records(groups.rows[told], groups.texts[told]),
        left_out=tally.left_out,
        lists=tuple(map(_list, lists)),
        matches=matched.records(),
    )


def _list(one: HashList) -> ListRecord:
    with_bands = sum(bool(entry.bands) for entry in one.entries)
    return ListRecord(name=one.name, digest=one.digest, entries=len(one.entries), with_bands=with_bands)


def _short(texts: Texts) -> int:
    there = texts.text[texts.text != NONE]
    return int((texts.distinct[there] < LEAST_SHINGLES).sum())


def _method() -> MethodRecord:
    return MethodRecord(
        normaliser=NORMALISER,
        shingle=LENGTH,
        least_shingles=LEAST_SHINGLES,
        bands=BANDS,
        minima=MINIMA,
        sketch=SKETCH,
        similarity=NEAR,
    )


class _Matched:
    """Count rows by the label of the list that has them."""

    def __init__(self, manifest: Manifest, matches: Matches) -> None:
        self._labels = matches.labels
        self._counts = np.zeros((len(matches.labels), 2), np.int64)
        self.levels = LevelCounts(manifest.policy.names, len(matches.labels))

    def add(self, table: Any, label: Ints, is_near_only: NDArray[np.bool_]) -> None:
        """Add the rows of a part."""
        rows = np.flatnonzero(label != NONE)
        np.add.at(self._counts, (label[rows], is_near_only[rows].astype(np.int64)), 1)
        if len(rows):
            self.levels.add(table.take(rows), label[rows])

    def records(self) -> tuple[MatchRecord, ...]:
        """Return what was counted, labels without a row left out."""
        return tuple(
            MatchRecord(
                label=label,
                exact=exact,
                near=near,
                levels=self.levels.of(number) if exact + near >= LEAST_ROWS else None,
            )
            for number, (label, (exact, near)) in enumerate(
                zip(self._labels, self._counts.tolist(), strict=True)
            )
            if exact + near
        )
