"""Rows matched by their ids, wherever they stand: put aside by a hash of it, then joined piece by piece."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError
from tocsin.service.audit.diffing.rows import Pairs, Rows
from tocsin.service.audit.diffing.side import Side
from tocsin.service.scan.arrow import import_arrow, import_compute
from tocsin.service.scan.display import cut, reveal

__all__ = ["PIECE_ROWS", "ById", "by_id"]

Ints = NDArray[np.int64]

PIECE_ROWS: Final = 200_000
_MOST_PIECES: Final = 256  # files open at a time
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class ById:
    """Match rows that have the same id; rejected ones have none and are left out."""

    before: Side
    after: Side
    folder: Path
    pieces: int

    def pairs(self) -> Iterator[Pairs]:
        """Yield every row once; raise InputError where an id comes twice in one audit."""
        for piece in range(self.pieces):
            one, other = (
                _read(self.folder / _name(number, piece), side)
                for number, side in enumerate((self.before, self.after))
            )
            _check_unique(self.before, one)
            _check_unique(self.after, other)
            yield _joined(one, other)


@contextmanager
def by_id(before: Side, after: Side, piece_rows: int = PIECE_ROWS) -> Iterator[ById]:
    """Hand out the pairing, with its rows put aside in the system's folder for temporary files.

    A piece has about `piece_rows` rows of each side, more where there would be more than 256 pieces. No text
    is in it, and it is removed at the end.
    """
    rows = max(side.audit.manifest.counts.read for side in (before, after))
    pieces = min(_MOST_PIECES, 1 + rows // piece_rows)
    with TemporaryDirectory(prefix="tocsin-diff-") as name:
        folder = Path(name)
        for number, side in enumerate((before, after)):
            _put_aside(side, folder, number, pieces)
        yield ById(before, after, folder, pieces)


def _put_aside(side: Side, folder: Path, number: int, pieces: int) -> None:
    arrow, _ = import_arrow()
    schema = _schema(side)
    with ExitStack() as stack:
        writers = [
            stack.enter_context(arrow.ipc.new_file(str(folder / _name(number, piece)), schema))
            for piece in range(pieces)
        ]
        for rows in side.scored():
            piece_of = np.array([zlib.crc32(one.encode()) % pieces for one in rows.ids.tolist()], np.int64)
            for piece in np.unique(piece_of).tolist():
                part = rows.take(np.flatnonzero(piece_of == piece))
                writers[piece].write_batch(arrow.record_batch(_columns(part), schema=schema))


def _read(path: Path, side: Side) -> Rows:
    arrow, _ = import_arrow()
    with arrow.ipc.open_file(str(path)) as file:
        table = file.read_all()

    def column(name: str) -> NDArray[Any]:
        return np.asarray(table.column(name).to_numpy())

    policies = range(len(side.policies))
    return Rows(
        column("source"),
        column("place"),
        column("id"),
        np.column_stack([column(f"state_{policy}") for policy in policies]),
        np.column_stack([column(f"score_{policy}") for policy in policies]),
        {name: column(f"slice_{number}") for number, name in enumerate(side.values)},
    )


def _name(number: int, piece: int) -> str:
    return f"{number}-{piece:03}.arrow"


def _schema(side: Side) -> Any:
    arrow, _ = import_arrow()
    policies = range(len(side.policies))
    return arrow.schema(
        [
            ("source", arrow.int64()),
            ("place", arrow.int64()),
            ("id", arrow.string()),
            *((f"state_{policy}", arrow.int8()) for policy in policies),
            *((f"score_{policy}", arrow.float64()) for policy in policies),
            *((f"slice_{number}", arrow.int64()) for number in range(len(side.values))),
        ]
    )


def _columns(rows: Rows) -> list[Any]:
    arrow, _ = import_arrow()
    columns = [rows.source, rows.place, rows.ids, *rows.states.T, *rows.scores.T, *rows.codes.values()]
    return [arrow.array(np.ascontiguousarray(column)) for column in columns]


def _check_unique(side: Side, rows: Rows) -> None:
    arrow, _ = import_arrow()
    if len(arrow.array(rows.ids, arrow.string()).unique()) < len(rows):
        ((name, count),) = Counter(rows.ids.tolist()).most_common(1)
        raise InputError(
            f"{side.audit.layout.root}: an id must come once for --by-id, {reveal(cut(name, _SHOWN))!r}"
            f" comes {count:,} times"
        )


def _joined(one: Rows, other: Rows) -> Pairs:
    arrow, _ = import_arrow()
    mine, theirs = (arrow.array(rows.ids, arrow.string()) for rows in (one, other))
    found = import_compute().index_in(mine, value_set=theirs).fill_null(-1).to_numpy(zero_copy_only=False)
    alone = np.ones(len(other), bool)
    alone[found[found >= 0]] = False
    rest = np.flatnonzero(alone)
    order = np.concatenate([np.arange(len(one)), np.full(len(rest), -1)])
    return Pairs(one.take(order), other.take(np.concatenate([found.astype(np.int64), rest])))
