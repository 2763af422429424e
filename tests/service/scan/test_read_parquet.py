import sys
from collections.abc import Iterable, Iterator, Sequence
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


LONG = "soup" * 3 * 1024 * 1024
MEBIBYTE = "".join(f"dish {number} " for number in range(100_000))[: 1024 * 1024]


def shared(values: list[str], slots: Sequence[int | None]) -> Any:
    """Return a column that holds each value once, however often it stands there."""
    return pa.DictionaryArray.from_arrays(pa.array(slots, pa.int32()), values)


def watched(rows: Iterable[Row], held: list[int]) -> Iterator[Row]:
    """Pass rows on; note how much Arrow holds at each."""
    for row in rows:
        held.append(pa.total_allocated_bytes())
        yield row


@pytest.mark.parametrize(
    "writing",
    [
        pytest.param({"use_dictionary": True}, id="a dictionary"),
        pytest.param({"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}}, id="deltas"),
    ],
)
def test_a_value_held_once_and_delivered_often_is_refused(tmp_path: Path, writing: dict[str, Any]) -> None:
    path = tmp_path / "posts.parquet"
    table = pa.table({"text": pa.array([MEBIBYTE] * 300)})
    pq.write_table(table, path, compression="zstd", **writing)
    del table
    before, held = pa.total_allocated_bytes(), list[int]()

    with pytest.raises(LimitError, match="decompressed bytes must be at most 2 times"):
        list(watched(read_rows(inputs_from([str(path)]), COLUMNS, Limits(expansion=2)), held))

    assert 0 < len(held) < 20
    assert max(held) - before < 48 * 1024 * 1024


def test_a_value_too_long_is_one_rejected_row_however_often_it_stands_there(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(
        pa.table({"text": shared([LONG, "soup"], [*[0] * 600, None, 1])}), path, compression="zstd"
    )
    before, held = pa.total_allocated_bytes(), list[int]()

    rows = list(watched(read_rows(inputs_from([str(path)]), COLUMNS, LIMITS), held))

    assert all(isinstance(row, MalformedRowError) for row in rows[:600])
    assert rows[600:] == [Item("601", ""), Item("602", "soup")]
    assert max(held) - before < 320 * 1024 * 1024


def test_a_record_is_as_long_as_its_columns_together(tmp_path: Path) -> None:
    columns = {"text": ["leek soup", "soup"], "id": ["a" * 8, "b" * 8]}
    rejected, item = rows_of(tmp_path, columns, limits=Limits(record_bytes=16))

    assert isinstance(rejected, MalformedRowError)
    assert rejected.why == "a record must be at most 16 bytes, was 17 or more"
    assert item == Item("b" * 8, "soup")


@pytest.mark.parametrize("encoding", ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", None])
@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_every_encoding_is_read(tmp_path: Path, encoding: str | None, kind: Any) -> None:
    path = tmp_path / "posts.parquet"
    texts = [f"dish {number % 7}" if number % 5 else None for number in range(100)]
    writing = {"column_encoding": {"text": encoding}} if encoding else {}
    pq.write_table(pa.table({"text": pa.array(texts, kind)}), path, use_dictionary=not encoding, **writing)

    rows = list(read_rows(inputs_from([str(path)]), COLUMNS, LIMITS))

    assert rows == [Item(str(number), text or "") for number, text in enumerate(texts, start=1)]


def test_without_pyarrow_the_error_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "posts.parquet"
    path.touch()

    with pytest.raises(MissingExtraError, match=r"pip install 'tocsin\[audit\]'"):
        list(read_rows(inputs_from([str(path)]), COLUMNS, LIMITS))
