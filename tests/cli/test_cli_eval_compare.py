"""`tocsin eval compare` from the outside: bundles and score files, tables, JSON, faults."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from tocsin.cli.eval.compare import compare
from tocsin.errors import BundleError, InputError
from tocsin.eval import Subject
from tocsin.example import Label
from tocsin.example_file import write_examples
from tocsin.signals import Signal


@pytest.fixture
def rows(tmp_path: Path, toy_subject: Subject) -> Path:
    path = tmp_path / "rows.jsonl"
    write_examples(path, toy_subject.rows)
    return path


@pytest.fixture
def scores(tmp_path: Path, toy_subject: Subject) -> Path:
    """Return scores of no worth: they know nothing of the rows."""
    path = tmp_path / "dice.csv"
    generator = random.Random(1)  # noqa: S311 - reproducible toy data
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["id", "score"])
        lines.writerows([row.id, generator.random()] for row in toy_subject.rows)
    return path


def run(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(compare)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(*arguments: object) -> dict[str, Any]:
    found = run(*arguments, "--json")
    assert found.exit_code == 0, found.output
    answer: dict[str, Any] = json.loads(found.stdout)
    return answer


def test_a_bundle_is_better_than_dice(
    toy_bundle: Path, rows: Path, scores: Path, toy_subject: Subject
) -> None:
    found = told(toy_bundle, scores, "--rows", rows)
    assert found["a"]["bundle"]["digest"] == toy_subject.scorer.model.digest
    assert found["b"] == {"scores": str(scores)}
    assert found["rows"] == len(toy_subject.rows)
    names = [table["name"] for table in found["tables"]]
    assert names == [
        "difference_auroc",
        "difference_average_precision",
        "difference_recall_at_fpr_0.01",
        "difference_recall_at_fpr_0.05",
    ]
    verdicts = {row["verdict"] for row in found["tables"][0]["rows"]}
    assert "better" in verdicts
    assert "worse" not in verdicts


def test_whichever_is_better_the_exit_code_is_0(toy_bundle: Path, rows: Path, scores: Path) -> None:
    found = told(scores, toy_bundle, "--rows", rows)
    assert "worse" in {row["verdict"] for row in found["tables"][0]["rows"]}


def test_a_bundle_is_no_better_than_itself_in_any_figure_or_decision(toy_bundle: Path, rows: Path) -> None:
    found = told(toy_bundle, toy_bundle, "--rows", rows)
    assert [table["name"] for table in found["tables"]][-1] == "decisions"
    for table in found["tables"]:
        assert table["rows"]
        assert {row["verdict"] for row in table["rows"]} <= {"no detectable difference", None}
        assert {row["difference"]["value"] for row in table["rows"]} == {0.0}


def test_tables_are_printed_for_people(toy_bundle: Path, rows: Path, scores: Path) -> None:
    found = run(toy_bundle, scores, "--rows", rows)
    assert found.exit_code == 0
    for words in ("AUROC, on the same rows", "A − B", "A is", "better", f"B: {scores}", "are A less B"):
        assert words in found.stdout
    assert "**" not in found.stdout


def test_decisions_of_two_bundles_are_printed_by_measure(toy_bundle: Path, rows: Path) -> None:
    found = run(toy_bundle, toy_bundle, "--rows", rows)
    assert found.exit_code == 0
    decisions = found.stdout[found.stdout.index("Decisions at review") :]
    for words in ("rows", "recall", "left", "alone", "only A / B", "0 / 0", "not told"):
        assert words in " ".join(decisions.split())


def test_no_text_of_a_row_is_told(toy_bundle: Path, rows: Path, scores: Path, toy_subject: Subject) -> None:
    printed = run(toy_bundle, scores, "--rows", rows).stdout + json.dumps(
        told(toy_bundle, scores, "--rows", rows)
    )
    assert sum(row.text in printed or row.id in printed for row in toy_subject.rows) == 0


def test_scores_of_other_rows_are_refused(tmp_path: Path, toy_bundle: Path, rows: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("id,score\nnobody,1\n", encoding="utf-8")
    found = run(toy_bundle, other, "--rows", rows)
    assert isinstance(found.exception, InputError)
    assert "needs 20 rows of each class that both A and B scored, had fewer" in str(found.exception)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        pytest.param("no-such-bundle", BundleError, id="a bundle"),
        pytest.param("no-such-file.csv", InputError, id="a score file"),
    ],
)
def test_what_is_not_there_fails_before_any_row_is_read(
    tmp_path: Path, toy_bundle: Path, name: str, error: type[Exception]
) -> None:
    found = run(toy_bundle, tmp_path / name, "--rows", tmp_path / "not-read.jsonl")
    assert isinstance(found.exception, error)
    assert name in str(found.exception)


def test_toy_rows_have_what_these_tests_are_about(toy_subject: Subject) -> None:
    positives = [row for row in toy_subject.rows if row.label(Signal.HATE) is Label.POSITIVE]
    assert len(positives) >= 50
