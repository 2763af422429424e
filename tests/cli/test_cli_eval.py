"""`tocsin eval`: options become a report, and what is missing is said, not passed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.eval import read_report
from tocsin.eval.suites import SUITES
from tocsin.models import read_bundle

CHEAP = ("--suite", "thresholds", "--suite", "false-positives")


@pytest.fixture
def rows(toy_bundle: Path) -> Path:
    """Return the file of the toy bundle's test rows."""
    return toy_bundle.parent / "work" / "test.jsonl"


def evaluated(bundle: Path, *options: object) -> Result:
    return CliRunner().invoke(app, ["eval", str(bundle), *map(str, options)], catch_exceptions=False)


def test_a_bundle_is_evaluated_with_run_or_without(toy_bundle: Path, rows: Path, tmp_path: Path) -> None:
    for command in (["eval"], ["eval", "run"]):
        out = tmp_path / "-".join(command)
        arguments = [*command, str(toy_bundle), "--rows", str(rows), "--out", str(out), *CHEAP]
        result = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        assert {path.name for path in out.iterdir()} == {"report.json", "report.html", "card.md", "suites"}
        assert [one.name for one in read_report(out / "report.json").answers] == [
            "false-positives",
            "thresholds",
        ]


def test_what_was_measured_before_is_read_back(
    toy_bundle: Path, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = evaluated(toy_bundle, "--rows", rows, "--out", tmp_path, *CHEAP)
    monkeypatch.setattr("tocsin.eval.levels.policy_rates", lambda *_: 1 / 0)
    monkeypatch.setattr("tocsin.eval.suites.thresholds.policy_rates", lambda *_: 1 / 0)
    monkeypatch.setattr("tocsin.eval.suites.false_positives.policy_rates", lambda *_: 1 / 0)
    again = evaluated(toy_bundle, "--rows", rows, "--out", tmp_path, *CHEAP)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert again.stdout == first.stdout


def test_a_suite_that_lacks_what_it_needs_is_named_and_fails_if_it_was_asked_for(
    toy_bundle: Path, rows: Path, tmp_path: Path
) -> None:
    result = evaluated(toy_bundle, "--rows", rows, "--out", tmp_path, "--suite", "stability")
    answer = read_report(tmp_path / "report.json").answer("stability")

    assert result.exit_code == 1
    assert answer is not None
    assert answer.measured is None
    assert "--baseline" in str(answer.why_not)
    assert "not run" in result.stdout


def test_every_suite_is_in_the_whole_report_run_or_not(toy_bundle: Path, rows: Path, tmp_path: Path) -> None:
    result = evaluated(toy_bundle, "--rows", rows, "--out", tmp_path, "--json")
    document = json.loads(result.stdout)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")

    assert result.exit_code == 0
    assert list(document["suites"]) == list(SUITES)
    assert document["suites"]["peers"]["status"] == "not run"
    assert all(suite["title"].split(",")[0] in page for suite in document["suites"].values())


def test_the_card_goes_into_the_bundle_only_if_asked(
    toy_bundle: Path, toy_corpora: Path, tmp_path: Path
) -> None:
    import shutil

    bundle = tmp_path / "bundle"
    shutil.copytree(toy_bundle, bundle)
    before = read_bundle(bundle).digest
    whole = ["--data", str(toy_corpora), "--no-twins"]
    evaluated(bundle, *whole, "--out", tmp_path / "one")
    unchanged = read_bundle(bundle).digest
    evaluated(bundle, *whole, "--out", tmp_path / "other", "--write-card")

    assert unchanged == before
    assert read_bundle(bundle).digest != before
    assert read_report(tmp_path / "other" / "report.json").model.digest == read_bundle(bundle).digest
    card = (bundle / "card.md").read_text(encoding="utf-8")
    assert card == (tmp_path / "other" / "card.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        pytest.param(["--suite", "nonsense"], "--suite must be one of corpora", id="unknown-suite"),
        pytest.param(["--scores", "nothing"], "--scores must be NAME=FILE", id="scores-without-a-name"),
        pytest.param(["--scores", "a=x.csv", "--scores", "a=y.csv"], "must stand once", id="two-of-one-name"),
        pytest.param(["--before", "x.csv"], "--before and --after go together", id="half-a-drift"),
        pytest.param(["--data", "."], "--rows goes without --data", id="rows-and-corpora"),
        pytest.param(["--write-card"], "a card is whole", id="a-card-of-some-rows"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_read(
    toy_bundle: Path, rows: Path, tmp_path: Path, options: list[str], why: str
) -> None:
    result = evaluated(toy_bundle, "--rows", rows, "--out", tmp_path / "report", *options)
    assert result.exit_code == 2
    assert why in " ".join(result.stderr.replace("│", " ").split())
    assert not (tmp_path / "report").exists()


def test_labelled_rows_of_ones_own_are_measured_on(toy_bundle: Path, tmp_path: Path) -> None:
    own = tmp_path / "kitchen.csv"
    lines = [f"soup bread oven butter {row},1" for row in range(40)]
    lines += [f"goal match ball referee {row},0" for row in range(40)]
    own.write_text("\n".join(["text,hate", *lines]), encoding="utf-8")
    result = evaluated(toy_bundle, "--rows", own, "--out", tmp_path / "report", "--suite", "corpora")
    report = read_report(tmp_path / "report" / "report.json")
    answer = report.answer("corpora")

    assert result.exit_code == 0, result.output
    assert report.rows.by_corpus == {"kitchen": 80}
    assert answer is not None
    (cell,) = answer.tables["cells"].find({"corpus": "kitchen", "signal": "hate"})
    assert cell["negatives"] == 40


def test_settings_of_whoever_measures_change_no_figure(
    toy_bundle: Path, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = evaluated(toy_bundle, "--rows", rows, "--out", tmp_path / "one", *CHEAP)
    monkeypatch.setenv("TOCSIN_ASSUME_LANGUAGE", "none")
    monkeypatch.setenv("TOCSIN_MAX_CHARACTERS", "20")
    other = evaluated(toy_bundle, "--rows", rows, "--out", tmp_path / "other", *CHEAP)
    documents = [
        read_report(tmp_path / name / "report.json").to_dict()["suites"] for name in ("one", "other")
    ]
    for suites in documents:
        for suite in suites.values():
            suite.pop("seconds")

    assert (plain.exit_code, other.exit_code) == (0, 0)
    assert documents[0] == documents[1]
