"""Parquet: every row of the table is one record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, BinaryIO, Final

from tocsin.errors import MissingExtraError
from tocsin.training.own_rows.columns import check_header
from tocsin.training.own_rows.faults import Fault, told
from tocsin.training.own_rows.record import Record
from tocsin.training.own_rows.terms import Terms

__all__ = ["read_parquet"]

BATCH_ROWS: Final = 256
_PLAIN: Final = (
    "is_string",
    "is_large_string",
    "is_string_view",
    "is_boolean",
    "is_integer",
    "is_floating",
    "is_null",
)
_TYPE_CHARACTERS: Final = 60


def read_parquet(file: BinaryIO, packing: str | None, terms: Terms) -> Iterator[Record]:
    """Yield one record for every row of the table, numbered from 1."""
    if packing:
        raise Fault(f"a Parquet file must not be packed as a whole, was packed as {packing}")
    with _opened(file) as table:
        schema = table.schema_arrow
        names = [name for name in schema.names if name not in terms.ignore]
        check_header(names)
        for name in names:
            _check_type(name, schema.field(name).type)
        batches = table.iter_batches(batch_size=BATCH_ROWS, columns=names)
        yield from enumerate((record for batch in batches for record in _records(batch)), start=1)


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Any]:
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingExtraError("Parquet", "audit") from error
    try:
        with parquet.ParquetFile(file) as table:
            yield table
    except (arrow.ArrowException, OSError, UnicodeDecodeError) as error:  # the last: in a column's name
        reason = str(error).partition("\n")[0]
        raise Fault(f"must be a whole Parquet file: {reason}") from error


def _check_type(name: str, kind: Any) -> None:
    types = import_module("pyarrow").types
    plain = kind.value_type if types.is_dictionary(kind) else kind
    if not any(getattr(types, check)(plain) for check in _PLAIN):
        was = str(kind)[:_TYPE_CHARACTERS]
        raise Fault(f"column {told(name)} must hold strings, numbers or booleans, was {was}")


def _records(batch: Any) -> Iterator[Mapping[str, object] | Fault]:
    names = batch.schema.names
    for values in zip(*map(_cells, batch.columns), strict=True):
        wrong = [value for value in values if isinstance(value, Fault)]
        yield wrong[0] if wrong else dict(zip(names, values, strict=True))


def _cells(column: Any) -> list[object]:
    """Return the values of a column, a Fault for a string that is not UTF-8: Arrow does not look."""
    try:
        return list(column.to_pylist())
    except UnicodeDecodeError:
        return [_cell(value) for value in column]


def _cell(value: Any) -> object:
    try:
        return value.as_py()
    except UnicodeDecodeError as error:
        return Fault(f"must be UTF-8, has the byte 0x{error.object[error.start]:02x}")
