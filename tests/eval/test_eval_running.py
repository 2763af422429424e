"""What was measured is kept, and read back as long as nothing that it depends on has changed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

import tocsin.eval.running
from tocsin.errors import InputError
from tocsin.eval import Origin, Report, Subject, evaluate
from tocsin.eval.comparison.score_file import ScoreFile
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.suite import Measured, NotRun
from tocsin.eval.suites import SUITES
from tocsin.eval.tables import Column, Kind, Row, Table
from tocsin.eval.testing import blank_bundle, reading
from tocsin.example import Example, Label
from tocsin.models import Scorer
from tocsin.policy import default_policy
from tocsin.policy.parse import parse_policy
from tocsin.signals import Signal

HATE = Signal.HATE


@dataclass
class Toy:
    """Measure a figure, and count how often; raise `fails` instead if it is given."""

    name: str = "toy"
    title: str = "Toy"
    question: str = "Is it one?"
    figure: float = 0.5
    fails: BaseException | None = None
    calls: list[Subject] = field(default_factory=list)

    def measure(self, subject: Subject, tell: Callable[[str], None]) -> Measured:
        self.calls.append(subject)
        tell("playing")
        if self.fails:
            raise self.fails
        columns = (Column("corpus", "corpus", key=True), Column("figure", "figure", Kind.SCORE))
        row: Row = {"corpus": "kitchen", "figure": Estimate(self.figure, 0.0, 1.0)}
        return Measured([Table("figures", "Figures", columns, [row])], ["It is."])


def rows(count: int = 3) -> list[Example]:
    return [
        Example(
            f"r{number}",
            "en 0.5 soup",
            "en",
            "kitchen" if number else "stadium",
            "CC0-1.0",
            {HATE: Label.POSITIVE},
        )
        for number in range(count)
    ]


def test_an_evaluation_without_a_row_is_refused() -> None:
    with pytest.raises(InputError, match="needs at least one test row, had none"):
        reading([])


def test_a_report_says_what_was_asked_of_what() -> None:
    report = evaluate(reading(rows()), [Toy(), Toy("other", fails=NotRun("needs salt: had none"))])
    assert [(one.name, one.measured is None, one.why_not) for one in report.answers] == [
        ("toy", False, None),
        ("other", True, "needs salt: had none"),
    ]
    assert (report.model.name, report.recipe, report.languages) == ("toy", "screen", ["en"])
    assert report.rows.by_corpus == {"kitchen": 2, "stadium": 1}
    assert report.made == "not dated"


def test_what_goes_wrong_is_no_answer() -> None:
    with pytest.raises(ZeroDivisionError):
        evaluate(reading(rows()), [Toy(fails=ZeroDivisionError())])


FILES = {"kitchen": {"a.csv": "11", "b.csv": "22"}, "pantry": {"a.csv": "33"}}


@pytest.mark.parametrize(
    ("files", "differing", "absent"),
    [
        pytest.param(FILES, [], [], id="as-it-was"),
        pytest.param({"kitchen": FILES["kitchen"]}, [], ["pantry"], id="one-is-missing"),
        pytest.param({**FILES, "larder": {"a.csv": "44"}}, ["larder"], [], id="one-is-new"),
        pytest.param({**FILES, "pantry": {"a.csv": "34"}}, ["pantry"], [], id="one-has-another-content"),
        pytest.param({**FILES, "kitchen": {"a.csv": "11"}}, ["kitchen"], [], id="one-lacks-a-file"),
        pytest.param({}, [], [], id="nobody-says-where-rows-come-from"),
    ],
)
def test_rows_are_compared_with_those_of_the_training(
    files: Mapping[str, Mapping[str, str]], differing: list[str], absent: list[str]
) -> None:
    found = evaluate(reading(rows(), {"files": FILES}), [], origin=Origin(files)).rows
    assert (list(found.differing), list(found.absent)) == (differing, absent)


def test_progress_names_each_suite() -> None:
    told: list[str] = []
    evaluate(reading(rows()), [Toy("one"), Toy("other")], told.append)
    assert told == ["suite one", "playing", "suite other", "playing"]


# What is kept.


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    one, other = Toy("one"), Toy("other", fails=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        evaluate(reading(rows()), [one, other], keep=tmp_path)
    other.fails = None
    report = evaluate(reading(rows()), [one, other], keep=tmp_path)
    assert (len(one.calls), len(other.calls)) == (1, 2)
    assert [answer.measured is not None for answer in report.answers] == [True, True]


def test_what_is_read_back_is_what_was_measured(tmp_path: Path) -> None:
    suite = Toy()
    reports = [evaluate(reading(rows()), [suite], keep=tmp_path).to_dict() for _ in range(2)]
    assert reports[0] == reports[1]
    assert len(suite.calls) == 1


def test_without_a_folder_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    suite = Toy()
    for _ in range(2):
        evaluate(reading(rows()), [suite])
    assert len(suite.calls) == 2
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_run_is_tried_again(tmp_path: Path) -> None:
    suite = Toy(fails=NotRun("needs salt: had none"))
    assert evaluate(reading(rows()), [suite], keep=tmp_path).answers[0].measured is None
    suite.fails = None
    assert evaluate(reading(rows()), [suite], keep=tmp_path).answers[0].measured is not None


POLICY = parse_policy(
    b'version = "1"\n[policies.soup]\ntitle = "Soup"\nwhen = "hate"\n'
    b'severity = "low"\nreview = 0.5\nurgent = 0.9\n',
    "soup.toml",
)


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(reading(rows(4)), id="a-row-more"),
        pytest.param(reading([replace(row, text="en 0.6 soup") for row in rows()]), id="other-texts"),
        pytest.param(reading([replace(row, labels={}) for row in rows()]), id="other-labels"),
        pytest.param(reading([replace(row, language="de") for row in rows()]), id="another-language"),
        pytest.param(reading([replace(row, corpus="pantry") for row in rows()]), id="another-corpus"),
        pytest.param(reading([replace(row, group="g") for row in rows()]), id="other-groups"),
        pytest.param(
            reading([replace(row, attributes={"class": "x"}) for row in rows()]), id="other-attributes"
        ),
        pytest.param(reading(rows(), bundle=replace(blank_bundle(), digest="sha256:1")), id="another-bundle"),
        pytest.param(reading(rows(), policy=POLICY), id="another-policy"),
        pytest.param(reading(rows(), {"kept": {}}), id="another-training-record"),
    ],
)
def test_on_other_inputs_everything_is_measured_again(subject: Subject, tmp_path: Path) -> None:
    suite = Toy()
    evaluate(reading(rows()), [suite], keep=tmp_path)
    evaluate(subject, [suite], keep=tmp_path)
    assert suite.calls[1:] == [subject]


def scored(figure: float, name: str = "peer") -> ScoreFile:
    return ScoreFile(name, {HATE: {"r0": figure}})


@pytest.mark.parametrize(
    ("beside", "other"),
    [
        pytest.param(
            {"rivals": (scored(0.1),)}, {"rivals": (scored(0.2),)}, id="another-classifier-s-scores"
        ),
        pytest.param(
            {"rivals": (scored(0.1),)}, {"rivals": (scored(0.1, "b"),)}, id="another-classifier-s-name"
        ),
        pytest.param(
            {"twins": (scored(0.1), scored(0.1))}, {"twins": (scored(0.1), scored(0.2))}, id="other-twins"
        ),
        pytest.param(
            {"drift": (scored(0.1), scored(0.2))}, {"drift": (scored(0.2), scored(0.1))}, id="the-other-way"
        ),
        pytest.param(
            {"baseline": Scorer(blank_bundle(), default_policy())},
            {"baseline": Scorer(replace(blank_bundle(), digest="sha256:1"), default_policy())},
            id="another-baseline",
        ),
        pytest.param({"twins": (scored(0.1), scored(0.1))}, {}, id="no-twins"),
    ],
)
def test_beside_anything_else_everything_is_measured_again(
    beside: Mapping[str, Any], other: Mapping[str, Any], tmp_path: Path
) -> None:
    suite = Toy()
    for compared in (beside, beside, other):
        evaluate(reading(rows(), **compared), [suite], keep=tmp_path)
    assert len(suite.calls) == 2


def test_an_answer_under_the_name_of_another_suite_is_not_read_back(tmp_path: Path) -> None:
    one, other = Toy("one"), Toy("other")
    evaluate(reading(rows()), [one], keep=tmp_path)
    (kept,) = tmp_path.rglob("*.json")
    kept.with_name("other.json").write_bytes(kept.read_bytes())
    (answer,) = evaluate(reading(rows()), [other], keep=tmp_path).answers
    assert (answer.name, len(other.calls)) == ("other", 1)


def test_the_day_plays_no_part_in_what_is_read_back(tmp_path: Path) -> None:
    suite = Toy()
    for day in ("2026-11-22", "2026-11-23"):
        report = evaluate(reading(rows()), [suite], keep=tmp_path, origin=Origin(made=day))
    assert (report.made, len(suite.calls)) == ("2026-11-23", 1)


def laid_out(folder: Path) -> Path:
    """Return where `running.py` would stand in a folder with one file for each part of the program."""
    for part in ("eval", "models", "text", "cli", "service", "training"):
        (folder / part).mkdir()
        (folder / part / "code.py").write_text("SALT = 1\n", encoding="utf-8")
    (folder / "item.py").write_text("SALT = 1\n", encoding="utf-8")
    return folder / "eval" / "running.py"


@pytest.mark.parametrize(
    ("changed", "measured"),
    [
        ("eval/code.py", 2),
        ("models/code.py", 2),
        ("text/code.py", 2),
        ("item.py", 2),
        ("cli/code.py", 1),
        ("service/code.py", 1),
        ("training/code.py", 1),
    ],
)
def test_by_other_code_everything_is_measured_again(
    changed: str, measured: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "code").mkdir()
    monkeypatch.setattr(tocsin.eval.running, "__file__", str(laid_out(tmp_path / "code")))
    suite = Toy()
    evaluate(reading(rows()), [suite], keep=tmp_path / "kept")
    (tmp_path / "code" / changed).write_text("SALT = 2\n", encoding="utf-8")
    evaluate(reading(rows()), [suite], keep=tmp_path / "kept")
    assert len(suite.calls) == measured


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda text: text[: len(text) // 2], id="cut-off"),
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda _: "[]", id="a-list"),
        pytest.param(lambda text: text.replace('"tables"', '"table"'), id="without-tables"),
        pytest.param(lambda text: text.replace('"low"', '"least"'), id="an-estimate-without-its-end"),
        pytest.param(lambda text: text.replace('"run"', '"went"'), id="another-status"),
        pytest.param(lambda text: text.replace('"inputs"', '"input"'), id="without-inputs"),
    ],
)
def test_a_damaged_answer_is_measured_again(damage: Callable[[str], str], tmp_path: Path) -> None:
    suite = Toy()
    first = evaluate(reading(rows()), [suite], keep=tmp_path)
    (kept,) = tmp_path.rglob("*.json")
    whole = kept.read_text(encoding="utf-8")
    kept.write_text(damage(whole), encoding="utf-8")
    assert kept.read_text(encoding="utf-8") != whole
    again = evaluate(reading(rows()), [suite], keep=tmp_path)
    assert len(suite.calls) == 2
    assert comparable(again) == comparable(first)
    assert comparable(evaluate(reading(rows()), [suite], keep=tmp_path)) == comparable(first)
    assert len(suite.calls) == 2


# All suites, on the toy bundle.


def comparable(report: Report) -> Mapping[str, Any]:
    """Return all of a report but how long it took."""
    document: dict[str, Any] = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    for answer in document["suites"].values():
        del answer["seconds"]
    return document


@pytest.fixture(scope="module")
def toy_reports(toy_subject: Subject) -> Sequence[Report]:
    """Return two reports of every suite on every fourth of the toy rows."""
    some = toy_subject.rows[::4]
    return [
        evaluate(Subject(toy_subject.scorer, some, toy_subject.training), tuple(SUITES.values()))
        for _ in range(2)
    ]


def test_a_report_is_the_same_every_time(toy_reports: Sequence[Report]) -> None:
    assert comparable(toy_reports[0]) == comparable(toy_reports[1])


def strings(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for key, value in document.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(document, list):
        for value in document:
            yield from strings(value)


def test_a_report_holds_no_text_and_no_id_of_any_row(
    toy_reports: Sequence[Report], toy_subject: Subject
) -> None:
    written = json.dumps(comparable(toy_reports[0]))
    assert len(written) > 10_000
    assert sum(row.text in written for row in toy_subject.rows) == 0
    assert set(strings(comparable(toy_reports[0]))) & {row.id for row in toy_subject.rows} == set()


def test_a_whole_report_comes_back_as_it_was(toy_reports: Sequence[Report]) -> None:
    told = toy_reports[0].to_dict()
    assert Report.from_dict(json.loads(json.dumps(told))).to_dict() == told
