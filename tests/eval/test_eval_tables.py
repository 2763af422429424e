"""Tables hold every cell with its column, and come back from JSON as they were."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Better, Column, Kind, Marked, Plain, Plot, Row, Table, Value, bare

COLUMNS = (
    Column("corpus", "corpus", key=True),
    Column("bin", "bin", Kind.COUNT, key=True),
    Column("auroc", "AUROC", Kind.SCORE, better=Better.HIGHER, about="Chance is 0.5."),
)
ROWS: tuple[Row, ...] = (
    {"corpus": "kitchen", "bin": 1, "auroc": Estimate(0.75, 0.5, 0.875)},
    {"corpus": "kitchen", "bin": 2, "auroc": Marked(Estimate(0.25, 0.125, 0.5), "behind")},
    {"corpus": Marked("stadium", "few"), "bin": 1, "auroc": None},
)


def table(*rows: Row, **more: Any) -> Table:
    return Table("cells", "Every cell", COLUMNS, rows or ROWS, **more)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({"corpus": "kitchen", "bin": 1}, id="one-is-missing"),
        pytest.param({"corpus": "kitchen", "bin": 1, "auroc": None, "f1": 0.5}, id="one-too-many"),
        pytest.param({"corpus": "kitchen", "auroc": None, "bin": 1}, id="another-order"),
        pytest.param({}, id="none-at-all"),
    ],
)
def test_a_row_that_has_other_cells_than_the_columns_is_refused(row: Row) -> None:
    with pytest.raises(ValueError, match="a row of cells must have corpus, bin, auroc; had"):
        table(ROWS[0], row)


def test_a_row_is_found_by_its_cells_marked_or_not() -> None:
    assert table().keys == ("corpus", "bin")
    assert table().find({"corpus": "kitchen"}) == list(ROWS[:2])
    assert table().find({"corpus": "stadium"}) == [ROWS[2]]
    assert table().find({"corpus": "pantry"}) == []
    assert table().find({}) == list(ROWS)


def test_a_row_is_found_by_a_number_as_files_write_it() -> None:
    assert table().find({"corpus": "kitchen", "bin": "2"}) == [ROWS[1]]


def test_a_mark_comes_off() -> None:
    assert bare(Marked(Estimate(1, 0, 1), "few")) == Estimate(1, 0, 1)
    assert bare(None) is None


WORDS = st.text(max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN: st.SearchStrategy[Plain] = st.one_of(
    st.none(), WORDS, st.integers(), NUMBERS, st.builds(Estimate, NUMBERS, NUMBERS, NUMBERS)
)
VALUES: st.SearchStrategy[Value] = PLAIN | st.builds(Marked, PLAIN, WORDS)
COLUMN = st.builds(
    Column,
    WORDS,
    WORDS,
    st.sampled_from(Kind),
    key=st.booleans(),
    better=st.none() | st.sampled_from(Better),
    about=WORDS,
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.lists(COLUMN, max_size=4, unique_by=lambda column: column.name))
    row = st.tuples(*(VALUES for _ in columns)).map(
        lambda cells: dict(zip((column.name for column in columns), cells, strict=True))
    )
    return Table(
        draw(WORDS),
        draw(WORDS),
        tuple(columns),
        tuple(draw(st.lists(row, max_size=4))),
        about=tuple(draw(st.lists(WORDS, max_size=2))),
        notes=tuple(draw(st.lists(WORDS, max_size=2))),
        card=draw(st.booleans()),
        plot=draw(st.none() | st.sampled_from(Plot)),
    )


@given(tables())
def test_a_table_comes_back_from_json_as_it_was(made: Table) -> None:
    written = json.dumps(made.to_dict(), allow_nan=False)
    again = Table.from_dict(json.loads(written))
    assert again == made
    assert [list(row) for row in again.rows] == [list(row) for row in made.rows]
    assert json.dumps(again.to_dict()) == written


def changed(**more: Any) -> Mapping[str, Any]:
    return table().to_dict() | more


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({}, id="nothing"),
        pytest.param(changed(columns=[{"name": "corpus"}]), id="a-column-lacks-its-head"),
        pytest.param(changed(plot="pie"), id="a-plot-that-is-none"),
        pytest.param(changed(rows=[{"corpus": "kitchen"}]), id="a-row-lacks-cells"),
        pytest.param(changed(rows=[{key: [] for key in ROWS[0]}]), id="a-cell-is-a-list"),
        pytest.param(changed(rows=[{key: {"value": 1} for key in ROWS[0]}]), id="an-estimate-lacks-its-ends"),
        pytest.param(changed(rows=[{key: {"mark": "few"} for key in ROWS[0]}]), id="a-mark-of-nothing"),
        pytest.param(changed(rows=["kitchen"]), id="a-row-is-a-word"),
        pytest.param(changed(rows=3), id="no-rows"),
    ],
)
def test_what_is_no_table_is_not_read_as_one(told: Mapping[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Table.from_dict(told)
