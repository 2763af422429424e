from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest

from tocsin.eval.page.figures import scale_over
from tocsin.eval.page.plots import draw
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Better, Column, Kind, Marked, Plot, Row, Table, Value
from tocsin.page.views import Drawing

KITCHENS = (Column("kitchen", "kitchen", key=True), Column("dish", "dish", Kind.CODE, key=True))


def dots(*values: Value, few: int | None = None, kitchens: int = 1) -> Table:
    columns = (
        *KITCHENS,
        Column("plates", "plates", Kind.COUNT),
        Column("other", "other", Kind.SCORE),
        Column("taste", "AUROC", Kind.SCORE, better=Better.HIGHER),
    )
    rows: list[Row] = [
        {
            "kitchen": f"kitchen {number % kitchens}",
            "dish": f"soup_{number}",
            "plates": Marked(3, "few") if number == few else 3,
            "other": 0.1,
            "taste": value,
        }
        for number, value in enumerate(values)
    ]
    return Table("dishes", "Dishes", columns, rows, plot=Plot.BARS)


def bins(**dishes: list[tuple[float, Estimate]]) -> Table:
    columns = (
        *KITCHENS,
        Column("bin", "bin", Kind.COUNT, key=True),
        Column("rows", "rows", Kind.COUNT),
        Column("score", "mean score", Kind.SCORE),
        Column("share", "share of positives", Kind.SCORE),
    )
    rows: list[Row] = [
        {"kitchen": "west", "dish": dish, "bin": number, "rows": 50, "score": score, "share": share}
        for dish, points in dishes.items()
        for number, (score, share) in enumerate(points)
    ]
    return Table("bins", "Bins", columns, rows, plot=Plot.RELIABILITY)


def drawn(table: Table) -> Drawing:
    drawing = draw(table, "here")
    assert drawing is not None
    return drawing


def svg(table: Table, number: int = 0) -> ET.Element:
    return ET.fromstring(drawn(table).pictures[number][1])  # noqa: S314 - made here


def texts(picture: ET.Element) -> list[str]:
    return [text.text or "" for text in picture.iter("text")]


def test_each_row_is_a_dot_with_its_label_under_the_first_key_that_groups_it() -> None:
    picture = svg(dots(Estimate(0.8, 0.7, 0.9), Estimate(0.6, 0.5, 0.7)))

    assert texts(picture)[-3:] == ["kitchen 0", "soup_0", "soup_1"]
    assert texts(picture)[:10] == ["0.5", "0.5", "0.6", "0.6", "0.7", "0.7", "0.8", "0.8", "0.9", "0.9"]


def test_keys_that_group_nothing_stand_in_one_label() -> None:
    assert texts(svg(dots(0.8, 0.6, kitchens=2)))[-2:] == ["kitchen 0 · soup_0", "kitchen 1 · soup_1"]


def test_the_figure_drawn_is_the_first_that_says_which_way_is_better() -> None:
    drawing = drawn(dots(Estimate(0.8, 0.7, 0.9), Estimate(0.6, 0.5, 0.7)))

    assert drawing.caption == "AUROC, with its interval: higher is better."
    assert (
        'aria-label="Dots with intervals: AUROC, 2 rows, from 0.600 [0.500, 0.700] (kitchen 0 · soup_1) to'
        in (drawing.pictures[0][1])
    )


@pytest.mark.parametrize(
    ("table", "mark"),
    [
        pytest.param(dots(0.8, Marked(0.6, "missed")), "missed", id="the figure itself is marked"),
        pytest.param(dots(0.8, 0.6, few=1), "few", id="a count in its row is marked"),
    ],
)
def test_a_marked_row_is_told_apart_by_word_and_shape_not_by_colour_alone(table: Table, mark: str) -> None:
    plain, marked = drawn(dots(0.8, 0.6)), drawn(table)

    assert f"soup_1 ({mark})" in texts(svg(table))
    assert marked.caption.endswith(f"Open diamonds are marked: {mark}.")
    assert "var(--mark)" in marked.pictures[0][1]
    assert "var(--mark)" not in plain.pictures[0][1]
    assert shapes(marked.pictures[0][1]) > shapes(plain.pictures[0][1])


def test_where_a_label_is_too_long_its_mark_still_stands() -> None:
    table = dots(Marked(0.8, "missed"), 0.6)
    rows = [{**row, "dish": "a soup of very many good things"} for row in table.rows]

    assert texts(svg(replace(table, rows=rows)))[-2:] == [
        "a soup of very many good… (missed)",
        "a soup of very many good things",
    ]


def shapes(picture: str) -> int:
    """Return how many different markers a picture defines."""
    return len(set(re.findall(r'<path id="[^"]*" d="([^"]*)"', picture)))


def test_a_table_of_bins_gives_a_square_for_each_group_of_its_names() -> None:
    good, bad = (0.2, Estimate(0.25, 0.15, 0.35)), (0.4, Estimate(0.1, 0.05, 0.15))
    drawing = drawn(bins(soup=[good, good], cake=[good, bad]))

    assert [name for name, _ in drawing.pictures] == ["west · soup", "west · cake"]
    assert 'aria-label="west · soup: all 2 intervals reach the diagonal"' in drawing.pictures[0][1]
    assert "1 of 2 intervals miss the diagonal: 1 below, 0 above" in drawing.pictures[1][1]
    assert "var(--mark)" not in drawing.pictures[0][1]
    assert "var(--mark)" in drawing.pictures[1][1]


@pytest.mark.parametrize(
    ("score", "limit"),
    [
        pytest.param(0.04, "0.05", id="rare"),
        pytest.param(0.3, "0.5", id="common"),
        pytest.param(0.7, "1", id="all"),
    ],
)
def test_a_square_ends_where_its_points_do_and_says_so_on_both_sides(score: float, limit: str) -> None:
    picture = svg(bins(soup=[(score, Estimate(0.01, 0.0, 0.02))]))

    assert texts(picture).count(limit) == 2


def test_a_plot_takes_its_colours_and_letters_from_the_page() -> None:
    for table in (dots(Marked(Estimate(0.8, 0.7, 0.9), "x")), bins(soup=[(0.2, Estimate(0.3, 0.2, 0.4))])):
        picture = drawn(table).pictures[0][1]

        assert not re.search(r"#[0-9a-fA-F]{6}\b(?!\))", re.sub(r'(href|clip-path)="[^"]*"', "", picture))
        assert "font-family" not in picture
        assert "DejaVu" not in picture
        assert "<style" not in picture
        assert "<metadata" not in picture
        assert "width=" not in picture.split(">")[0]


def test_a_plot_is_the_same_bytes_whatever_its_user_configured() -> None:
    table = dots(Estimate(0.8, 0.7, 0.9), 0.6)
    before = drawn(table).pictures[0][1]
    with mpl.rc_context({"xtick.major.pad": 30, "lines.markeredgewidth": 9, "svg.fonttype": "path"}):
        assert drawn(table).pictures[0][1] == before


def test_ids_in_a_plot_start_with_its_name() -> None:
    picture = drawn(bins(soup=[(0.2, Estimate(0.3, 0.2, 0.4))], cake=[(0.2, Estimate(0.3, 0.2, 0.4))]))
    ids = [set(re.findall(r' id="([^"]*)"', one)) for _, one in picture.pictures]

    assert all(name.startswith("here-0-") for name in ids[0])
    assert ids[0]
    assert not ids[0] & ids[1]


def test_a_name_with_dollar_signs_or_letters_of_far_away_is_drawn_as_it_reads() -> None:
    table = dots(0.8, 0.6)
    odd = replace(table, rows=[{**row, "dish": "$\\frac$ 汤"} for row in table.rows])

    assert texts(svg(odd)).count("$\\frac$ 汤") == 2


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(dots(None, None), id="no row has the figure"),
        pytest.param(Table("none", "None", KITCHENS, [], plot=Plot.BARS), id="no column says what is better"),
        pytest.param(Table("none", "None", KITCHENS, [], plot=Plot.RELIABILITY), id="no score and no share"),
        pytest.param(Table("none", "None", KITCHENS, []), id="no plot is asked for"),
    ],
)
def test_what_has_nothing_to_draw_has_no_plot(table: Table) -> None:
    assert draw(table, "here") is None


@pytest.mark.parametrize(
    ("values", "kind", "ends"),
    [
        pytest.param(
            [Estimate(0.83, 0.71, 0.9)], Kind.SCORE, ("0.7", "0.9"), id="round ends around intervals"
        ),
        pytest.param(
            [Estimate(0.004, 0.001, 0.011)], Kind.SHARE, ("0%", "1.5%"), id="small shares in percent"
        ),
        pytest.param([Estimate(0.2, 0.1, 0.3)], Kind.CHANGE, ("0", "+0.3"), id="a difference holds nought"),
        pytest.param([Estimate(-0.2, -0.3, -0.1)], Kind.POINTS, ("−30", "0"), id="points, all below nought"),
        pytest.param([0.5], Kind.SCORE, ("0.5", "0.5005"), id="one figure alone still has a length"),
        pytest.param([0.0, 0.0], Kind.SHARE, ("0%", "0.05%"), id="all nought"),
    ],
)
def test_a_scale_has_round_ends_that_hold_every_figure(
    values: list[Estimate | float], kind: Kind, ends: tuple[str, str]
) -> None:
    scale = scale_over(values, kind)

    assert scale is not None
    assert (scale.written(scale.low), scale.written(scale.high)) == ends
