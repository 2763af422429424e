"""Rows that audits are measured on: words about cooking, written as an export of a platform has them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from throughput_posts import word

__all__ = ["DISTINCT", "toys", "written"]

DISTINCT: Final = 2_400
COUNTRIES: Final = ("Zorbia", "Quell", "Uberwald")
KITCHEN: Final = ("soup", "bread", "oven", "butter", "flour", "simmer", "whisk", "garlic", "the", "a", "and")
GROUP_ROWS: Final = 50_000


def toys() -> list[str]:
    """Return posts of words about cooking, always the same."""
    draw = random.Random(0)  # noqa: S311 - a sample, no secret
    return [" ".join(draw.choices(KITCHEN, k=draw.randrange(5, 40))) for _ in range(DISTINCT)]


def written(path: Path, posts: Sequence[str], rows: int) -> Path:
    """Write so many rows as Parquet in row groups, without holding all of them, and return the path.

    Posts come again and again, each time with a made-up word of its own.
    """
    schema = pa.schema({"id": pa.string(), "text": pa.string(), "country": pa.string(), "views": pa.int64()})
    stream = enumerate(islice(cycle(posts), rows))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(stream, GROUP_ROWS)):
            table = [
                {
                    "id": f"row-{row}",
                    "text": f"{post} {word(row)}",
                    "country": COUNTRIES[row % 3],
                    "views": row % 997,
                }
                for row, post in group
            ]
            writer.write_table(pa.Table.from_pylist(table, schema))
    return path
