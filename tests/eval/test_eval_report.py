"""A report comes back from its file as it was, and a file that holds none says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tocsin.assessment import ModelStamp, PolicyStamp
from tocsin.errors import InputError
from tocsin.eval import Report, read_report
from tocsin.eval.report import FORMAT, RowsRead
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suite import Answer, Measured
from tocsin.eval.tables import Column, Kind, Marked, Table

DIGEST = "sha256:" + "0" * 64
TABLE = Table(
    "cells",
    "Cells",
    (Column("corpus", "corpus", key=True), Column("auroc", "AUROC", Kind.SCORE)),
    ({"corpus": "kitchen", "auroc": Marked(Estimate(0.5, 0.25, 0.75), "few")},),
)
RUN = Answer("corpora", "Ranking", "How well?", Measured((TABLE,), ("Half of it.",)), None, 1.5)
NOT_RUN = Answer("drift", "Drift", "Did it change?", None, "needs two score files: had none", 0.0)
REPORT = Report(
    ModelStamp("toy", "1.2.3", DIGEST),
    "screen",
    ("de", "en"),
    PolicyStamp("1", DIGEST),
    RowsRead({"kitchen": 70, "stadium": 30}, differing=("stadium",), absent=("pantry",)),
    "2026-11-22",
    "0.1.0",
    (RUN, NOT_RUN),
)


@pytest.mark.parametrize("answer", [RUN, NOT_RUN], ids=["run", "not-run"])
def test_an_answer_comes_back_as_it_was(answer: Answer) -> None:
    assert Answer.from_dict(json.loads(json.dumps(answer.to_dict()))) == answer


def test_what_was_not_run_is_never_told_as_run() -> None:
    assert NOT_RUN.to_dict()["status"] == "not run"
    assert NOT_RUN.to_dict()["why_not"] == "needs two score files: had none"
    assert dict(NOT_RUN.tables) == {}
    assert Answer.from_dict(NOT_RUN.to_dict()).measured is None


def test_a_suite_that_measured_an_empty_table_was_run_all_the_same() -> None:
    empty = Answer("corpora", "Ranking", "How well?", Measured(()), None, 0.0)
    assert empty.to_dict()["status"] == "run"
    assert Answer.from_dict(empty.to_dict()) == empty


def test_two_tables_of_one_name_are_refused() -> None:
    """By their name they are found: one would hide the other."""
    with pytest.raises(ValueError, match="must have names of their own, had cells, cells"):
        Measured([TABLE, TABLE])


def test_a_report_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(REPORT.to_dict(), allow_nan=False), encoding="utf-8")
    assert read_report(path) == REPORT


def test_a_report_knows_what_became_of_each_suite() -> None:
    assert (REPORT.answer("corpora"), REPORT.answer("drift")) == (RUN, NOT_RUN)
    assert REPORT.answer("fairness") is None
    assert REPORT.rows.count == 100


def without(*path: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(REPORT.to_dict()))
    place = document
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return document


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("soup", "Expecting value", id="no-json"),
        pytest.param(b"\xff\xfe\x00", "decode", id="no-text"),
        pytest.param([], "list", id="a-list"),
        pytest.param(3, "int", id="a-number"),
        pytest.param({}, "it lacks 'format'", id="an-empty-object"),
        pytest.param({"format": 0}, f"format must be {FORMAT}, was 0", id="another-format"),
        pytest.param(without("suites"), "it lacks 'suites'", id="no-suites"),
        pytest.param(without("model", "digest"), "it lacks 'digest'", id="a-model-without-digest"),
        pytest.param(without("suites", "corpora", "tables"), "it lacks 'tables'", id="a-damaged-answer"),
        pytest.param(REPORT.to_dict() | {"suites": []}, "list", id="suites-in-a-list"),
        pytest.param(REPORT.to_dict() | {"model": None}, "None", id="no-model"),
        pytest.param(
            REPORT.to_dict() | {"rows": {"by_corpus": ["kitchen"], "differing": [], "absent": []}},
            "sequence",
            id="rows-of-no-corpus",
        ),
    ],
)
def test_a_file_that_is_no_report_is_refused_by_name(content: object, why: str, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(
        content
        if isinstance(content, bytes)
        else (content if isinstance(content, str) else json.dumps(content)).encode()
    )
    with pytest.raises(InputError) as told:
        read_report(path)
    assert f"{path}: must be a report of `tocsin eval`, was not: " in str(told.value)
    assert why in str(told.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"soup\.json: cannot be read: No such file"):
        read_report(tmp_path / "soup.json")
