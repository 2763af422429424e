from __future__ import annotations

import math
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tocsin.assessment import ModelStamp, PolicyStamp
from tocsin.eval.page import render_page
from tocsin.eval.report import Report, RowsRead
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suite import Answer, Measured
from tocsin.eval.tables import Better, Column, Kind, Marked, Plot, Row, Table


def dishes(rows: int = 3) -> Table:
    """Return a table with every kind of cell, some of them marked."""
    columns = (
        Column("kitchen", "kitchen", key=True),
        Column("dish", "dish", Kind.CODE, key=True),
        Column("plates", "plates", Kind.COUNT, about="How many were *served*."),
        Column("taste", "AUROC", Kind.SCORE, better=Better.HIGHER),
        Column("burnt", "burnt", Kind.SHARE, better=Better.LOWER),
        Column("change", "change", Kind.CHANGE),
        Column("gap", "gap", Kind.POINTS),
        Column("word", "word"),
    )
    found: list[Row] = [
        {
            "kitchen": f"kitchen {number // 2}",
            "dish": f"soup_{number}",
            "plates": Marked(1235, "few") if number == 1 else 1234 + number,
            "taste": Estimate(0.8 + number / 1000, 0.7, 0.9),
            "burnt": Marked(Estimate(0.041, 0.03, 0.05), "above")
            if number == 2
            else Estimate(0.01, 0.0, 0.02),
            "change": Estimate(-0.012, -0.03, 0.006),
            "gap": 0.0123,
            "word": None,
        }
        for number in range(rows)
    ]
    return Table("dishes", "Every `dish`", columns, found, plot=Plot.BARS)


def shown(table: Table) -> ET.Element:
    """Return the section of the page that shows a table."""
    answer = Answer("kitchen", "Kitchen", "Done?", Measured((table,)), None, 0.0)
    stamps = ModelStamp("toy", "1", "sha256:ab"), "recipe", ("en",), PolicyStamp("1", "sha256:cd")
    page = render_page(Report(*stamps, RowsRead({"cooking": 9}), "2026-11-23", "0.1.0", (answer,)))
    closed = re.sub(r"<(meta|wbr)([^>]*)>", r"<\1\2/>", page.removeprefix("<!DOCTYPE html>\n"))
    found = ET.fromstring(closed).find(".//section[@class='table']")  # noqa: S314 - made here
    assert found is not None
    return found


def words(node: ET.Element) -> str:
    return " ".join("".join(node.itertext()).split())


def grid(section: ET.Element) -> list[list[str]]:
    """Return the words of a table's cells, heads first, without what is there for phones."""
    for node in section.iter():
        for also in node.findall("span[@class='also']"):
            node.remove(also)
    return [[words(cell) for cell in row] for row in section.iter("tr")]


def classed(node: ET.Element, name: str) -> list[ET.Element]:
    return [one for one in node.iter() if name in one.get("class", "").split()]


def test_a_table_stands_with_every_head_and_every_cell_as_its_column_writes_it() -> None:
    change = "−0.012 [−0.030, +0.006]"

    assert grid(shown(dishes())) == [
        [
            "kitchen",
            "dish",
            "plates",
            "AUROC higher is better 0.7 0.9",
            "burnt lower is better 0% 6%",
            "change −0.03 +0.01",
            "gap",
            "word",
        ],
        ["kitchen 0", "soup_0", "1,234", "0.800 [0.700, 0.900]", "1.0% [0.0%, 2.0%]", change, "+1.2 pp", "–"],
        [
            "kitchen 0",
            "soup_1",
            "few 1,235",
            "0.801 [0.700, 0.900]",
            "1.0% [0.0%, 2.0%]",
            change,
            "+1.2 pp",
            "–",
        ],
        [
            "kitchen 1",
            "soup_2",
            "1,236",
            "0.802 [0.700, 0.900]",
            "above 4.1% [3.0%, 5.0%]",
            change,
            "+1.2 pp",
            "–",
        ],
    ]


def test_a_table_is_captioned_its_heads_are_scoped_and_its_columns_explained_below_it() -> None:
    section = shown(dishes())
    plates = next(head for head in section.iter("th") if words(head) == "plates")
    about = section.find(f".//*[@id='{plates.get('aria-describedby')}']")

    assert [words(one) for one in section.iter("caption")] == ["Every dish: 3 rows; marked: 1 few, 1 above"]
    assert len(section.findall(".//th[@scope='col']")) == 8
    assert len(section.findall(".//th[@scope='row']")) == 3 * 2  # both keys
    assert about is not None
    assert words(about) == "How many were served."


@pytest.mark.parametrize(
    ("rows", "folded"),
    [
        pytest.param(12, False, id="a table that fits stays open"),
        pytest.param(13, True, id="one row more folds it"),
    ],
)
def test_a_long_table_is_folded_and_its_fold_tells_what_is_in_it(rows: int, folded: bool) -> None:
    section = shown(dishes(rows))

    told = [words(one) for one in section.findall("details/summary")]
    assert told == ([f"Table: {rows} rows; marked: 1 few, 1 above"] if folded else [])
    assert len(section.findall("details//table" if folded else "div/table")) == 1
    assert len(section.findall("figure")) == 1  # its plot is never folded while it is short


def test_a_plot_that_would_be_taller_than_a_screen_or_two_is_folded_with_its_table() -> None:
    section = shown(dishes(50))

    assert [words(one) for one in section.findall("details/summary")] == [
        "Plot and table: 50 rows; marked: 1 few, 1 above"
    ]
    assert len(section.findall("details/figure")) == len(list(section.iter("figure"))) == 1


@pytest.mark.parametrize(("rows", "printed"), [(59, True), (60, False)], ids=["a page or two", "more"])
def test_what_would_fill_pages_of_paper_stays_folded_there_and_says_where_it_is(
    rows: int, printed: bool
) -> None:
    (fold,) = shown(dishes(rows)).findall("details")
    summary = fold.find("summary")

    assert summary is not None
    assert (fold.get("class") is None) is printed
    assert ("(not printed: every row is in report.json)" in words(summary)) is not printed


def test_a_table_without_rows_says_that_it_shows_nothing() -> None:
    section = shown(replace(dishes(), rows=()))

    assert "Nothing to show" in words(section)
    assert not list(section.iter("table"))
    assert not list(section.iter("svg"))


def test_a_mark_on_a_figure_is_a_miss_and_one_on_a_count_a_way_to_read_it() -> None:
    marks = {words(mark): mark.get("class") for mark in classed(shown(dishes()), "mark")}

    assert marks == {"few": "mark", "above": "mark misses"}


def test_whiskers_stand_on_the_scale_that_their_column_shares() -> None:
    rows = shown(dishes()).findall(".//tbody/tr")
    styles = [[whisker.get("style") for whisker in row.iter("i")] for row in rows]

    assert [row[1] for row in styles] == [
        "--a:0;--b:33.3;--v:16.7",
        "--a:0;--b:33.3;--v:16.7",
        "--a:50;--b:83.3;--v:68.3",
    ]
    assert styles[0][2] == "--a:0;--b:90;--v:45;--z:75"  # nought parts worse from better


def test_figures_that_are_no_numbers_are_written_without_interval_and_not_drawn() -> None:
    columns = (Column("dish", "dish", key=True), Column("taste", "taste", Kind.SCORE, better=Better.HIGHER))
    rows: list[Row] = [
        {"dish": "none", "taste": None},
        {"dish": "unknown", "taste": Estimate(math.nan, math.nan, math.nan)},
        {"dish": "endless", "taste": math.inf},
        {"dish": "half known", "taste": Estimate(0.5, math.nan, 0.6)},
    ]
    section = shown(Table("odd", "Odd", columns, rows, plot=Plot.BARS))

    assert [row[1] for row in grid(section)[1:]] == ["–", "–", "∞", "0.500"]
    assert not list(section.iter("i"))
    assert "Not drawn, for want of a figure: 3 of 4 rows." in words(section)


def test_the_keys_that_a_phone_hides_are_told_once_more_in_the_first_column() -> None:
    first = shown(dishes()).findall(".//tbody/tr/th")[0]

    assert [words(one) for one in classed(first, "also")] == ["soup_0"]


def test_a_rule_parts_the_groups_of_the_first_key() -> None:
    rows = shown(dishes(4)).findall(".//tbody/tr")

    assert [row.get("class") for row in rows] == [None, None, "start", None]


def test_code_in_a_text_cell_is_shown_as_code() -> None:
    rows: list[Row] = [{"dish": "soup", "said": "like `cake` (en)"}]
    section = shown(Table("said", "Said", (Column("dish", "dish", key=True), Column("said", "said")), rows))

    assert [words(one) for one in section.iter("code")] == ["cake"]
    assert grid(section)[1] == ["soup", "like cake (en)"]
