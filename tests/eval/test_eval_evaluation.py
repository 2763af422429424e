"""A scorer and its test rows become one report, whatever the scorer could not judge."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, Reason, Status
from tocsin.errors import InputError
from tocsin.eval import Report, evaluate
from tocsin.eval.calibration_error import ERROR, SKILL, Shift
from tocsin.eval.intervals import bootstrapped
from tocsin.example import Example, Label
from tocsin.example_file import read_examples
from tocsin.item import Item
from tocsin.models import load
from tocsin.models.calibration import Calibration, SignalCalibration
from tocsin.policy import PolicyDocument, default_policy
from tocsin.signals import Signal

HATE, THREAT = Signal.HATE, Signal.THREAT
YES, NO = Label.POSITIVE, Label.NEGATIVE
NAMES = ("corpus", "signal", "positives", "negatives", "unscored")


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tocsin.eval.cells.bootstrapped", lambda statistics, rows: bootstrapped(statistics, rows, draws=20)
    )


@dataclass(frozen=True)
class Measures:
    """Stand in for a bundle: `hate` is a probability where half are positive."""

    calibration: Calibration = Calibration(
        signals={
            HATE: {
                "en": SignalCalibration(
                    slope=1.0, intercept=0.0, reference_prevalence=0.5, positives=80, negatives=80
                )
            }
        }
    )


class Reader:
    """Read its scores off the text: "null" is unscorable, "de" is refused, "nl" is not."""

    policy: PolicyDocument = default_policy()
    model = ModelStamp("toy", "1", "sha256:0")
    bundle = Measures()

    def __init__(self) -> None:
        self.hints: list[str | None] = []

    def assess(self, items: Sequence[Item]) -> list[Assessment]:
        self.hints.extend(item.language for item in items)
        return [self._assessed(item) for item in items]

    def _assessed(self, item: Item) -> Assessment:
        words = item.text.split()
        refused = words[0] == "null" or (words[0] == "de" and item.language is None)
        level = None if refused else Level.REVIEW if float(words[1]) >= 0.5 else Level.NONE
        return Assessment(
            id=item.id,
            status=Status.UNSCORABLE if refused else Status.SCORED,
            reason=Reason.LANGUAGE if refused else None,
            language=item.language or {"und": "und", "null": "und", "nl": "nl"}.get(words[0], "en"),
            signals={signal: None if refused or signal is not HATE else float(words[1]) for signal in Signal},
            policies=tuple(
                PolicyResult(one.name, None if refused else 0.5, level, certified=False)
                for one in self.policy.policies
            ),
            priority=None,
            tier=None,
            spans=(),
            model=self.model,
            policy=self.policy.stamp,
        )


def rows(
    words: str, count: int, label: Label, *, corpus: str = "kitchen", signal: Signal = HATE
) -> list[Example]:
    return [
        Example(
            f"{corpus}:{words}:{label}:{number}", f"{words} soup", "en", corpus, "CC0-1.0", {signal: label}
        )
        for number in range(count)
    ]


def test_an_evaluation_without_a_row_is_refused() -> None:
    with pytest.raises(InputError, match="needs at least one test row, had none"):
        evaluate(Reader(), [])


def test_a_report_has_one_cell_for_each_corpus_and_signal_that_is_labelled() -> None:
    report = evaluate(
        Reader(),
        [
            *rows("en 0.9", 60, YES),
            *rows("en 0.1", 40, NO),
            *rows("null 0.9", 7, YES),
            *rows("en 0.1", 30, NO, corpus="stadium", signal=THREAT),
        ],
    )
    assert [tuple(getattr(cell, name) for name in NAMES) for cell in report.cells] == [
        ("kitchen", HATE, 60, 40, 7),
        ("stadium", THREAT, 0, 0, 30),
    ]
    assert report.cells[0].estimates["auroc"].value == 1.0
    assert report.model == Reader.model


def test_unscorable_rows_are_no_misses() -> None:
    report = evaluate(
        Reader(), [*rows("en 0.9", 30, YES), *rows("null 0.9", 30, YES), *rows("en 0.1", 30, NO)]
    )
    recall = [
        rate for rate in report.rates if (rate.policy, rate.kind, rate.level) == ("hate", "recall", "review")
    ]
    assert [(rate.rows, rate.hits, rate.unjudged) for rate in recall] == [(30, 30, 30)]


def test_policies_are_measured_by_the_signals_that_are_there() -> None:
    """Dehumanisation is null, so `hate` is decided by its other member; a no decides an `all` at once."""
    report = evaluate(Reader(), [*rows("en 0.9", 30, YES), *rows("en 0.1", 30, NO)])
    found = {(rate.policy, rate.kind) for rate in report.rates}
    assert found == {("hate", "recall"), ("hate", "fpr"), ("recruitment", "fpr")}


def test_detection_counts_what_would_not_be_judged_if_nobody_named_the_language() -> None:
    reader = Reader()
    report = evaluate(
        reader,
        [
            *rows("en 0.9", 50, YES),
            *rows("und 0.1", 30, NO),
            *rows("de 0.1", 20, NO),
            *rows("nl 0.1", 10, NO),
            *(replace(row, language="nl") for row in rows("nl 0.2", 25, NO)),
            *rows("und 0.1", 20, NO, corpus="stadium"),
            *rows("und 0.1", 19, NO, corpus="too small to report"),
        ],
    )
    found = [
        (one.corpus, one.language, one.rows, one.undetermined, one.mistaken, one.refused)
        for one in report.detection
    ]
    assert found == [
        ("kitchen", "en", 110, 30, 10, 20),
        ("kitchen", "nl", 25, 0, 0, 0),
        ("stadium", "en", 20, 20, 0, 0),
    ]
    assert (reader.hints.count("en"), reader.hints.count(None)) == (149, 155)


def test_calibration_is_measured_at_the_share_that_the_training_record_counts() -> None:
    examples = [
        *rows("en 0.5", 60, YES),
        *rows("en 0.5", 180, NO),
        *rows("en 0.5", 60, YES, corpus="stadium"),
    ]
    counts = {"kitchen": {"hate": {"en": {"positives": 20, "negatives": 60, "matched": -np.log(3)}}}}
    (found,) = evaluate(Reader(), examples, training={"calibration_rows": counts}).calibration
    assert (found.corpus, found.fitted_on, found.lacks) == ("kitchen", (20, 60), None)
    for shift in Shift:
        assert found.estimates[shift][ERROR].value == 0.0
        assert found.estimates[shift][SKILL].value == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("training", [None, {"kept": {"calibration": 80}}], ids=["no-record", "one-of-old"])
def test_without_counts_calibration_is_not_measured_and_all_else_is(
    training: dict[str, Any] | None,
) -> None:
    report = evaluate(Reader(), [*rows("en 0.9", 60, YES), *rows("en 0.1", 60, NO)], training=training)
    assert [(one.corpus, one.lacks) for one in report.calibration] == [
        ("kitchen", "the training record lacks the counts of calibration rows by corpus")
    ]
    assert report.cells[0].estimates["auroc"].value == 1.0


def test_progress_names_what_was_measured() -> None:
    told: list[str] = []
    evaluate(Reader(), [*rows("en 0.9", 30, YES), *rows("en 0.1", 30, NO)], told.append)
    assert told[0] == "scoring 60 test rows"
    assert "measured kitchen · hate" in told


@pytest.fixture(scope="module")
def tested(toy_bundle: Path) -> list[Example]:
    """Return every fourth test row of the toy corpora."""
    lines = (toy_bundle.parent / "work" / "test.jsonl").read_text(encoding="utf-8").splitlines()
    return [Example.from_dict(json.loads(line)) for line in lines[::4]]


def record(bundle: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((bundle / "training.json").read_text(encoding="utf-8"))
    return loaded


def test_a_real_bundle_is_measured_from_end_to_end(toy_bundle: Path, tested: list[Example]) -> None:
    report = evaluate(load(toy_bundle), tested)
    areas = {
        (cell.corpus, cell.signal): cell.estimates["auroc"].value for cell in report.cells if cell.estimates
    }
    assert areas["gab-hate-corpus", HATE] > 0.95
    assert areas["collective-action", Signal.CALL_TO_ACTION] > 0.9
    assert any(rate.rows_of == "collective-action test" for rate in report.rates)


def test_a_real_bundle_is_calibrated_by_its_own_record(toy_bundle: Path) -> None:
    rows = read_examples(toy_bundle.parent / "work" / "test.jsonl")
    found = evaluate(load(toy_bundle), rows, training=record(toy_bundle)).calibration
    assert [(one.corpus, one.lacks) for one in found if one.signal is HATE] == [("gab-hate-corpus", None)]
    assert all(one.estimates[shift][SKILL].value > 0.5 for one in found for shift in Shift)


def strings(document: object) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict):
        for key, value in document.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from strings(value)


def test_a_report_is_plain_json_and_holds_no_text(toy_bundle: Path, tested: list[Example]) -> None:
    report = evaluate(load(toy_bundle), tested, training=record(toy_bundle))
    written = json.dumps(report.to_dict(), allow_nan=False)
    assert set(json.loads(written)) == {field.name for field in fields(Report)}
    assert sum(row.text in written for row in tested) == 0
    assert set(strings(report.to_dict())) & {row.id for row in tested} == set()


def test_a_report_is_the_same_every_time(toy_bundle: Path, tested: list[Example]) -> None:
    one, other = (evaluate(load(toy_bundle), tested).to_dict() for _ in range(2))
    np.testing.assert_equal(one, other)
