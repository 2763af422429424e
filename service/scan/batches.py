"""How many rows of a Parquet file are read at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["LEAST_ROWS", "MOST_ROWS", "batch_rows"]

# A batch holds this many values at once, each as long as the file likes; fewer would be slow to read.
LEAST_ROWS: Final = 32
# Where values are as short as the file says, more of them are read at once, which is three times as fast. A
# file that lies gains little: a page is unpacked whole, however few of its rows are asked for.
MOST_ROWS: Final = 1024
BATCH_BYTES: Final = 4 * 1024 * 1024
# Values share their beginnings: what a file says of their size is too low.
SHARING: Final = "DELTA_BYTE_ARRAY"


def batch_rows(metadata: Any, names: Collection[str]) -> int:
    """Return how many rows to read at once, by what a file's metadata say of the columns `names`.

    The row group with the longest values decides.
    """
    longest = max(
        (_row_bytes(metadata.row_group(index), names) for index in range(metadata.num_row_groups)), default=0
    )
    return max(LEAST_ROWS, min(MOST_ROWS, BATCH_BYTES // (1 + longest)))


def _row_bytes(group: Any, names: Collection[str]) -> int:
    chunks = [group.column(index) for index in range(group.num_columns)]
    read = [chunk for chunk in chunks if chunk.path_in_schema in names]
    if not group.num_rows or any(SHARING in chunk.encodings for chunk in read):
        return BATCH_BYTES
    rows: int = group.num_rows
    return sum(int(chunk.total_uncompressed_size) for chunk in read) // rows
