"""Every row of every input, whatever its format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from tocsin.service.scan.format import Format
from tocsin.service.scan.read_csv import read_csv, read_tsv
from tocsin.service.scan.read_jsonl import read_jsonl
from tocsin.service.scan.read_parquet import read_parquet
from tocsin.service.scan.read_txt import read_txt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from tocsin.service.scan.columns import Columns
    from tocsin.service.scan.input import Input
    from tocsin.service.scan.limits import Limits
    from tocsin.service.scan.row import Row

__all__ = ["READERS", "read_rows"]

Reader: TypeAlias = "Callable[[Input, Columns, Limits, Callable[[int], None]], Iterator[Row]]"

READERS: Final[Mapping[Format, Reader]] = {
    Format.TXT: read_txt,
    Format.JSONL: read_jsonl,
    Format.CSV: read_csv,
    Format.TSV: read_tsv,
    Format.PARQUET: read_parquet,
}


def read_rows(
    inputs: Iterable[Input],
    columns: Columns,
    limits: Limits,
    on_read: Callable[[int], None] = lambda _: None,
) -> Iterator[Row]:
    """Yield every row of `inputs` in order; tell `on_read` how many bytes each step has read."""
    for source in inputs:
        yield from READERS[source.format](source, columns, limits, on_read)
