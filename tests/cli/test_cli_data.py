from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tocsin.cli.app import app
from tocsin.errors import CorpusError, MissingExtraError

NAMES = [
    *("cad", "collective-action", "davidson", "digital-extremism", "edos", "gab-hate-corpus", "gahd"),
    *("germeval-2026", "hatecheck", "hatemoji-build", "hatemoji-check", "hatexplain", "implicit-hate"),
    *("isis-supporters", "isis-topic", "muc", "multilingual-hatecheck", "pheme", "stormfront"),
]
TESTS_ONLY = {"hatecheck", "hatemoji-check", "muc", "multilingual-hatecheck", "pheme"}
GERMAN = {"gahd", "germeval-2026", "multilingual-hatecheck"}


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_corpus_is_listed_with_its_licence_and_whether_it_is_there(toy_corpora: Path) -> None:
    rows = json.loads(run("data", "list", "--json", "--data", str(toy_corpora)))

    assert [row["name"] for row in rows] == NAMES
    assert {row["name"] for row in rows if row["there"]} == {"gab-hate-corpus", "collective-action"}
    assert {row["name"] for row in rows if row["use"] == "tests only"} == TESTS_ONLY
    assert {row["name"] for row in rows if not row["by_default"]} == {"isis-supporters"}
    assert {row["name"] for row in rows if row["language"] == "de"} == GERMAN
    assert all(row["licence"] and row["language"] in {"en", "de"} for row in rows)


def test_corpora_are_listed_without_any_folder() -> None:
    assert not any(row["there"] for row in json.loads(run("data", "list", "--json")))


def test_labels_are_counted_by_corpus_split_and_signal(toy_corpora: Path) -> None:
    rows = json.loads(
        run("data", "stats", "--json", "--data", str(toy_corpora), "--corpus", "collective-action")
    )
    found = {(row["split"], row["signal"]): row for row in rows}

    assert len(rows) == 2 * 8
    test = found["test", "call_to_action"]
    assert test["positive"] + test["negative"] == 400
    assert test["unknown"] == test["presumed_negative"] == 0
    assert found["train", "extremism"]["presumed_negative"] == 1_600
    assert found["train", "hate"]["unknown"] == 1_600


def test_the_tables_name_every_corpus(toy_corpora: Path) -> None:
    assert "gab-hate-corpus" in run(
        "data", "stats", "--data", str(toy_corpora), "--corpus", "gab-hate-corpus"
    )
    assert all(name in run("data", "list") for name in NAMES)


def test_the_folder_comes_from_the_environment(toy_corpora: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_DATA", str(toy_corpora))

    assert json.loads(run("data", "stats", "--json", "--corpus", "gab-hate-corpus"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param((), "must exist, was .*/tocsin/corpora: .* `tocsin data fetch`", id="no folder"),
        pytest.param(("--data", "/nowhere"), "must exist, was /nowhere", id="a folder that is not there"),
        pytest.param(
            ("--data", ".", "--corpus", "soup"), "must be one of cad, collective-action", id="unknown name"
        ),
        pytest.param(
            ("--data", ".", "--corpus", "muc"), "muc: file train.json is missing", id="no such file"
        ),
    ],
)
def test_a_wrong_folder_or_name_is_an_error_that_says_which(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        CliRunner().invoke(app, ["data", "stats", *arguments], catch_exceptions=False)


def test_a_missing_training_library_is_an_error_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, toy_corpora: Path
) -> None:
    monkeypatch.setattr("builtins.__import__", _without_datasets(__import__))

    with pytest.raises(MissingExtraError, match=r"pip install 'tocsin\[train\]'"):
        CliRunner().invoke(app, ["data", "stats", "--data", str(toy_corpora)], catch_exceptions=False)


def _without_datasets(real: object) -> object:
    def absent(name: str, *rest: object) -> object:
        if name == "tocsin.training.dataset":
            raise ModuleNotFoundError("No module named 'datasets'", name="datasets")
        assert callable(real)
        return real(name, *rest)

    return absent
