"""Parquet: every row of the table is one record."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tocsin.errors import InputError, MalformedRowError
from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.record import to_item
from tocsin.service.scan.row import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tocsin.service.scan.columns import Columns
    from tocsin.service.scan.input import Input
    from tocsin.service.scan.limits import Limits
    from tocsin.service.scan.row import Row

__all__ = ["read_parquet"]

BATCH_ROWS: Final = 256
BUFFER_BYTES: Final = 1024 * 1024


def read_parquet(
    source: Input, columns: Columns, limits: Limits, on_read: Callable[[int], None]
) -> Iterator[Row]:
    """Yield one row for every row of the table, numbered from 1."""
    with _opened(source) as file:
        names = _names(source, columns, file.schema_arrow)
        _check_expansion(source, file.metadata, names, limits)
        row = 0
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=names):
            # Bytes in a packed column cannot be told apart by row: a share of the file stands in.
            on_read((source.size or 0) * batch.num_rows // file.metadata.num_rows)
            values = [_values(column) for column in batch.columns]
            for cells in zip(*values, strict=True):
                row += 1
                yield _row(source, row, dict(zip(batch.schema.names, cells, strict=True)), columns, limits)


@contextmanager
def _opened(source: Input) -> Iterator[Any]:
    arrow, parquet = import_arrow()
    try:
        # Without the buffer, a whole column of a row group would be read into memory at once.
        with parquet.ParquetFile(source.path, buffer_size=BUFFER_BYTES, pre_buffer=False) as file:
            yield file
    except (arrow.ArrowException, OSError) as error:
        first_line = str(error).partition("\n")[0]
        raise InputError(f"{source.name}: must be a whole Parquet file: {first_line}") from error


def _names(source: Input, columns: Columns, schema: Any) -> list[str]:
    columns.check_header(source.name, schema.names)
    names = [name for name in columns.names if name in schema.names]
    for name in dict.fromkeys(names):
        _check_type(source, name, schema.field(name).type, or_integer=name == columns.id_name)
    return list(dict.fromkeys(names))


def _check_type(source: Input, name: str, kind: Any, *, or_integer: bool) -> None:
    types = import_arrow()[0].types
    plain = kind.value_type if types.is_dictionary(kind) else kind
    if types.is_string(plain) or types.is_large_string(plain) or types.is_null(plain):
        return
    if or_integer and types.is_integer(plain):
        return
    allowed = "strings or integers" if or_integer else "strings"
    raise InputError(f"{source.name}: column {name!r} must hold {allowed}, was {kind}")


def _check_expansion(source: Input, metadata: Any, names: list[str], limits: Limits) -> None:
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    chunks = [group.column(index) for group in groups for index in range(group.num_columns)]
    read = [chunk for chunk in chunks if chunk.path_in_schema in names]
    packed = sum(chunk.total_compressed_size for chunk in read)
    limits.check_expansion(source.name, packed, sum(chunk.total_uncompressed_size for chunk in read))


def _values(column: Any) -> list[object]:
    """Return the cells; strings as bytes, for Arrow does not look whether they are UTF-8."""
    arrow, _ = import_arrow()
    if arrow.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    text = arrow.types.is_string(column.type) or arrow.types.is_large_string(column.type)
    values: list[object] = (column.cast(arrow.large_binary()) if text else column).to_pylist()
    return values


def _row(source: Input, row: int, cells: Mapping[str, object], columns: Columns, limits: Limits) -> Row:
    try:
        fields = {name: _decoded(value, limits) for name, value in cells.items()}
        return to_item(source, row, fields, columns)
    except Fault as fault:
        return MalformedRowError(source.name, row, str(fault))


def _decoded(value: object, limits: Limits) -> object:
    if not isinstance(value, bytes):
        return value
    limits.check_record(len(value))
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Fault(f"text must be valid UTF-8, byte {error.start + 1} is not") from None
