"""All texts of an audit as arrays of numbers: which are the same, and where each came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.known.fingerprints import (
    COPY,
    TEXT,
    read_bands,
    read_columns,
    read_digests,
    read_sketches,
)
from tocsin.service.audit.known.joining import numbered
from tocsin.service.audit.layout import PartName
from tocsin.service.likeness import BANDS, EMPTY, SKETCH

if TYPE_CHECKING:
    from tocsin.service.audit.layout import AuditLayout

__all__ = ["NONE", "SketchFile", "Texts", "bands_of", "digests_of", "read_texts", "sketches_of"]

Ints = NDArray[np.int64]
U64 = NDArray[np.uint64]
Number = TypeVar("Number", bound=np.generic)

NONE: Final = -1  # the number of what is blank, or alone


@dataclass(frozen=True, slots=True)
class Texts:
    """Hold ``(rows,)`` places and numbers, and ``(texts,)`` what is known of each text.

    `text` is the number of a row's normalised text, `copy` of what it has in common with exact copies; both
    from 0 in order of first rows, `NONE` where it is blank. `first` is a text's first row, `distinct` how
    many shingles it has, and `digest` the first 16 bytes of its digest, ``(texts, 2)``.
    """

    parts: tuple[Path, ...]
    starts: Ints
    source: NDArray[np.int32]
    place: Ints
    text: Ints
    copy: Ints
    first: Ints
    distinct: NDArray[np.int32]
    digest: U64

    def by_part(self, texts: Ints) -> Iterator[tuple[Path, Ints]]:
        """Yield the first rows of some texts, ascending, part by part, as rows within the part."""
        rows = self.first[texts]
        edges = np.searchsorted(rows, self.starts)
        for number, path in enumerate(self.parts):
            own = rows[edges[number] : edges[number + 1]]
            if len(own):
                yield path, own - self.starts[number]


def read_texts(work: AuditLayout) -> Texts:
    """Return the texts that were hashed into a folder; 16 bytes a row are held of each kind of digest."""
    parts = tuple(work.scored_parts())
    columns = [read_columns(path, ("place", "distinct")) for path in parts]
    counts = [len(place) for place, _ in columns]
    sources = [part.source for path in parts if (part := PartName.of(path))]
    distinct = _joined([one for _, one in columns], np.int32)
    there = np.flatnonzero(distinct)
    text, first, digest = _numbers(parts, TEXT[:2], there, len(distinct))
    copy, _, _ = _numbers(parts, COPY, there, len(distinct))
    return Texts(
        parts,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.repeat(np.array(sources, np.int32), counts),
        _joined([place for place, _ in columns], np.int64),
        text,
        copy,
        first,
        distinct[first],
        digest,
    )


def _numbers(parts: Sequence[Path], names: Sequence[str], there: Ints, rows: int) -> tuple[Ints, Ints, U64]:
    columns = [read_columns(path, names) for path in parts]
    high, low = (_joined([one[number] for one in columns], np.uint64)[there] for number in range(2))
    numbers, first = numbered(high, low)
    found = np.full(rows, NONE, np.int64)
    found[there] = numbers
    return found, there[first], np.column_stack([high[first], low[first]])


def _joined(parts: Sequence[NDArray[Number]], kind: type[Number]) -> NDArray[Number]:
    return np.concatenate([np.zeros(0, kind), *parts])


def bands_of(texts: Texts, numbers: Ints) -> Ints:
    """Return the ``(texts, BANDS)`` keys of some texts, which must be in order."""
    found, first = np.zeros((len(numbers), BANDS), np.int64), 0
    for path, rows in texts.by_part(numbers):
        found[first : first + len(rows)] = read_bands(path, rows)
        first += len(rows)
    return found


def digests_of(texts: Texts, numbers: Ints) -> list[bytes]:
    """Return the whole digests of some texts, which must be in order."""
    return [one for path, rows in texts.by_part(numbers) for one in read_digests(path, rows)]


class SketchFile:
    """Hold sketches on the disk, 8 bytes of memory each; the system keeps in memory what it has room for."""

    def __init__(self, path: Path, lengths: Ints) -> None:
        self._starts = np.cumsum(lengths) - lengths
        self._lengths = lengths.astype(np.uint8)
        size = int(lengths.sum())
        self._hashes: NDArray[np.uint32] = (
            np.memmap(path, np.uint32, "r", shape=(size,)) if size else np.zeros(1, np.uint32)
        )

    def of(self, texts: Ints) -> NDArray[np.uint32]:
        """Return the ``(texts, SKETCH)`` sketches of some texts, filled up."""
        within = np.arange(SKETCH)
        there = within < self._lengths[texts][:, None]
        found = np.full(there.shape, EMPTY, np.uint32)
        found[there] = self._hashes[(self._starts[texts][:, None] + within)[there]]
        return found


def sketches_of(texts: Texts, numbers: Ints, path: Path) -> SketchFile:
    """Write the sketches of some texts, which must be in order, one after the other into a file; open it."""
    lengths = [np.zeros(0, np.int64)]
    with path.open("wb") as stream:
        for part, rows in texts.by_part(numbers):
            found = read_sketches(part, rows)
            lengths.append(found.lengths)
            stream.write(found.hashes.tobytes())
    return SketchFile(path, np.concatenate(lengths))
