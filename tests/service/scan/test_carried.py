import gzip
import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin.errors import InputError, MalformedRowError
from tocsin.service.scan import Carried, CellKind, Columns, Limits, Placed, Row, inputs_from, read_rows
from tocsin.service.scan.row import Fault

NOON = datetime(2031, 5, 17, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "given", "cell"),
    [
        pytest.param("string", "Überwald 🍲", "Überwald 🍲", id="any Unicode"),
        pytest.param("string", "", "", id="an empty string is one"),
        pytest.param("string", 7, "7", id="a number among strings, as JSON writes it"),
        pytest.param("string", True, "true", id="a flag among strings, as JSON writes it"),
        pytest.param("integer", 2**63 - 1, 2**63 - 1, id="the greatest of 64 bits"),
        pytest.param("integer", " -7 ", -7, id="digits, as CSV has them"),
        pytest.param("integer", 5.0, 5, id="a whole number that a tool made a fraction of"),
        pytest.param("integer", "", None, id="an empty cell of CSV is null"),
        pytest.param("number", 3, 3.0, id="an integer is a number"),
        pytest.param("number", "2.5e3", 2500.0, id="a number in words of CSV"),
        pytest.param("number", math.nan, None, id="NaN is null"),
        pytest.param("boolean", "True", True, id="a flag in letters"),
        pytest.param("date", "2031-05-17", date(2031, 5, 17), id="a date in letters"),
        pytest.param("timestamp", "2031-05-17T12:00:00Z", NOON, id="a time with a zone"),
        pytest.param("timestamp", "2031-05-17T12:00:00", NOON, id="a time without a zone is UTC"),
        pytest.param(
            "timestamp", datetime(2031, 5, 17, 14, tzinfo=timezone(timedelta(hours=2))), NOON, id="elsewhere"
        ),
        pytest.param("timestamp", date(2031, 5, 17), NOON.replace(hour=0), id="a date begins at midnight"),
        *(pytest.param(kind, None, None, id=f"a null {kind}") for kind in CellKind),
    ],
)
def test_a_cell_is_read_as_its_columns_kind(kind: str, given: object, cell: object) -> None:
    assert Carried("stars", CellKind(kind)).cell(given) == cell


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        pytest.param(
            "integer", "many", "'stars' must be a whole number of 64 bits, was a string", id="words"
        ),
        pytest.param("integer", True, "was bool", id="a flag is no number"),
        pytest.param("integer", 1.5, "was float", id="a fraction"),
        pytest.param("integer", 2**63, "was int", id="too great"),
        pytest.param("integer", "9" * 5000, "was a string", id="too many digits for Python"),
        pytest.param("number", math.inf, "must be a finite number, was float", id="infinity"),
        pytest.param("number", "1e999", "must be a finite number", id="a number that overflows"),
        pytest.param("number", 10**400, "must be a finite number, was int", id="an integer that overflows"),
        pytest.param("boolean", 1, "must be a boolean, was int", id="one is no flag"),
        pytest.param("string", ["soup"], "must be a string, was list", id="a structure"),
        pytest.param("string", "\ud800", "must be a string", id="a lone surrogate"),
        pytest.param("string", "x" * 201, "must have at most 200 characters, had 201", id="a whole text"),
        pytest.param("date", "yesterday", "must be a date such as", id="a word for a date"),
        pytest.param("timestamp", 1_700_000_000, "must be a time such as", id="seconds of what"),
        pytest.param("timestamp", "0001-01-01T00:00:00+10:00", "must be a time", id="before all time"),
    ],
)
def test_a_cell_that_is_none_of_its_kind_is_a_fault_that_does_not_show_it(
    kind: str, given: object, why: str
) -> None:
    with pytest.raises(Fault) as caught:
        Carried("stars", CellKind(kind)).cell(given)

    assert why in str(caught.value)
    assert "many" not in str(caught.value)


def test_a_weight_below_nought_is_a_fault() -> None:
    views = Carried("views", CellKind.NUMBER, least=0)

    assert views.cell(0) == 0
    assert views.cell(None) is None
    with pytest.raises(Fault, match="'views' must be at least 0, was less"):
        views.cell(-1)


CARRIED = (Carried("place", CellKind.STRING), Carried("stars", CellKind.INTEGER))
COLUMNS = Columns(carried=CARRIED)
POSTS: list[dict[str, Any]] = [
    {"id": "a", "text": "soup", "place": "Überwald", "stars": 3},
    {"id": "b", "text": "bread", "place": None, "stars": None},
]


def write(path: Path, posts: list[dict[str, Any]]) -> Path:
    lines = "".join(json.dumps(post) + "\n" for post in posts)
    header = ",".join(posts[0]) + "\n"
    table = header + "".join(
        ",".join("" if v is None else str(v) for v in post.values()) + "\n" for post in posts
    )
    if path.name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(posts), path)
    elif path.name.endswith(".jsonl.gz"):
        path.write_bytes(gzip.compress(lines.encode()))
    else:
        path.write_text(table if path.suffix == ".csv" else lines, encoding="utf-8")
    return path


def read(path: Path, columns: Columns = COLUMNS) -> list[Row]:
    return list(read_rows(inputs_from([str(path)]), columns, Limits()))


@pytest.mark.parametrize(
    ("name", "places", "nothing"),
    [
        pytest.param("posts.jsonl", (1, 2), None, id="JSON Lines"),
        pytest.param("posts.jsonl.gz", (1, 2), None, id="packed JSON Lines"),
        pytest.param("posts.csv", (2, 3), "", id="CSV, whose header is a line and whose nulls are empty"),
        pytest.param("posts.parquet", (1, 2), None, id="Parquet"),
    ],
)
def test_columns_travel_with_their_row_and_its_place(
    tmp_path: Path, name: str, places: tuple[int, int], nothing: str | None
) -> None:
    assert read(write(tmp_path / name, POSTS)) == [
        Placed("a", "soup", place=places[0], carried=("Überwald", 3)),
        Placed("b", "bread", place=places[1], carried=(nothing, None)),
    ]


def test_a_row_whose_cell_is_none_of_its_kind_is_rejected_and_its_neighbours_are_not(tmp_path: Path) -> None:
    posts = [POSTS[0], {**POSTS[1], "stars": "many"}, POSTS[0]]

    before, rejected, after = read(write(tmp_path / "posts.jsonl", posts))

    assert isinstance(before, Placed)
    assert isinstance(after, Placed)
    assert isinstance(rejected, MalformedRowError)
    assert (rejected.row, rejected.why) == (
        2,
        "'stars' must be a whole number of 64 bits, was a string that is none",
    )


@pytest.mark.parametrize("name", ["posts.csv", "posts.parquet"])
def test_a_table_without_a_column_that_travels_is_refused(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, [{"text": "soup", "place": "Quell"}])

    with pytest.raises(InputError, match="must have a column 'stars'; its columns are text, place"):
        read(path)


@pytest.mark.parametrize(
    ("values", "kind", "cells"),
    [
        pytest.param(pa.array([1, None], pa.int8()), "integer", (1, None), id="short integers"),
        pytest.param(pa.array([1.5, None]), "number", (1.5, None), id="fractions"),
        pytest.param(pa.array([True, None]), "boolean", (True, None), id="flags"),
        pytest.param(pa.array([NOON.date(), None]), "date", (NOON.date(), None), id="dates"),
        pytest.param(pa.array(["a", None]).dictionary_encode(), "string", ("a", None), id="a dictionary"),
        pytest.param(
            pa.array([NOON.replace(tzinfo=None), None], pa.timestamp("ns")),
            "timestamp",
            (NOON, None),
            id="nanoseconds without a zone",
        ),
        pytest.param(
            pa.array([NOON, None], pa.timestamp("ms", "+02:00")), "timestamp", (NOON, None), id="another zone"
        ),
        pytest.param(pa.nulls(2), "string", (None, None), id="nothing but nulls"),
    ],
)
def test_types_of_parquet_are_kept(tmp_path: Path, values: Any, kind: str, cells: tuple[object, ...]) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"text": ["soup", "bread"], "extra": values}), path)

    rows = read(path, Columns(carried=(Carried("extra", CellKind(kind)),)))

    assert [row.carried for row in rows if isinstance(row, Placed)] == [(cell,) for cell in cells]


def test_a_structure_in_parquet_cannot_travel(tmp_path: Path) -> None:
    path = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"text": ["soup"], "extra": [{"a": 1}]}), path)

    with pytest.raises(
        InputError, match="column 'extra' must hold strings, numbers, booleans, dates or times"
    ):
        read(path, Columns(carried=(Carried("extra", CellKind.STRING),)))


def test_without_columns_that_travel_items_are_as_they_were(tmp_path: Path) -> None:
    (item, _) = read(write(tmp_path / "posts.jsonl", POSTS), Columns())

    assert not isinstance(item, Placed)
