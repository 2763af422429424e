"""`tocsin data audit-labels` and `tocsin data shortcuts` on the toy corpora: figures and ids, no texts."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tocsin.cli.app import app
from tocsin.errors import CorpusError
from tocsin.training.corpora import CORPORA
from tocsin.training.corpus_identity import Interval
from tocsin.training.shortcuts import CorpusGuess, View

ACTIONS = CORPORA["collective-action"]


def run(command: str, *arguments: str) -> str:
    result = CliRunner().invoke(app, ["data", command, *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""  # nobody waits at a terminal
    return result.stdout


@pytest.fixture(scope="module")
def noisy(toy_corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the toy calls to action: each twelfth label is wrong, in the test each."""
    folder = tmp_path_factory.mktemp("noisy")
    (folder / ACTIONS.name).mkdir()
    other = {"Call-to-action": "None", "None": "Call-to-action"}
    for name, each in (("train_set.csv", 12), ("test_set.csv", 1)):
        with (toy_corpora / ACTIONS.name / name).open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        with (folder / ACTIONS.name / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            for place, (identity, text, label, augmentation) in enumerate(rows):
                given = label if place % each else other[label]
                writer.writerow([identity, text, given, augmentation])
    return folder


@pytest.fixture(scope="module")
def audited(noisy: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], Path]:
    """Return what an audit of noisy calls to action prints as JSON, and its file of ids."""
    ids = tmp_path_factory.mktemp("audit") / "ids.jsonl"
    arguments = ("--data", str(noisy), "--corpus", ACTIONS.name, "--ids", str(ids), "--json")
    return json.loads(run("audit-labels", *arguments)), ids


@pytest.fixture(scope="module")
def shortcut(toy_corpora: Path) -> dict[str, Any]:
    """Return what gives the toy corpora away."""
    found = json.loads(run("shortcuts", "--data", str(toy_corpora), "--available", "--rows", "150", "--json"))
    assert isinstance(found, dict)
    return found


def test_an_audit_names_each_cell_with_its_counts_and_estimate(
    audited: tuple[list[dict[str, Any]], Path], noisy: Path
) -> None:
    (cell,) = audited[0]
    rows = [row for row in ACTIONS.examples(noisy) if row.split != "test"]

    assert (cell["corpus"], cell["signal"], cell["language"]) == (ACTIONS.name, "call_to_action", "en")
    assert cell["negatives"] + cell["positives"] == len(rows)
    assert cell["estimate"]["auroc"] > 0.8
    for share in ("negatives_wrong", "positives_wrong"):
        assert cell["estimate"][share] == pytest.approx(1 / 12, abs=0.04)


def test_the_file_holds_the_likely_errors_as_ids_and_labels_likeliest_first_and_no_test_row(
    audited: tuple[list[dict[str, Any]], Path], noisy: Path
) -> None:
    (cell,), path = audited
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    place = {"corpus": ACTIONS.name, "signal": "call_to_action", "language": "en"}
    given = {row.id: row.labels for row in ACTIONS.examples(noisy) if row.split != "test"}

    assert lines == [place | error for error in cell["estimate"]["errors"]] != []
    assert all(set(line) == {*place, "id", "label", "self_confidence"} for line in lines)
    assert all(given[line["id"]][line["signal"]] == line["label"] for line in lines)
    confidences = [line["self_confidence"] for line in lines]
    assert confidences == sorted(confidences)


def test_an_audit_prints_a_table_with_the_share_of_likely_errors(
    audited: tuple[list[dict[str, Any]], Path], noisy: Path
) -> None:
    (cell,), _ = audited
    table = run("audit-labels", "--data", str(noisy), "--corpus", ACTIONS.name)

    for label, rows in (("negative", cell["negatives"]), ("positive", cell["positives"])):
        among = sum(error["label"] == label for error in cell["estimate"]["errors"])
        assert f"{among} ({among / rows:.1%})" in table
    assert f"{cell['estimate']['auroc']:.3f}" in table


def test_a_cell_with_too_few_rows_is_listed_without_an_estimate(tmp_path: Path) -> None:
    folder = tmp_path / ACTIONS.name
    folder.mkdir()
    header = "CommentID,ActionFocusedText,Label,AugmentationType\n"
    (folder / "test_set.csv").write_text(header, encoding="utf-8")
    rows = [f"{number},{'soup ' * number},Call-to-action,None\n" for number in range(1, 20)]
    (folder / "train_set.csv").write_text(header + "".join(rows), encoding="utf-8")
    arguments = ("--data", str(tmp_path), "--corpus", ACTIONS.name)

    (cell,) = json.loads(run("audit-labels", *arguments, "--json"))
    assert (cell["negatives"], cell["positives"], cell["estimate"]) == (0, 19, None)
    assert "–" in run("audit-labels", *arguments)


def test_nothing_that_is_printed_or_written_is_a_text(
    audited: tuple[list[dict[str, Any]], Path], shortcut: dict[str, Any], noisy: Path
) -> None:
    said = json.dumps([audited[0], shortcut]) + audited[1].read_text(encoding="utf-8")
    texts = (row.text for row in ACTIONS.examples(noisy))
    assert not any(text in said for text in texts)


def test_shortcuts_say_what_corpora_tell_of_labels(shortcut: dict[str, Any]) -> None:
    found = {(row["signal"], row["presumed"]): row for row in shortcut["identity"]}

    assert found["hate", False]["corpora"] == 1
    assert found["hate", False]["auroc"] is None
    presumed = found["extremism", True]
    assert (presumed["corpora"], presumed["negatives"], presumed["positives"]) == (1, 1_600, 0)


def test_shortcuts_say_how_well_texts_tell_their_corpus(shortcut: dict[str, Any]) -> None:
    raw, normalised, surface = shortcut["guesses"]

    assert [found["view"] for found in (raw, normalised, surface)] == [
        "raw text",
        "normalised text",
        "surface alone",
    ]
    for found in (raw, normalised, surface):
        assert found["corpora"] == ["collective-action", "gab-hate-corpus"]
        assert [sum(row) for row in found["confusion"]] == [150, 150]
        assert found["largest"] == 0.5
    assert normalised["accuracy"]["value"] > 0.7  # the words of invitations are in one of the two alone


def test_shortcuts_print_tables_with_the_commonest_confusions(
    shortcut: dict[str, Any], toy_corpora: Path
) -> None:
    table = run("shortcuts", "--data", str(toy_corpora), "--available", "--rows", "150")
    (kept, left), (taken, _) = shortcut["guesses"][1]["confusion"]

    assert f"{kept / 150:.1%}" in table
    for count, name in ((left, "gab-hate-corpus"), (taken, "collective-action")):
        assert (f"{name} {count}" in table) == bool(count)
    accuracy = shortcut["guesses"][0]["accuracy"]
    assert f"{accuracy['value']:.3f} [{accuracy['low']:.3f}, {accuracy['high']:.3f}]" in table


def test_the_last_table_counts_the_three_commonest_confusions_of_each_corpus_once_normalised(
    toy_corpora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sure = Interval(0.5, 0.4, 0.6)
    confused = ((50, 9, 30, 10, 1), (0, 40, 0, 0, 0), (7, 0, 13, 0, 0), (0, 0, 0, 5, 5), (1, 1, 1, 1, 1))
    found = [
        CorpusGuess("en", View.RAW, tuple("abcde"), 180, 0.5, sure, 0.5, ((77,) * 5,) * 5),
        CorpusGuess("en", View.NORMALISED, tuple("abcde"), 180, 0.5, sure, 0.5, confused),
        CorpusGuess("en", View.SURFACE, tuple("abcde"), 180, 0.5, sure, 0.5, ((88,) * 5,) * 5),
    ]
    monkeypatch.setattr("tocsin.training.shortcuts.guess_corpora", lambda *_: found)

    known = [[name, "en"] for name in "abcde"]
    _, _, table = run("shortcuts", "--data", str(toy_corpora), "--available").partition("taken for,")

    assert [line.split() for line in table.splitlines() if line.split()[:2] in known] == [
        *(["a", "en", "100", "50.0%", "c", "30,", "d", "10,", "b", "9"], ["b", "en", "40", "100.0%"]),
        *(["c", "en", "20", "65.0%", "a", "7"], ["d", "en", "10", "50.0%", "e", "5"]),
        ["e", "en", "5", "20.0%", "a", "1,", "b", "1,", "c", "1"],
    ]


@pytest.mark.parametrize("command", ["audit-labels", "shortcuts"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param((), "gab-hate-corpus|cad", id="a-corpus-is-missing"),
        pytest.param(("--corpus", "soup"), "must be one of", id="an-unknown-corpus"),
        pytest.param(
            ("--corpus", "muc", "--available"), "must have rows outside official tests", id="nothing-to-read"
        ),
    ],
)
def test_what_cannot_be_read_is_an_error(
    command: str, arguments: tuple[str, ...], message: str, toy_corpora: Path
) -> None:
    with pytest.raises(CorpusError, match=message):
        CliRunner().invoke(
            app, ["data", command, "--data", str(toy_corpora), *arguments], catch_exceptions=False
        )


def test_a_file_of_ids_appears_only_when_it_is_complete(toy_corpora: Path, tmp_path: Path) -> None:
    ids = tmp_path / "ids.jsonl"
    with pytest.raises(CorpusError):
        CliRunner().invoke(
            app,
            ["data", "audit-labels", "--data", str(toy_corpora), "--ids", str(ids)],
            catch_exceptions=False,
        )
    assert list(tmp_path.iterdir()) == []


def test_too_few_rows_to_guess_from_are_refused() -> None:
    result = CliRunner().invoke(app, ["data", "shortcuts", "--rows", "99"])
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("command", "module", "step"),
    [
        pytest.param("audit-labels", "audit_labels", "collective-action (en): call_to_action", id="audit"),
        pytest.param("shortcuts", "shortcuts", "ranking rows by their corpus", id="shortcuts"),
    ],
)
def test_what_long_work_is_at_is_shown_on_a_terminal(
    command: str, module: str, step: str, noisy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=100)
    monkeypatch.setattr(f"tocsin.cli.data.{module}.Console", lambda **_: console)

    run(command, "--data", str(noisy), "--corpus", ACTIONS.name)

    assert step in shown.getvalue()
