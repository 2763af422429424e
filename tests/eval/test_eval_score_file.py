"""Files of scores: what is read, and what each fault is called. Every row is about nothing at all."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from tocsin.assessment import Assessment
from tocsin.errors import InputError, MalformedRowError, TocsinError
from tocsin.eval import Subject
from tocsin.eval.comparison.score_file import read_score_file
from tocsin.signals import Signal

HATE, THREAT = Signal.HATE, Signal.THREAT


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("peer.csv", "id,hate\na,0.25\nb,-3\n", id="csv"),
        pytest.param(
            "peer.csv", '\ufeffhate , id,note\r\n 2.5e-1,"a",x\r\n-3.,b,\r\n', id="csv of a spreadsheet"
        ),
        pytest.param("peer.TSV", "id\thate\na\t.25\nb\t-3\n", id="tsv"),
        pytest.param("peer.jsonl", '{"id": "a", "hate": 0.25}\n\n{"id": "b", "hate": -3}\n', id="json lines"),
        pytest.param(
            "peer.jsonl",
            '{"id": "a", "signals": {"hate": 0.25}}\n{"id": "b", "signals": {"hate": -3}}\n',
            id="assessments",
        ),
    ],
)
def test_scores_are_read_by_id(tmp_path: Path, name: str, text: str) -> None:
    found = read_score_file(written(tmp_path, name, text))
    assert found.name == "peer"
    assert {signal: dict(scores) for signal, scores in found.scores.items()} == {HATE: {"a": 0.25, "b": -3.0}}


def test_a_name_may_be_given(tmp_path: Path) -> None:
    assert read_score_file(written(tmp_path, "x.csv", "id,hate\na,1\n"), "theirs").name == "theirs"


def test_one_score_stands_for_every_signal_without_a_column_of_its_own(tmp_path: Path) -> None:
    found = read_score_file(written(tmp_path, "x.csv", "id,score,threat\na,1,2\n"))
    assert set(found.scores) == set(Signal)
    assert found.scores[THREAT] == {"a": 2.0}
    assert all(found.scores[signal] == {"a": 1.0} for signal in Signal if signal is not THREAT)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("x.csv", "id,hate\na,\nb,1\n", id="empty cell"),
        pytest.param("x.csv", "id,hate\na,  \nb,1\n", id="white space"),
        pytest.param("x.jsonl", '{"id": "a", "hate": null}\n{"id": "b", "hate": 1}\n', id="null"),
        pytest.param("x.jsonl", '{"id": "a", "threat": 1}\n{"id": "b", "hate": 1}\n', id="no such key"),
    ],
)
def test_a_row_without_a_score_is_missing_and_never_low(tmp_path: Path, name: str, text: str) -> None:
    found = read_score_file(written(tmp_path, name, text)).scores[HATE]
    assert math.isnan(found["a"])
    assert found["b"] == 1.0


def test_assessments_that_a_scan_writes_are_read_back(tmp_path: Path, toy_subject: Subject) -> None:
    assessments: list[Assessment] = list(toy_subject.assessments[:50])
    lines = [json.dumps(one.to_dict()) for one in assessments]
    found = read_score_file(written(tmp_path, "x.jsonl", "\n".join(lines)))
    for one in assessments:
        for signal, score in one.signals.items():
            told = found.scores[signal][one.id]
            assert math.isnan(told) if score is None else told == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param("x.txt", "id,hate", r"must be .csv, .tsv, .jsonl; was 'x.txt'", id="unknown kind"),
        pytest.param("x.csv", "", "must begin with a line of column names, was empty", id="empty"),
        pytest.param("x.csv", "id,hate\n", "at least one row of scores, had none", id="header alone"),
        pytest.param("x.jsonl", "\n", "at least one row of scores, had none", id="no line"),
        pytest.param("x.csv", "hate\n1\n", "must have the column id", id="no id"),
        pytest.param("x.csv", "id,hatred\na,1\n", "at least one of score, incitement", id="no score"),
        pytest.param("x.csv", "id,hate,hate\na,1,1\n", "column names must differ", id="a column twice"),
        pytest.param("x.csv", '"id\n', "cannot be read", id="an open quote"),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_score_file(written(tmp_path, name, text))


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        pytest.param("x.csv", "b,high", "hate must be a finite number or empty, was 'high'", id="a word"),
        pytest.param("x.csv", "b,nan", "hate must be a finite number or empty, was 'nan'", id="nan"),
        pytest.param("x.csv", "b,inf", "hate must be a finite number or empty, was 'inf'", id="infinite"),
        pytest.param("x.csv", "b,1e999", "hate must be a finite number or empty, was inf", id="too large"),
        pytest.param("x.csv", "b,1_0", "hate must be a finite number or empty", id="an underscore"),
        pytest.param("x.csv", "a,1", "an id must stand once, 'a' stands twice", id="an id twice"),
        pytest.param("x.csv", " a ,1", "an id must stand once, 'a' stands twice", id="an id with spaces"),
        pytest.param("x.csv", ",1", "id must be a string that is not empty, was ''", id="no id"),
        pytest.param("x.csv", "b,1,2", "must have 2 cells like the header, had 3", id="a cell too many"),
        pytest.param("x.jsonl", "[1]", "must be a JSON object, was list", id="no object"),
        pytest.param("x.jsonl", "{", "must be a JSON object, was none", id="no JSON"),
        pytest.param("x.jsonl", '{"id": "b"}', "a row must have a score: one of score", id="no score"),
        pytest.param(
            "x.jsonl", '{"id": "b", "hate": true}', "finite number or empty, was True", id="a boolean"
        ),
        pytest.param("x.jsonl", '{"id": "b", "hate": NaN}', "finite number or empty, was nan", id="json nan"),
        pytest.param("x.jsonl", '{"id": null, "hate": 1}', "id must be a string", id="a null id"),
        pytest.param("x.jsonl", '{"id": true, "hate": 1}', "id must be a string", id="a boolean id"),
        pytest.param("x.jsonl", '{"id": "b", "signals": 1}', "signals must be an object", id="no signals"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named(tmp_path: Path, name: str, line: str, message: str) -> None:
    first = "id,hate\na,1\n" if name.endswith("csv") else '{"id": "a", "hate": 1}\n'
    with pytest.raises(MalformedRowError, match=message) as caught:
        read_score_file(written(tmp_path, name, f"{first}{line}\n"))
    assert caught.value.row == 2
    assert caught.value.source == name


def test_a_file_that_is_not_there_or_no_text_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="cannot be read: No such file"):
        read_score_file(tmp_path / "none.csv")
    (tmp_path / "x.csv").write_bytes(b"id,hate\n\xff,1\n")
    with pytest.raises(InputError, match="cannot be read: 'utf-8'"):
        read_score_file(tmp_path / "x.csv")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a,tomato soup\nb,1\n", id="no header"),
        pytest.param("tomato soup,tomato soup\nb,1\n", id="no header and a cell twice"),
        pytest.param("id,hate\na,tomato soup\n", id="a text for a score"),
        pytest.param(f"id,hate\na,{'tomato soup ' * 9}\n", id="a long text for a score"),
        pytest.param("id,hate\ntomato soup,1\ntomato soup,1\n", id="texts for ids"),
    ],
)
def test_errors_show_no_text(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, "x.csv", text)
    with pytest.raises(TocsinError) as caught:
        read_score_file(path)
    assert "soup" not in str(caught.value)
    assert len(str(caught.value).replace(str(path), path.name)) < 200
