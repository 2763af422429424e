"""`tocsin eval gate`: what falls short is named, and stops a release."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.eval import Report, Subject, evaluate
from tocsin.eval.gates import FAILING, judge, read_gates
from tocsin.eval.suites import SUITES
from tocsin.models import DEFAULT_BUNDLE, Scorer, layout, read_bundle
from tocsin.models.writing import write_bundle
from tocsin.policy import default_policy
from tocsin.signals import Signal

GATES = """\
format = 1
[[gate]]
suite = "corpora"
table = "cells"
row = { corpus = "gab-hate-corpus", signal = "hate", language = "en" }
column = "auroc"
floor = 0.95
reason = "cooking and sport are easy to tell apart"
[[gate]]
suite = "corpora"
table = "cells"
row = { corpus = "collective-action", signal = "call_to_action", language = "en" }
column = "auroc"
floor = 0.85
reason = "so are invitations and remarks"
"""


def held(bundle: Path, *options: object) -> Result:
    return CliRunner().invoke(app, ["eval", "gate", str(bundle), *map(str, options)], catch_exceptions=False)


def spoiled(bundle: Path, signal: Signal, out: Path) -> Path:
    """Write a copy of a bundle in which one signal's weights are shuffled among the n-grams."""
    found = read_bundle(bundle)
    table = found.screen.table.copy()
    column = found.screen.signals.index(signal)
    table[:, column] = np.random.default_rng(7).permutation(table[:, column])
    files = {name: (bundle / name).read_bytes() for name in found.manifest.files}
    files[layout.SCREEN] = layout.dump_screen(replace(found.screen, table=table))
    write_bundle(out, found.manifest.model_dump(mode="json", exclude={"files"}), files)
    return out


@pytest.fixture
def gates(tmp_path: Path) -> Path:
    path = tmp_path / "gates.toml"
    path.write_text(GATES, encoding="utf-8")
    return path


@pytest.fixture
def rows(toy_bundle: Path) -> Path:
    return toy_bundle.parent / "work" / "test.jsonl"


def test_a_bundle_that_reaches_its_gates_passes(toy_bundle: Path, rows: Path, gates: Path) -> None:
    result = held(toy_bundle, "--rows", rows, "--gates", gates)
    assert result.exit_code == 0, result.output
    assert "2 of 2 gates met" in result.stdout


def test_a_spoiled_bundle_is_stopped_and_only_what_was_spoiled_is_named(
    toy_bundle: Path, rows: Path, gates: Path, tmp_path: Path
) -> None:
    bundle = spoiled(toy_bundle, Signal.HATE, tmp_path / "spoiled")
    result = held(bundle, "--rows", rows, "--gates", gates, "--json")
    told = json.loads(result.stdout)

    assert result.exit_code == 1
    assert told["passed"] is False
    assert [(one["place"], one["verdict"]) for one in told["gates"]] == [
        ("corpora · cells · gab-hate-corpus · hate · en · auroc", "fell short"),
        ("corpora · cells · collective-action · call_to_action · en · auroc", "met"),
    ]


def test_a_report_can_be_judged_without_measuring_again(
    toy_bundle: Path, rows: Path, gates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["--rows", str(rows), "--out", str(tmp_path / "report"), "--suite", "corpora"]
    CliRunner().invoke(app, ["eval", str(toy_bundle), *arguments], catch_exceptions=False)
    monkeypatch.setattr("tocsin.eval.evaluate", lambda *_: 1 / 0)
    found = held(toy_bundle, "--report", tmp_path / "report" / "report.json", "--gates", gates)
    of_another = CliRunner().invoke(
        app, ["eval", "gate", "default", "--report", str(tmp_path / "report" / "report.json")]
    )

    assert found.exit_code == 0, found.output
    assert of_another.exit_code == 1
    assert "must be of bundle sha256:" in str(of_another.exception)


def test_a_report_under_another_policy_is_refused(
    toy_bundle: Path, rows: Path, gates: Path, tmp_path: Path
) -> None:
    policy = tmp_path / "lax.toml"
    policy.write_text(
        'version = "1"\n[policies.hate]\ntitle = "Hate"\nwhen = "hate"\nseverity = "low"\n'
        "review = 0.99\nurgent = 0.999\n",
        encoding="utf-8",
    )
    options = ["--rows", str(rows), "--out", str(tmp_path), "--suite", "corpora", "--policy", str(policy)]
    CliRunner().invoke(app, ["eval", str(toy_bundle), *options], catch_exceptions=False)
    found = [
        "eval",
        "gate",
        str(toy_bundle),
        "--report",
        str(tmp_path / "report.json"),
        "--gates",
        str(gates),
    ]
    result = CliRunner().invoke(app, found)

    assert result.exit_code == 1
    assert "must be under the policy that ships" in str(result.exception)


def test_a_suite_that_the_rows_cannot_answer_fails_the_gate(
    toy_bundle: Path, rows: Path, tmp_path: Path
) -> None:
    few = tmp_path / "few.jsonl"
    few.write_text("".join(rows.read_text(encoding="utf-8").splitlines(keepends=True)[:10]), encoding="utf-8")
    path = tmp_path / "gates.toml"
    path.write_text(GATES, encoding="utf-8")
    result = held(toy_bundle, "--rows", few, "--gates", path, "--json")

    assert result.exit_code == 1
    assert {one["verdict"] for one in json.loads(result.stdout)["gates"]} == {"not measured"}


@pytest.mark.corpora
def test_the_bundle_that_ships_passes_its_gates_and_a_spoiled_one_does_not(
    shipped_subject: Subject, shipped_report: Report, tmp_path: Path
) -> None:
    bundle = read_bundle(spoiled(DEFAULT_BUNDLE, Signal.THREAT, tmp_path / "spoiled"))
    subject = Subject(Scorer(bundle, default_policy()), shipped_subject.rows, shipped_subject.training)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(shipped_report.to_dict()), encoding="utf-8")
    passed = held(Path("default@screen"), "--report", path)
    gates = read_gates()
    shipped = {one.gate.place: one.verdict for one in judge(gates, shipped_report)}
    ranking = [one for one in gates if one.suite == "corpora"]
    found = list(judge(ranking, evaluate(subject, (SUITES["corpora"],))))
    stopped = {one.gate.row["signal"] for one in found if one.verdict in FAILING}

    assert passed.exit_code == 0, passed.stdout
    assert {place: verdict for place, verdict in shipped.items() if verdict in FAILING} == {}
    assert stopped == {"threat"}
    assert [one.gate.place for one in found if one.verdict is not shipped[one.gate.place]] == [
        "corpora · cells · implicit-hate · threat · en · auroc",
        "corpora · cells · implicit-hate · threat · en · recall_at_fpr_0.05",
    ]
