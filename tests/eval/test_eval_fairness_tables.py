"""What tables and findings say of gaps and areas that are given to them."""

from __future__ import annotations

import pytest

from tocsin.eval.fairness.area_tables import Ranked, area_findings, area_table
from tocsin.eval.fairness.gap_tables import Placed, gap_findings, gap_tables, term_table
from tocsin.eval.fairness.gaps import Gap
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Marked
from tocsin.signals import Signal

SHARE = Estimate(0.3, 0.2, 0.4)


def placed(
    group: str, apart: float | None, half: float = 0.1, rows: int = 60, corpus: str = "kitchen"
) -> Placed:
    between = None if apart is None else Estimate(apart, apart - half, apart + half)
    return Placed(corpus, "en", Gap((group,), rows, SHARE, between, None, SHARE))


def ranked(group: str, bpsn: float, signal: Signal = Signal.HATE, negatives: int = 60) -> Ranked:
    area = Estimate(bpsn, bpsn - 0.1, bpsn + 0.1)
    return Ranked("kitchen", "en", signal, (group,), 30, negatives, {"bpsn": area})


def test_clear_gaps_and_few_rows_are_marked() -> None:
    found = [placed("soups", 0.2), placed("breads", 0.05), placed("stews", None, rows=49)]
    _, table = gap_tables({"review": found})
    soups, breads, stews = table.rows
    assert soups["apart"] == Marked(Estimate(0.2, 0.1, 0.30000000000000004), "clear")
    assert breads["apart"] == Estimate(0.05, -0.05, 0.15000000000000002)
    assert stews["apart"] is None
    assert (soups["rows"], stews["rows"]) == (60, Marked(49, "few"))


def test_the_widest_gap_of_each_corpus_has_fifty_rows_or_more() -> None:
    found = [
        placed("soups", 0.2),
        placed("breads", 0.3),
        placed("stews", 0.9, rows=49),
        placed("buns", None),
        placed("pies", -0.1, corpus="canteen"),
        placed("rolls", 0.4, rows=30, corpus="stall"),
    ]
    widest, *_ = gap_tables({"review": found, "urgent": []})
    assert [(row["corpus"], row["group"]) for row in widest.rows] == [
        ("kitchen", "breads"),
        ("canteen", "pies"),
    ]
    assert widest.card


def test_every_rule_has_its_table_and_words() -> None:
    tables = list(gap_tables({"review": [placed("soups", 0.2)], "urgent": [], "balanced": []}))
    assert [table.name for table in tables] == ["widest", "groups-review", "groups-urgent", "groups-balanced"]
    assert "at `review`: where a group is named" in tables[1].about[0]


def test_terms_have_a_column_of_their_own() -> None:
    gap = Gap(("soups", "broth"), 60, SHARE, None, None, None)
    (row,) = term_table([Placed("kitchen", "en", gap)]).rows
    assert (row["group"], row["term"]) == ("soups", "broth")


def test_findings_name_the_widest_clear_gap_of_up_to_three_corpora() -> None:
    found = [
        placed("soups", 0.2),
        placed("breads", 0.3),
        placed("soups", 0.4, corpus="canteen"),
        placed("pies", 0.25, corpus="stall"),
        placed("Soups", 0.15, corpus="market"),
        placed("buns", 0.05, corpus="market"),
        placed("stews", 0.9, rows=49),
    ]
    widest, counted = gap_findings(found)
    assert "soups in canteen (30% of them, 40 percentage points more, interval 30 to 50);" in widest
    assert widest.index("canteen") < widest.index("breads in kitchen") < widest.index("pies in stall")
    assert "market" not in widest
    assert "stews" not in widest
    assert "5 of 6 groups" in counted
    assert counted.endswith("; in more than one corpus: Soups (3).")


def test_no_clear_gap_is_said_as_such() -> None:
    (counted,) = gap_findings([placed("soups", 0.05)])
    assert "0 of 1 groups" in counted
    assert "in more than one" not in counted


@pytest.mark.parametrize(
    "found",
    [
        pytest.param([], id="nothing"),
        pytest.param([placed("soups", 0.5, rows=49)], id="few-rows"),
        pytest.param([placed("soups", None)], id="nothing-to-compare-with"),
    ],
)
def test_without_a_claim_the_finding_says_so(found: list[Placed]) -> None:
    assert list(gap_findings(found)) == ["No group is named by enough harmless posts for a claim about gaps."]


def test_the_lowest_area_of_hate_is_a_finding() -> None:
    found = [
        ranked("soups", 0.6),
        ranked("breads", 0.4),
        ranked("stews", 0.2, negatives=49),
        ranked("pies", 0.1, Signal.THREAT),
    ]
    (told,) = area_findings(found)
    assert "names breads only 40% of the time (30% to 50%; chance is 50%)" in told
    assert list(area_findings(found[2:])) == []


def test_areas_that_are_not_measured_are_left_empty() -> None:
    (row,) = area_table([ranked("soups", 0.6)]).rows
    assert row["subgroup"] is None
    assert row["positives"] == Marked(30, "few")
