"""Every kind of cell has one way to be written, and nothing in a cell breaks the table around it."""

from __future__ import annotations

import pytest

from tocsin.eval.markdown import cell, grid, markdown, paragraph
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Column, Kind, Marked, Table, Value

LONG = "Seventeen cooks and one referee wrote this down, word by word, for whoever comes after them. " * 3


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        (Kind.TEXT, "soup", "soup"),
        (Kind.CODE, "hate", "`hate`"),
        (Kind.COUNT, 1200, "1200"),
        (Kind.SHARE, 0.125, "12.5%"),
        (Kind.SCORE, 0.8125, "0.812"),
        (Kind.CHANGE, 0.0625, "+0.062"),
        (Kind.CHANGE, -0.25, "-0.250"),
        (Kind.POINTS, 0.125, "+12.5"),
        (Kind.POINTS, -0.5, "-50.0"),
        (Kind.SHARE, Estimate(0.5, 0.25, 1.0), "50.0% [25.0%, 100.0%]"),
        (Kind.CHANGE, Estimate(-0.5, -1.0, 0.0), "-0.500 [-1.000, +0.000]"),
        (Kind.POINTS, Estimate(0.5, 0.25, 0.75), "+50.0 [+25.0, +75.0]"),
        (Kind.SCORE, Marked(0.5, "few"), "0.500 **few**"),
        (Kind.CODE, Marked("hate", "few"), "`hate` **few**"),
        (Kind.SCORE, Marked(Estimate(0.5, 0.25, 0.75), "above"), "0.500 [0.250, 0.750] **above**"),
        (Kind.SHARE, None, "–"),
        (Kind.SHARE, Marked(None, "not measured"), "– **not measured**"),
        (Kind.SHARE, "none", "none"),
    ],
)
def test_a_cell_is_written_as_its_column_says(kind: Kind, value: Value, written: str) -> None:
    assert cell(value, Column("any", "any", kind)) == written


def test_every_kind_has_a_form() -> None:
    assert [bool(cell(1, Column("any", "any", kind))) for kind in Kind] == [True] * len(Kind)


@pytest.mark.parametrize("words", ["soup | salad", "soup\nsalad", "\r\n|\t|"])
def test_no_sign_in_a_cell_breaks_the_table(words: str) -> None:
    lines = grid(("dish", "price"), [(words, "3")]).splitlines()
    assert len(lines) == 3
    assert [line.replace("\\|", "").count("|") for line in lines] == [3, 3, 3]


def test_words_stand_in_paragraphs_around_the_figures() -> None:
    table = Table(
        "dishes",
        "Dishes",
        (Column("dish", "dish"), Column("liked", "liked by", Kind.SHARE)),
        [{"dish": "soup", "liked": 0.5}],
        about=["Asked on Monday.", "Asked politely."],
        notes=["**few**: nobody came."],
    )
    assert markdown(table) == (
        "Asked on Monday.\n\nAsked politely.\n\n"
        "| dish | liked by |\n| --- | --- |\n| soup | 50.0% |\n\n"
        "**few**: nobody came.\n"
    )


def test_a_table_without_a_row_has_its_words_and_no_head() -> None:
    table = Table("dishes", "Dishes", (Column("dish", "dish"),), [], notes=["Nothing was cooked."])
    assert markdown(table) == "Nothing was cooked.\n"


def test_a_paragraph_keeps_its_words_in_lines_of_a_hundred_and_ten() -> None:
    lines = paragraph(LONG, "  ").splitlines()
    assert max(map(len, lines)) <= 110
    assert len(lines) == 3
    assert [line.startswith("  ") for line in lines] == [False, True, True]
    assert " ".join(" ".join(lines).split()) == LONG.strip()
