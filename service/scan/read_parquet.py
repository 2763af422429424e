"""Parquet: every row of the table is one record."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from tocsin.errors import InputError, MalformedRowError
from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.batches import batch_rows
from tocsin.service.scan.cells import Cells, holds_text
from tocsin.service.scan.chunks import open_bytes
from tocsin.service.scan.display import cut
from tocsin.service.scan.record import to_item
from tocsin.service.scan.row import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from tocsin.service.scan.columns import Columns
    from tocsin.service.scan.input import Input
    from tocsin.service.scan.limits import Limits
    from tocsin.service.scan.row import Row

__all__ = ["read_parquet", "read_schema"]

BUFFER_BYTES: Final = 1024 * 1024
TYPE_CHARACTERS: Final = 60
BYTE_ARRAY: Final = "BYTE_ARRAY"
STRINGS: Final = "strings"
IDS: Final = "strings or integers"
SIMPLE: Final = "strings, numbers, booleans, dates or times"
# What the cells of a column may be besides strings, by what its errors call it.
TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    STRINGS: (),
    IDS: ("integer",),
    SIMPLE: ("integer", "floating", "boolean", "date", "timestamp"),
}


def read_parquet(
    source: Input, columns: Columns, limits: Limits, on_read: Callable[[int], None]
) -> Iterator[Row]:
    """Yield one row for every row of the table, numbered from 1."""
    with _opened(source, columns.names) as file:
        names = _names(source, columns, file.schema_arrow)
        packed = _packed(source, _chunks(file.metadata, names), limits)
        unpacked = 0
        for row, (fields, size) in enumerate(_records(source, file, names, limits, on_read), start=1):
            # What a file declares says little: a value that it holds once may stand in every row.
            unpacked += size
            limits.check_expansion(source.name, packed, unpacked)
            yield _row(source, row, fields, columns)


def read_schema(source: Input) -> Any:
    """Return the Arrow schema of a table; raise InputError where the input is no Parquet file."""
    with _opened(source, ()) as file:
        return file.schema_arrow


@contextmanager
def _opened(source: Input, names: Collection[str]) -> Iterator[Any]:
    arrow, parquet = import_arrow()
    try:
        with open_bytes(source) as handle:
            metadata = parquet.read_metadata(handle)
            encoded = _dictionaries(_chunks(metadata, names))
            # Without the buffer, a whole column of a row group would be read into memory at once.
            with parquet.ParquetFile(
                handle,
                metadata=metadata,
                read_dictionary=encoded,
                buffer_size=BUFFER_BYTES,
                pre_buffer=False,
            ) as file:
                yield file
    except (arrow.ArrowException, OSError) as error:
        first_line = str(error).partition("\n")[0]
        raise InputError(f"{source.name}: must be a whole Parquet file: {first_line}") from error


def _chunks(metadata: Any, names: Collection[str]) -> list[Any]:
    """Return what the file says of each piece of the columns `names`, one a row group."""
    indices = [index for index in range(metadata.num_columns) if metadata.schema.column(index).path in names]
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    return [group.column(index) for group in groups for index in indices]


def _dictionaries(chunks: Iterable[Any]) -> list[str]:
    """Return the columns that can stay encoded; Arrow cannot do so with deltas."""
    texts = [chunk for chunk in chunks if chunk.physical_type == BYTE_ARRAY]
    encoded = {chunk.path_in_schema for chunk in texts if chunk.has_dictionary_page}
    deltas = {chunk.path_in_schema for chunk in texts if any("DELTA" in name for name in chunk.encodings)}
    return sorted(encoded - deltas)


def _packed(source: Input, chunks: Collection[Any], limits: Limits) -> int:
    """Return the packed bytes of the columns read; refuse them where they say that they grow too much."""
    declared: int = sum(chunk.total_compressed_size for chunk in chunks)
    packed = min(declared, source.size or 0)
    limits.check_expansion(source.name, packed, sum(chunk.total_uncompressed_size for chunk in chunks))
    return packed


def _names(source: Input, columns: Columns, schema: Any) -> list[str]:
    columns.check_header(source.name, schema.names)
    names = [name for name in columns.names if name in schema.names]
    for name in dict.fromkeys(names):
        allowed = _allowed(name, columns)
        _check_type(source, name, schema.field(name).type, allowed)
    return list(dict.fromkeys(names))


def _allowed(name: str, columns: Columns) -> str:
    if name in {columns.text, columns.language_name}:
        return STRINGS
    return IDS if name == columns.id_name else SIMPLE


def _check_type(source: Input, name: str, kind: Any, allowed: str) -> None:
    types = import_arrow()[0].types
    plain = kind.value_type if types.is_dictionary(kind) else kind
    others = [getattr(types, f"is_{one}")(plain) for one in TYPES[allowed]]
    if holds_text(plain) or types.is_null(plain) or any(others):
        return
    was = cut(str(plain), TYPE_CHARACTERS)
    raise InputError(f"{source.name}: column {name!r} must hold {allowed}, was {was}")


def _records(
    source: Input, file: Any, names: list[str], limits: Limits, on_read: Callable[[int], None]
) -> Iterator[tuple[Mapping[str, object] | Fault, int]]:
    """Yield the fields of each row, or what is wrong with it, and how many bytes it was unpacked to."""
    rows = batch_rows(file.metadata, names)
    for batch in file.iter_batches(batch_size=rows, columns=names):
        # Bytes in a packed column cannot be told apart by row: a share of the file stands in.
        on_read((source.size or 0) * batch.num_rows // file.metadata.num_rows)
        cells = {name: Cells(column) for name, column in zip(batch.schema.names, batch.columns, strict=True)}
        for index in range(batch.num_rows):
            yield _record(cells, index, limits)


def _record(
    cells: Mapping[str, Cells], index: int, limits: Limits
) -> tuple[Mapping[str, object] | Fault, int]:
    sizes = {name: column.sizes[index] for name, column in cells.items()}
    try:
        limits.check_record(sum(sizes.values()))
    except Fault as fault:
        # What stays encoded has not been unpacked.
        return fault, sum(size for name, size in sizes.items() if not cells[name].encoded)
    try:
        return {name: _decoded(column[index]) for name, column in cells.items()}, sum(sizes.values())
    except Fault as fault:
        return fault, sum(sizes.values())


def _decoded(value: object) -> object:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise Fault(f"text must be valid UTF-8, byte {error.start + 1} is not") from None


def _row(source: Input, row: int, fields: Mapping[str, object] | Fault, columns: Columns) -> Row:
    try:
        if isinstance(fields, Fault):
            raise fields
        return to_item(source, row, fields, columns)
    except Fault as fault:
        return MalformedRowError(source.name, row, str(fault))
