"""What is kept of the texts of one part while copies are looked for: digests, keys and sketches, no text."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.known.keying import Keying
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Counts
from tocsin.service.audit.unit import Done, Part, Unit
from tocsin.service.likeness import BANDS, hash_many
from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.placed import Placed
from tocsin.text import URL, USER, normalise

__all__ = [
    "COPY",
    "TEXT",
    "PartHashing",
    "Sketches",
    "read_bands",
    "read_columns",
    "read_digests",
    "read_sketches",
]

U64 = NDArray[np.uint64]

TEXT: Final = tuple(f"text_{number}" for number in range(4))  # a digest of 32 bytes
COPY: Final = ("copy_0", "copy_1")
_BAND_COLUMNS: Final = tuple(f"band_{number}" for number in range(BANDS))


@dataclass(frozen=True, slots=True)
class PartHashing:
    """Hash the texts of units, and keep what comes of it in the folder `work`."""

    work: AuditLayout
    keying: Keying

    def open(self) -> Callable[[Unit], Part]:
        """Return what hashes a unit."""
        import_arrow()
        return self.hash

    def hash(self, unit: Unit) -> Part:
        """Return what is kept of a unit."""
        rows = [row for row in unit.rows if isinstance(row, Placed)]
        texts = [normalise(row.text) for row in rows]
        digests = [self.keying.digest(text) for text in texts]
        told = zip(rows, texts, digests, strict=True)
        copies = [_copy(row.text, text, digest) for row, text, digest in told]
        counts = Counts(read=len(rows), scored=len(rows))  # rejected rows were told when they were scored
        done = Done(unit.part, unit.first, len(unit.rows), unit.read_bytes, counts)
        return Part(done, _parquet(rows, texts, digests, copies), None)

    def keep(self, part: Part) -> Done:
        """Write what is kept of a part, whole."""
        write_durably(self.work.scored_part(part.done.part), part.scored)
        return part.done


def _copy(text: str, normalised: str, digest: bytes) -> bytes:
    """Return what exact copies have in common: links and handles as well, which normalising makes alike."""
    if URL not in normalised and USER not in normalised:
        return digest[:16]
    as_it_stands = " ".join(text.split()).encode("utf-8", "surrogatepass")
    return hashlib.sha256(digest + as_it_stands).digest()[:16]


def _parquet(
    rows: Sequence[Placed], texts: Sequence[str], digests: list[bytes], copies: list[bytes]
) -> bytes:
    arrow, parquet = import_arrow()
    hashed = hash_many(texts)
    columns: dict[str, NDArray[Any]] = {"place": np.array([row.place for row in rows], np.int64)}
    columns |= dict(zip(TEXT, _words(digests, len(TEXT)), strict=True))
    columns |= dict(zip(COPY, _words(copies, len(COPY)), strict=True))
    columns |= dict(zip(_BAND_COLUMNS, hashed.bands.T, strict=True))
    columns["distinct"] = hashed.distinct
    ends = np.concatenate([[0], np.cumsum(hashed.lengths)]).astype(np.int32)
    cells = {name: arrow.array(np.ascontiguousarray(column)) for name, column in columns.items()}
    cells["sketch"] = arrow.ListArray.from_arrays(ends, arrow.array(hashed.sketch))
    stream = io.BytesIO()
    parquet.write_table(arrow.table(cells), stream, compression="none", use_dictionary=False)
    return stream.getvalue()  # hashes do not pack


def _words(digests: list[bytes], count: int) -> Iterator[U64]:
    """Yield the columns of digests, each a number of 64 bits."""
    yield from np.frombuffer(b"".join(digests), ">u8").astype(np.uint64).reshape(-1, count).T


def read_columns(path: Path, names: Sequence[str]) -> tuple[NDArray[Any], ...]:
    """Return columns of a part; raise InputError where it cannot be read."""
    table = _table(path, names)
    return tuple(table.column(name).to_numpy() for name in names)


def read_bands(path: Path, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the ``(rows, BANDS)`` keys of some rows of a part."""
    return np.column_stack([column[rows] for column in read_columns(path, _BAND_COLUMNS)])


def read_digests(path: Path, rows: NDArray[np.int64]) -> list[bytes]:
    """Return the digests of some rows of a part."""
    words = np.column_stack([column[rows] for column in read_columns(path, TEXT)])
    return [one.tobytes() for one in words.astype(">u8")]


@dataclass(frozen=True, slots=True)
class Sketches:
    """Hold sketches one after the other, of `lengths` hashes each."""

    lengths: NDArray[np.int64]
    hashes: NDArray[np.uint32]


def read_sketches(path: Path, rows: NDArray[np.int64]) -> Sketches:
    """Return the sketches of some rows of a part, ascending."""
    arrow, _ = import_arrow()
    taken = _table(path, ["sketch"]).column("sketch").combine_chunks().take(arrow.array(rows))
    lengths = np.diff(taken.offsets.to_numpy()).astype(np.int64)
    return Sketches(lengths, taken.flatten().to_numpy())


def _table(path: Path, names: Sequence[str]) -> Any:
    arrow, parquet = import_arrow()
    try:
        return parquet.read_table(path, columns=list(names))
    except (OSError, KeyError, arrow.ArrowException) as error:
        raise InputError(
            f"{path}: must be a part that 'tocsin audit known' wrote, is damaged: {type(error).__name__}"
        ) from error
