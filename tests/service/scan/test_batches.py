from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin.service.scan import Columns, Limits, inputs_from, read_rows
from tocsin.service.scan.batches import LEAST_ROWS, MOST_ROWS, batch_rows


def rows_at_once(path: Path, texts: list[str], **writing: Any) -> int:
    pq.write_table(pa.table({"text": texts}), path, **writing)
    return batch_rows(pq.read_metadata(path), ["text"])


@pytest.mark.parametrize(
    ("texts", "writing", "rows"),
    [
        pytest.param(["soup"] * 5000, {}, MOST_ROWS, id="short values"),
        pytest.param(["x" * 2**20 + str(n) for n in range(5)], {}, LEAST_ROWS, id="long values"),
        pytest.param(
            [f"{'leek ' * 4000}{n}" for n in range(500)],
            {"use_dictionary": False, "compression": "none"},
            209,
            id="in between",
        ),
        pytest.param(
            ["soup"] * 5000,
            {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}},
            LEAST_ROWS,
            id="values that share what they begin with: the file says nothing of what they come to",
        ),
        pytest.param([], {}, LEAST_ROWS, id="none"),
        pytest.param(
            ["soup"] * 5000 + ["x" * 2**20 + str(n) for n in range(5)],
            {"row_group_size": 2500},
            LEAST_ROWS,
            id="long values in one row group of many",
        ),
    ],
)
def test_more_rows_are_read_at_once_where_the_file_says_that_they_are_short(
    tmp_path: Path, texts: list[str], writing: dict[str, Any], rows: int
) -> None:
    assert rows_at_once(tmp_path / "p.parquet", texts, **writing) == pytest.approx(
        min(rows, MOST_ROWS), rel=0.01
    )


@pytest.mark.parametrize("size", [4, 40_000])
def test_rows_are_the_same_however_many_are_read_at_once(tmp_path: Path, size: int) -> None:
    path = tmp_path / "p.parquet"
    texts = [f"{'leek' * (size // 4)} {number}" for number in range(150)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=70)

    assert [
        getattr(row, "text", None) for row in read_rows(inputs_from([str(path)]), Columns(), Limits())
    ] == texts
