from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tocsin.cli.app import app
from tocsin.eval import Report, read_report
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suites import SUITES
from tocsin.eval.tables import Table, bare
from tocsin.models import load
from tocsin.settings import settings

CORPORA = ("--corpus", "gab-hate-corpus", "--corpus", "collective-action")


@pytest.fixture(scope="module")
def trained(toy_corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which `tocsin train` left a bundle and its work."""
    folder = tmp_path_factory.mktemp("trained")
    arguments = ["train", "--out", str(folder / "bundle"), "--work", str(folder / "work"), "--name", "toy"]
    result = CliRunner().invoke(
        app, [*arguments, "--data", str(toy_corpora), *CORPORA], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    assert load(folder / "bundle").model.digest in result.stdout
    return folder


@pytest.fixture(scope="module")
def trained_again(toy_corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a bundle of the same corpora, trained under settings that are for scoring."""
    folder = tmp_path_factory.mktemp("again")
    (folder / "other.toml").write_text(
        'version = "1"\n[policies.soup]\ntitle = "Soup"\nwhen = "hate"\n'
        'severity = "low"\nreview = 0.5\nurgent = 0.9\n',
        encoding="utf-8",
    )
    arguments = ["train", "--out", str(folder / "bundle"), "--name", "toy", "--data", str(toy_corpora)]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TOCSIN_POLICY", str(folder / "other.toml"))
        environment.setenv("TOCSIN_ASSUME_LANGUAGE", "none")
        environment.setenv("TOCSIN_MAX_CHARACTERS", "20")
        settings.cache_clear()
        assert settings().max_characters == 20
        CliRunner().invoke(app, [*arguments, *CORPORA], catch_exceptions=False)
    settings.cache_clear()
    return folder / "bundle"


def table(report: Report, suite: str, name: str) -> Table:
    answer = report.answer(suite)
    assert answer is not None
    return answer.tables[name]


def test_training_leaves_a_bundle_whose_card_holds_measured_figures(trained: Path) -> None:
    card = (trained / "bundle" / "card.md").read_text(encoding="utf-8")
    report = read_report(trained / "work" / "report.json")
    cells, errors = table(report, "corpora", "cells"), table(report, "calibration", "errors")
    (cell,) = cells.find({"corpus": "gab-hate-corpus", "signal": "hate"})
    auroc = bare(cell["auroc"])

    positives, negatives = cell["positives"], cell["negatives"]
    assert isinstance(positives, int)
    assert isinstance(negatives, int)
    assert positives + negatives == 800
    assert isinstance(auroc, Estimate)
    assert auroc.value > 0.99  # cooking and sport are easy to tell apart
    assert f"| {auroc.value:.3f} [" in card
    assert errors.find({"corpus": "gab-hate-corpus", "signal": "hate"})
    assert not [note for note in errors.notes if note.startswith("Not measured")]


def test_the_report_is_that_of_the_bundle_as_it_was_measured(trained: Path) -> None:
    """The digest on file is another one: the card came into the bundle afterwards."""
    report = read_report(trained / "work" / "report.json")
    assert (report.model.name, report.recipe, report.languages) == ("toy", "screen", ("en",))
    assert [answer.name for answer in report.answers] == list(SUITES)
    assert set(report.rows.by_corpus) == {"gab-hate-corpus", "collective-action"}
    assert (report.rows.differing, report.rows.absent) == ((), ())


def test_the_card_is_that_of_the_shipped_policy_whatever_the_settings_say(
    trained: Path, trained_again: Path
) -> None:
    cards = [
        (bundle / "card.md").read_text(encoding="utf-8") for bundle in (trained / "bundle", trained_again)
    ]
    assert cards[0].splitlines() == cards[1].splitlines()


def test_the_same_corpora_train_the_same_model(trained: Path, trained_again: Path) -> None:
    texts = ["simmer the soup", "the referee and the coach", "join us on saturday"]
    np.testing.assert_array_equal(load(trained_again).scores(texts), load(trained / "bundle").scores(texts))
    assert load(trained_again).model.digest == load(trained / "bundle").model.digest


def test_no_text_of_a_corpus_is_in_the_bundle(trained: Path, toy_corpora: Path) -> None:
    lines = (toy_corpora / "gab-hate-corpus" / "ghc_test.tsv").read_text(encoding="utf-8").splitlines()[1:50]
    for path in (trained / "bundle").iterdir():
        content = path.read_bytes()
        assert not [line for line in lines if line.split("\t")[0].encode() in content], path.name


def test_a_bundle_of_another_language_is_trained_and_measured(tmp_path: Path) -> None:
    draw = random.Random(3)  # noqa: S311 - reproducible toy data
    lines = ["text,hate"]
    for number in range(1_500):
        words = draw.choices(["suppe", "brot", "ofen"] if number % 2 else ["tor", "spiel", "ball"], k=3)
        lines.append(f"{' '.join(words)} {number * 7919} {draw.randrange(10**9)},{number % 2}")
    (tmp_path / "eigene.csv").write_text("\n".join(lines), encoding="utf-8")
    arguments = ["train", "--own-only", "--add", str(tmp_path / "eigene.csv"), "--language", "de"]
    result = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "bundle")], catch_exceptions=False)

    assert result.exit_code == 0
    card = (tmp_path / "bundle" / "card.md").read_text(encoding="utf-8")
    assert "| eigene | `hate` | de |" in card
    assert 'license: "not stated"' in card


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--own-only",), id="no-rows-of-ones-own"),
        pytest.param(("--own-only", "--add", "x.csv", "--available"), id="corpora-chosen-too"),
        pytest.param(("--own-only", "--add", "x.csv", "--licences", "permissive"), id="by-licence"),
        pytest.param(("--ignore", "comment"), id="nothing-to-ignore-it-in"),
    ],
)
def test_options_that_would_do_nothing_are_refused(arguments: tuple[str, ...], tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["train", "--out", str(tmp_path / "bundle"), *arguments])

    assert result.exit_code == 2
    assert not (tmp_path / "bundle").exists()
