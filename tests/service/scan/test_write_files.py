import csv
import io
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.assessment import PolicyStamp
from tocsin.errors import ScoringError
from tocsin.item import Item
from tocsin.service.scan import CsvSink, JsonLinesSink, Judged, ParquetSink
from tocsin.service.scan.testing import WordAssessor
from tocsin.service.scan.write_parquet import GROUP_ROWS
from tocsin.signals import Signal

ITEMS = [Item("p-1", "hot soup"), Item("p-2", "", "fr")]
SINKS = (JsonLinesSink, CsvSink, ParquetSink)
Writer = type[JsonLinesSink] | type[CsvSink] | type[ParquetSink]
COLUMNS = [
    *("id", "status", "reason", "language", "level", "priority"),
    *(f"signal_{signal}" for signal in Signal),
    *(f"policy_appeal_{key}" for key in ("score", "level", "certified", "missing")),
    *("tier", "spans", "model_name", "model_version", "model_digest", "policy_version", "policy_digest"),
]


def judged(items: Iterable[Item], policy: str = "appeal") -> list[Judged]:
    rows = list(items)
    answers = WordAssessor({"soup": 0.9}, policy=policy).assess(rows, explain=True)
    return [Judged(item, answer) for item, answer in zip(rows, answers, strict=True)]


def written(sink: Writer, rows: Iterable[Judged], *, show_text: bool = False) -> bytes:
    stream = io.BytesIO()
    writer = sink(stream, show_text=show_text)
    for row in rows:
        writer.write(row)
    writer.finish()
    return stream.getvalue()


def csv_rows(data: bytes) -> list[dict[str, Any]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def parquet_rows(data: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(pa.BufferReader(data)).to_pylist()
    return rows


def test_json_lines_are_the_documented_assessments() -> None:
    rows = judged(ITEMS)
    lines = [json.loads(line) for line in written(JsonLinesSink, rows).splitlines()]

    assert lines == [row.assessment.to_dict() for row in rows]


def test_json_lines_are_written_as_they_come() -> None:
    stream = io.BytesIO()
    JsonLinesSink(stream).write(judged(ITEMS)[0])

    assert json.loads(stream.getvalue())["id"] == "p-1"


def test_json_lines_cannot_steer_a_terminal() -> None:
    assert written(JsonLinesSink, judged([Item("\x9b31m\u202e", "汤")]), show_text=True).isascii()


def test_csv_has_the_documented_columns() -> None:
    scored, unscorable = csv_rows(written(CsvSink, judged(ITEMS)))

    assert list(scored) == COLUMNS
    assert scored["id"] == "p-1"
    assert scored["priority"] == scored["policy_appeal_score"] == "0.9"
    assert scored["level"] == scored["policy_appeal_level"] == "urgent"
    assert scored["policy_appeal_certified"] == "true"
    assert json.loads(scored["policy_appeal_missing"]) == []
    assert json.loads(scored["spans"]) == [{"start": 4, "end": 8, "signal": "call_to_action", "weight": 0.9}]
    assert scored["signal_threat"] == ""
    assert (unscorable["status"], unscorable["reason"], unscorable["priority"]) == ("unscorable", "empty", "")
    assert json.loads(unscorable["policy_appeal_missing"]) == ["call_to_action"]


def test_parquet_has_the_same_columns_with_types() -> None:
    data = written(ParquetSink, judged(ITEMS))
    schema = pq.read_schema(pa.BufferReader(data))
    scored, unscorable = parquet_rows(data)

    assert schema.names == COLUMNS
    assert schema.field("priority").type == pa.float64()
    assert schema.field("policy_appeal_certified").type == pa.bool_()
    assert scored["spans"] == [{"start": 4, "end": 8, "signal": "call_to_action", "weight": 0.9}]
    assert unscorable["policy_appeal_missing"] == ["call_to_action"]
    assert unscorable["priority"] is None


def test_parquet_is_written_in_row_groups() -> None:
    data = written(ParquetSink, judged(Item(str(number), "soup") for number in range(GROUP_ROWS + 5)))
    metadata = pq.read_metadata(pa.BufferReader(data))

    assert [metadata.row_group(group).num_rows for group in range(2)] == [GROUP_ROWS, 5]
    assert [row["id"] for row in parquet_rows(data)] == [str(number) for number in range(GROUP_ROWS + 5)]


def test_texts_are_added_on_request_alone() -> None:
    rows = judged(ITEMS)

    assert b"hot soup" not in b"".join(written(sink, rows) for sink in SINKS)
    assert json.loads(written(JsonLinesSink, rows, show_text=True).splitlines()[0])["text"] == "hot soup"
    assert csv_rows(written(CsvSink, rows, show_text=True))[0]["text"] == "hot soup"
    assert parquet_rows(written(ParquetSink, rows, show_text=True))[0]["text"] == "hot soup"


def test_nothing_read_still_gives_a_valid_output() -> None:
    assert written(JsonLinesSink, []) == b""
    assert csv_rows(written(CsvSink, [])) == []
    assert written(CsvSink, []).startswith(b"id,status,reason,language,level,priority,signal_incitement")
    assert parquet_rows(written(ParquetSink, [])) == []


FORMULAS = [
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "﹦",
    "\t",
    "\r",
    "\n",
    "  =",
    "\u00a0+",
    "\x0b-",
    " \n ＝",
]


@pytest.mark.parametrize("start", FORMULAS)
def test_no_cell_of_a_stranger_is_a_formula(start: str) -> None:
    (row,) = csv_rows(written(CsvSink, judged([Item(f"{start}1+1", f"{start}cmd|x")]), show_text=True))

    assert (row["id"], row["text"]) == (f"'{start}1+1", f"'{start}cmd|x")


@pytest.mark.parametrize("plain", ["soup", " soup", "soup = stock", "1+1", "'tis", "汤", ""])
def test_other_cells_stay_as_they_are(plain: str) -> None:
    (row,) = csv_rows(written(CsvSink, judged([Item("1", plain)]), show_text=True))

    assert row["text"] == plain


@pytest.mark.parametrize("sink", [CsvSink, ParquetSink])
def test_names_from_a_policy_file_cannot_steer_a_terminal(sink: Writer) -> None:
    data = written(sink, judged(ITEMS, policy="\x1b[31mappeal\u202e"))
    (row, _) = csv_rows(data) if sink is CsvSink else parquet_rows(data)

    assert r"policy_\x1b[31mappeal\u202e_score" in row


def test_stamps_cannot_steer_a_terminal() -> None:
    (row, _) = judged(ITEMS)
    stamped = replace(row.assessment, policy=PolicyStamp("\x1b[31m1", "sha256:1"))
    (read,) = csv_rows(written(CsvSink, [replace(row, assessment=stamped)]))

    assert read["policy_version"] == r"\x1b[31m1"


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_a_round_trip(key: str, text: str) -> None:
    rows = judged([Item(key, text)])
    (read,) = csv_rows(written(CsvSink, rows, show_text=True))

    assert [read["id"].removeprefix("'"), read["text"].removeprefix("'")] == [
        value.removeprefix("'") for value in (key, text)
    ]
    assert json.loads(written(JsonLinesSink, rows, show_text=True))["text"] == text


@pytest.mark.parametrize("sink", [CsvSink, ParquetSink])
def test_rows_judged_by_different_policies_are_refused(sink: Writer) -> None:
    with pytest.raises(
        ScoringError, match="must be judged by the policies appeal, 'p-1' was judged by other"
    ):
        written(sink, [*judged(ITEMS), *judged(ITEMS, policy="other")])


def test_parquet_can_be_written_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    path.write_bytes(written(ParquetSink, judged(ITEMS)))

    assert pq.ParquetFile(path).metadata.num_rows == 2
