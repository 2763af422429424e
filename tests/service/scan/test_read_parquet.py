import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin.errors import InputError, LimitError, MalformedRowError, MissingExtraError
from tocsin.item import Item
from tocsin.service.scan import Columns, Limits, Row, inputs_from, read_rows

COLUMNS = Columns()
LIMITS = Limits()


def rows_of(
    folder: Path, columns: dict[str, Any], names: Columns = COLUMNS, limits: Limits = LIMITS
) -> list[Row]:
    path = folder / "posts.parquet"
    pq.write_table(pa.table(columns), path)
    return list(read_rows(inputs_from([str(path)]), names, limits))


@pytest.mark.parametrize(
    ("columns", "item"),
    [
        pytest.param({"text": ["soup"]}, Item("1", "soup"), id="without an id, the row number"),
        pytest.param({"text": ["soup"], "id": [7]}, Item("7", "soup"), id="an integer id"),
        pytest.param({"text": ["soup"], "id": ["p-7"]}, Item("p-7", "soup"), id="a string id"),
        pytest.param({"text": ["soup"], "language": ["en"]}, Item("1", "soup", "en"), id="a language hint"),
        pytest.param({"text": pa.array(["a"], pa.large_string())}, Item("1", "a"), id="long strings"),
        pytest.param({"text": pa.array(["a"]).dictionary_encode()}, Item("1", "a"), id="a dictionary"),
        pytest.param({"text": pa.array([None], pa.string())}, Item("1", ""), id="a null text is empty"),
        pytest.param({"text": pa.nulls(1)}, Item("1", ""), id="a column of nulls"),
        pytest.param({"text": ["soup"], "likes": [{"n": 1}]}, Item("1", "soup"), id="other columns"),
    ],
)
def test_a_row_becomes_an_item(tmp_path: Path, columns: dict[str, Any], item: Item) -> None:
    assert rows_of(tmp_path, columns) == [item]


def test_rows_are_numbered_across_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"text": [f"dish {number}" for number in range(1000)]}), path, row_group_size=300)

    rows = list(read_rows(inputs_from([str(path)]), COLUMNS, LIMITS))

    assert rows == [Item(str(number + 1), f"dish {number}") for number in range(1000)]


def test_a_table_without_rows_is_read(tmp_path: Path) -> None:
    assert rows_of(tmp_path, {"text": pa.array([], pa.string())}) == []


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        pytest.param(b"so\xffup", "text must be valid UTF-8, byte 3 is not", id="Arrow does not check UTF-8"),
        pytest.param(b"x" * 51, "a record must be at most 50 bytes, was 51 or more", id="too long"),
    ],
)
def test_a_malformed_row_is_reported_and_its_neighbours_are_read(
    tmp_path: Path, bad: bytes, why: str
) -> None:
    unchecked = pa.array([b"soup", bad, b"bread"], pa.binary()).view(pa.string())
    before, rejected, after = rows_of(tmp_path, {"text": unchecked}, limits=Limits(record_bytes=50))

    assert (before, after) == (Item("1", "soup"), Item("3", "bread"))
    assert isinstance(rejected, MalformedRowError)
    assert (rejected.row, rejected.why) == (2, why)


@pytest.mark.parametrize(
    ("columns", "names", "why"),
    [
        pytest.param(
            {"body": ["a"]}, Columns(), "must have a column 'text'; its columns are body", id="no text"
        ),
        pytest.param({"text": ["a"]}, Columns(id="key"), "must have a column 'key'", id="no such id"),
        pytest.param({"text": [1]}, Columns(), "column 'text' must hold strings, was int64", id="numbers"),
        pytest.param({"text": [{"a": "b"}]}, Columns(), "column 'text' must hold strings", id="structures"),
        pytest.param(
            {"text": ["a"], "id": [1.5]}, Columns(), "must hold strings or integers", id="float ids"
        ),
        pytest.param({"text": ["a"], "language": [1]}, Columns(), "'language' must hold strings", id="hints"),
    ],
)
def test_a_malformed_header_is_fatal(
    tmp_path: Path, columns: dict[str, Any], names: Columns, why: str
) -> None:
    with pytest.raises(InputError) as caught:
        rows_of(tmp_path, columns, names)

    assert why in str(caught.value)


@pytest.mark.parametrize("keep", [0, 3, 40, -1])
def test_a_file_cut_short_is_an_error(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"text": ["soup"] * 100}), path)
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(InputError, match="must be a whole Parquet file"):
        list(read_rows(inputs_from([str(path)]), COLUMNS, LIMITS))


def test_a_table_that_unpacks_out_of_proportion_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    table = pa.table({"text": ["x" * 1_000_000 + str(number) for number in range(20)]})
    pq.write_table(table, path, compression="zstd", use_dictionary=False)

    with pytest.raises(LimitError, match="decompressed bytes must be at most 2 times"):
        list(read_rows(inputs_from([str(path)]), Columns(), Limits(expansion=2)))


def test_without_pyarrow_the_error_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "posts.parquet"
    path.touch()

    with pytest.raises(MissingExtraError, match=r"pip install 'tocsin\[audit\]'"):
        list(read_rows(inputs_from([str(path)]), COLUMNS, LIMITS))
