"""The robustness suite tells what each perturbation costs, cell by cell, and shows no text."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from tocsin.eval.perturbations import PERTURBATIONS
from tocsin.eval.perturbations.attack_tables import AS_POSTED
from tocsin.eval.report import Report
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun
from tocsin.eval.suites.robustness import SUITE
from tocsin.eval.tables import Plain, Table, Value, bare

TABLES = ["attacks", "as-posted", "cells", "strengths", "languages"]


def quiet(_: str) -> None:
    return None


@pytest.fixture(scope="module")
def measured(toy_subject: Subject) -> Measured:
    return SUITE.measure(toy_subject, quiet)


@pytest.fixture(scope="module")
def tables(measured: Measured) -> dict[str, Table]:
    return {table.name: table for table in measured.tables}


def number(value: Value) -> float:
    plain: Plain = bare(value)
    assert isinstance(plain, Estimate)
    return plain.value


def test_it_has_a_row_for_each_perturbation_the_worst_first(tables: dict[str, Table]) -> None:
    rows = tables["attacks"].rows
    lost = [number(row["lost_middle"]) for row in rows]

    assert [*tables] == TABLES
    assert sorted(str(row["perturbation"]) for row in rows) == sorted(PERTURBATIONS)
    assert all(before >= after for before, after in pairwise(lost))
    assert max(number(row["lost_most"]) for row in rows) > 0.1
    assert all(number(row["lost_most"]) >= number(row["lost_middle"]) for row in rows)


def test_every_cell_has_a_row_under_each_perturbation(tables: dict[str, Table]) -> None:
    cells = tables["cells"]
    places = [tuple(row[key] for key in ("corpus", "signal", "language")) for row in tables["as-posted"].rows]

    assert len(places) == 3
    assert len(cells.rows) == len(PERTURBATIONS) * len(places)
    for row in cells.rows:
        assert number(row["lost"]) == pytest.approx(number(row["recall_before"]) - number(row["recall"]))
        assert number(row["plain_lost"]) == pytest.approx(
            number(row["plain_recall_before"]) - number(row["plain_recall"])
        )


def test_the_summary_s_figures_are_those_of_its_cells(tables: dict[str, Table]) -> None:
    for row in tables["attacks"].rows:
        here = tables["cells"].find({"perturbation": str(row["perturbation"])})
        lost = sorted(number(one["lost"]) for one in here)

        assert number(row["lost_middle"]) == lost[1]
        assert number(row["lost_most"]) == lost[2]
        assert number(row["plain_lost_middle"]) == sorted(number(one["plain_lost"]) for one in here)[1]
        assert number(row["fpr_most"]) == max(number(one["fpr"]) for one in here)


def test_the_usual_strength_is_the_same_in_both_tables(tables: dict[str, Table]) -> None:
    for name, way in PERTURBATIONS.items():
        where = {"perturbation": name, "corpus": "gab-hate-corpus", "signal": "hate"}
        by_strength = tables["strengths"].find(where)
        (usual,) = [row for row in by_strength if row["strength"] == way.told(way.default)]

        assert [row["strength"] for row in by_strength] == [way.told(one) for one in way.strengths]
        assert usual["lost"] == tables["cells"].find(where)[0]["lost"]


def test_languages_begin_with_the_posts_as_posted_then_the_most_missed(tables: dict[str, Table]) -> None:
    first, *rest = tables["languages"].rows
    missed = [number(row["missed"]) for row in rest]

    assert first["perturbation"] == AS_POSTED
    assert all(row["perturbation"] != AS_POSTED for row in rest)
    assert all(before >= after for before, after in pairwise(missed))
    assert {row["perturbation"] for row in rest} == {*PERTURBATIONS}


def test_keys_say_which_row_it_is(tables: dict[str, Table]) -> None:
    for table in tables.values():
        keys = [tuple(str(row[key]) for key in table.keys) for row in table.rows]

        assert len(keys) == len(set(keys))
        assert Table.from_dict(json.loads(json.dumps(table.to_dict()))).to_dict() == table.to_dict()


def test_no_text_leaves_it(measured: Measured, toy_subject: Subject) -> None:
    told = json.dumps(
        [*measured.findings, *(table.to_dict() for table in measured.tables)], ensure_ascii=False
    )

    assert not [row.id for row in toy_subject.rows if row.text in told]


def test_findings_name_the_worst_first_and_what_the_normaliser_saves(
    measured: Measured, tables: dict[str, Table]
) -> None:
    worst = tables["attacks"].rows[0]

    assert 2 <= len(measured.findings) <= 6
    assert measured.findings[0].startswith(f"`{worst['perturbation']}` ({worst['strength']}) hides most")
    assert any(finding.startswith("The normaliser saves") for finding in measured.findings)


def test_the_same_bundle_and_rows_give_the_same_figures(measured: Measured, toy_subject: Subject) -> None:
    again = SUITE.measure(Subject(toy_subject.scorer, toy_subject.rows), quiet)

    assert [table.to_dict() for table in again.tables] == [table.to_dict() for table in measured.tables]
    assert again.findings == measured.findings


def test_without_a_cell_that_is_large_enough_it_is_not_run(toy_subject: Subject) -> None:
    with pytest.raises(
        NotRun, match="at least 50 positive and 20 negative test rows for one of hate, threat"
    ):
        SUITE.measure(Subject(toy_subject.scorer, toy_subject.rows[:40]), quiet)


@pytest.mark.corpora
def test_the_shipped_bundle_reads_through_what_its_normaliser_undoes(shipped_report: Report) -> None:
    answer = shipped_report.answer("robustness")
    assert answer is not None
    told = answer.tables
    lost = {str(row["perturbation"]): row for row in told["attacks"].rows}

    assert len(told["as-posted"].rows) == 13
    for name in ("zero-width", "styled", "entities", "odd-blanks", "casing"):
        assert number(lost[name]["lost_most"]) == 0
    for name in ("zero-width", "styled", "entities", "homoglyph", "diacritics"):
        assert number(lost[name]["plain_lost_middle"]) > number(lost[name]["lost_middle"]) + 0.1
    assert {row["language"] for row in told["languages"].rows} == {"de", "en"}
