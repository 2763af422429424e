from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from tocsin.assessment import ModelStamp, PolicyStamp
from tocsin.eval.page import render_page
from tocsin.eval.report import Report, RowsRead
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suite import Answer, Measured
from tocsin.eval.tables import Better, Column, Kind, Marked, Plot, Table

FINDINGS = ("First is **bad**.", "Second is fair.", "Third is fine.")


def dishes(plot: Plot | None = None) -> Table:
    return Table(
        "dishes",
        "Every `dish`",
        (
            Column("dish", "dish", key=True, about="What was *served*."),
            Column("score", "taste", Kind.SCORE),
            Column("share", "eaten", Kind.SHARE, better=Better.HIGHER),
        ),
        [
            {"dish": "soup", "score": 0.5, "share": Estimate(0.4, 0.3, 0.5)},
            {"dish": "cake", "score": 0.7, "share": Marked(Estimate(0.2, 0.1, 0.3), "below")},
        ],
        about=("It is **hot**.",),
        notes=("Mind *the* `oven`.",),
        plot=plot,
    )


def report() -> Report:
    tables = (
        dishes(),
        replace(dishes(Plot.BARS), name="bars"),
        replace(dishes(Plot.RELIABILITY), name="bins"),
    )
    return Report(
        ModelStamp("toy", "1.2.0", "sha256:" + "ab" * 32),
        "a pan and a ball",
        ("de", "en"),
        PolicyStamp("1", "sha256:" + "cd" * 32),
        RowsRead({"cooking": 1200, "sport": 34}, differing=("sport",), absent=("chess",)),
        "2026-11-23",
        "0.1.0",
        (
            Answer("kitchen", "In the kitchen", "Is it `done`?", Measured(tables, FINDINGS), None, 1.5),
            Answer("field", "On the field", "Is it fair?", None, "needs the corpus `sport`: had none", 0.0),
        ),
    )


def parsed(page: str) -> ET.Element:
    """Return a page as XML: it is that, but for the elements that HTML leaves open."""
    closed = re.sub(r"<(meta|wbr)([^>]*)>", r"<\1\2/>", page.removeprefix("<!DOCTYPE html>\n"))
    return ET.fromstring(closed)  # noqa: S314 - made here


def words(node: ET.Element | None) -> str:
    assert node is not None
    return " ".join("".join(node.itertext()).split())


def of_id(page: ET.Element, name: str) -> ET.Element:
    found = page.findall(f".//*[@id='{name}']")
    assert len(found) == 1
    return found[0]


def listed(page: ET.Element, title: str) -> str:
    """Return what the table of contents says of a suite."""
    return next(words(one) for one in of_id(page, "contents").iter("li") if title in words(one))


@pytest.fixture(scope="module")
def page() -> ET.Element:
    return parsed(render_page(report()))


def test_the_first_screen_tells_what_was_evaluated(page: ET.Element) -> None:
    facts = page.findall(".//dl[@class='facts']/div")

    assert [words(one) for one in page.iter("h1")] == ["toy 1.2.0"]
    assert {words(fact.find("dt")): words(fact.find("dd")) for fact in facts} == {
        "Bundle": "abababababab its digest",
        "Policy": "cdcdcdcdcdcd version 1",
        "Languages": "de, en",
        "Test rows": "1,234 of 2 corpora; 1 corpus with other files than the bundle knew; 1 corpus absent",
        "Suites run": "1 of 2 not run: field",
        "Made": "2026-11-23 tocsin 0.1.0",
    }


def test_findings_are_told_first_the_worst_two_of_a_suite_and_in_its_section_all(page: ET.Element) -> None:
    first = page.findall(".//div[@class='findings']//li")
    section = of_id(page, "kitchen").findall("ul[@class='found']/li")

    assert [words(one) for one in first] == ["First is bad.", "Second is fair."]
    assert words(page.find(".//p[@class='rest']")) == "1 more findings of In the kitchen"
    assert [words(one) for one in section] == ["First is bad.", "Second is fair.", "Third is fine."]


def test_a_suite_that_was_not_run_says_so_and_why_wherever_it_is_named(page: ET.Element) -> None:
    section = of_id(page, "field")

    assert "On the field: needs the corpus sport: had none" in words(of_id(page, "first"))
    assert listed(page, "On the field") == "On the field not run"
    assert "not run needs the corpus sport: had none" in words(section)
    assert "neither passed nor failed" in words(section)
    assert section.find(".//table") is None


def test_the_contents_tell_how_many_tables_a_suite_has_and_how_many_figures_miss(page: ET.Element) -> None:
    assert listed(page, "In the kitchen") == "In the kitchen 3 tables, 3 marked figures"


def test_every_table_of_every_suite_that_ran_stands_on_the_page_with_every_row(page: ET.Element) -> None:
    found = {table.get("id"): len(table.findall("tbody/tr")) for table in page.iter("table")}

    assert found == {
        "kitchen-dishes-figures": 2,
        "kitchen-bars-figures": 2,
        "kitchen-bins-figures": 2,
        "evaluated-corpora-figures": 3,
    }


def test_prose_knows_code_emphasis_and_strength(page: ET.Element) -> None:
    told = of_id(page, "kitchen")

    assert {words(one) for one in told.iter("strong")} == {"bad", "hot"}
    assert {"the", "served"} <= {words(one) for one in told.iter("em")}
    assert {"done", "dish", "oven"} <= {words(one) for one in told.iter("code")}


def test_the_corpora_are_listed_with_what_differs_from_the_bundles_record(page: ET.Element) -> None:
    rows = of_id(page, "evaluated-corpora-figures").findall("tbody/tr")

    assert [[words(cell) for cell in row] for row in rows] == [
        ["chess", "–", "absent no rows"],
        ["cooking", "1,200", "not known to differ"],
        ["sport", "34", "not those that the bundle knew differs"],
    ]


def test_ids_are_unique_and_every_reference_has_its_target(page: ET.Element) -> None:
    ids = [node.attrib["id"] for node in page.iter() if "id" in node.attrib]
    wanted = {
        target.lstrip("#")
        for node in page.iter()
        for name in ("href", "aria-labelledby", "aria-describedby", "clip-path")
        for target in re.sub(r"url\((.*)\)", r"\1", node.get(name, "")).split()
    }

    assert len(ids) == len(set(ids))
    assert len(wanted) > 10
    assert wanted <= set(ids)


def test_suites_and_tables_of_one_name_still_have_ids_of_their_own() -> None:
    answers = report().answers
    twice = replace(report(), answers=(answers[0], replace(answers[0], title="Again"), answers[1]))
    ids = [node.attrib["id"] for node in parsed(render_page(twice)).iter() if "id" in node.attrib]

    assert len(ids) == len(set(ids))


def test_headings_descend_one_level_at_a_time_from_a_single_first(page: ET.Element) -> None:
    levels = [int(node.tag[1]) for node in page.iter() if re.fullmatch("h[1-6]", node.tag)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_page_needs_nothing_else_and_forbids_itself_to_ask(page: ET.Element) -> None:
    policy = page.find(".//meta[@http-equiv='Content-Security-Policy']")
    outside = [
        node.tag
        for node in page.iter()
        if node.tag in {"script", "link", "img", "iframe", "object"}
        or "src" in node.attrib
        or not node.get("href", "#").startswith("#")
        or any(name.startswith("on") for name in node.attrib)
    ]

    assert policy is not None
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert outside == []
    assert not re.search(r"url\(|@import", words(page.find(".//style")))


def test_the_same_report_gives_the_same_bytes() -> None:
    assert render_page(report()) == render_page(report())


def test_a_report_that_was_written_and_read_back_gives_the_same_page() -> None:
    assert render_page(Report.from_dict(report().to_dict())) == render_page(report())
