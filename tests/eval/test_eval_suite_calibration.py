"""Suite "calibration": errors after both shifts, what misses the aim, and what was not measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

import tocsin.eval.suites.calibration
from tocsin.eval.calibration_error import ERROR, SKILL, CalibrationCell, Shift
from tocsin.eval.statistics.intervals import Estimate, proportion
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun
from tocsin.eval.suites.calibration import MISSED, OTHERWISE, SUITE
from tocsin.eval.suites.corpora import FEW
from tocsin.eval.tables import Marked, Row
from tocsin.eval.testing import reading
from tocsin.example import Example, Label
from tocsin.signals import Signal

HATE = Signal.HATE
YES, NO = Label.POSITIVE, Label.NEGATIVE


def errors(error: float, skill: float) -> Mapping[str, Estimate]:
    return {
        ERROR: Estimate(error, error - 0.015625, error + 0.03125),
        SKILL: Estimate(skill, skill - 0.125, skill + 0.0625),
    }


def cell(
    corpus: str,
    tested: tuple[int, int],
    fitted_on: tuple[int, int] | None,
    prior: tuple[float, float] | None = None,
    matched: tuple[float, float] | None = None,
    language: str = "en",
) -> CalibrationCell:
    """Return one with these figures, error and skill, of each shift; without any it lacks rows."""
    estimates = {Shift.PRIOR: errors(*prior), Shift.MATCHED: errors(*matched)} if prior and matched else {}
    lacks = None if estimates else "no calibration rows of its own"
    bins = ((300, 0.1, 30), (tested[0] + tested[1] - 300, 0.9, tested[0] - 30)) if estimates else ()
    return CalibrationCell(corpus, HATE, language, *tested, fitted_on, estimates, lacks, bins)


CELLS = (
    cell("kitchen", (200, 800), (80, 320), (0.0625, 0.25), (0.03, 0.375)),
    cell("pantry", (400, 800), (300, 100), (0.03, -0.125), (0.0625, 0.0)),
    cell("stadium", (120, 300), (30, 10), (0.5, -0.5), (0.25, -0.25)),
    cell("cellar", (120, 300), None),
    cell("larder", (120, 300), None, language="de"),
)
NONE = cell("attic", (120, 300), None)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> Measured:
    return of_cells(CELLS, monkeypatch)


def of_cells(cells: Sequence[CalibrationCell | None], monkeypatch: pytest.MonkeyPatch) -> Measured:
    """Return what the suite makes of cells that are given, whatever rows it reads."""
    given = iter(cells)
    monkeypatch.setattr(tocsin.eval.suites.calibration, "calibration_cell", lambda *_: next(given))
    examples = [row for one in range(len(cells)) for row in rows("en 0.5", 1, YES, corpus=f"corpus {one}")]
    return SUITE.measure(reading(examples), lambda _: None)


def rows(words: str, count: int, label: Label, *, corpus: str = "kitchen") -> list[Example]:
    return [
        Example(f"{corpus}:{words}:{label}:{number}", f"{words} soup", "en", corpus, "CC0-1.0", {HATE: label})
        for number in range(count)
    ]


def row(found: Measured, corpus: str) -> Row:
    (one,) = found.tables[0].find({"corpus": corpus})
    return one


def test_an_error_shows_the_prevalence_and_the_rows_behind_it(measured: Measured) -> None:
    found = row(measured, "kitchen")
    assert (found["prevalence"], found["calibration"]) == (0.2, "80 / 320")
    assert (found["positives"], found["negatives"]) == (200, 800)


def test_each_shift_is_held_to_the_aim_by_itself(measured: Measured) -> None:
    marks = {
        corpus: [
            isinstance(row(measured, corpus)[f"{figure}_{shift}"], Marked)
            for shift in Shift
            for figure in (ERROR, SKILL)
        ]
        for corpus in ("kitchen", "pantry", "stadium")
    }
    assert marks == {
        "kitchen": [True, False, False, False],
        "pantry": [False, True, True, True],
        "stadium": [False] * 4,
    }
    assert row(measured, "kitchen")[f"{ERROR}_prior"] == Marked(errors(0.0625, 0)[ERROR], MISSED)


def test_a_test_that_was_drawn_otherwise_is_marked(measured: Measured) -> None:
    assert [found["negatives"] for found in measured.tables[0].rows] == [
        800,
        Marked(800, OTHERWISE),
        Marked(300, OTHERWISE),
    ]


def test_a_cell_too_small_for_the_aim_is_marked_and_misses_nothing(measured: Measured) -> None:
    assert row(measured, "stadium")["positives"] == Marked(120, FEW)


def test_cells_that_could_not_be_measured_are_named_with_the_reason(measured: Measured) -> None:
    assert measured.tables[0].notes[-1] == (
        "Not measured: no calibration rows of its own: cellar `hate` (en), larder `hate` (de)."
    )
    assert [found["corpus"] for found in measured.tables[0].rows] == ["kitchen", "pantry", "stadium"]


def test_what_misses_the_aim_is_told_worst_first_and_for_what(measured: Measured) -> None:
    assert list(measured.findings) == [
        (
            "Scores of `hate` on kitchen (en), after the prior shift, are off by 0.06 in the root of the mean"
            " square (aim: 0.03)."
        ),
        (
            "Scores of `hate` on pantry (en), after the prior shift, tell no more than one share for every"
            " text would (Brier skill -0.12)."
        ),
        (
            "0 of 2 cells with 200 positives or more meet the aim after the prior shift. On texts from"
            " elsewhere, read scores as an order, not as shares."
        ),
    ]


def test_no_more_than_six_things_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = [cell(f"c{one}", (200, 800), (80, 320), (one / 10, 0.25), (0.5, 0.5)) for one in range(1, 10)]
    found = of_cells(bad, monkeypatch)
    assert len(found.findings) == 6
    assert "on c9 (en), after the prior shift, are off by 0.90" in found.findings[0]
    assert found.findings[-1].startswith("0 of 9 cells")


def test_where_no_cell_is_held_to_the_aim_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(of_cells(CELLS[2:], monkeypatch).findings) == [
        "No cell has the 200 positives from which on it is held to the aim."
    ]


def test_reliability_shows_every_bin_with_its_interval(measured: Measured) -> None:
    _, reliability = measured.tables
    assert [tuple(found.values()) for found in reliability.find({"corpus": "kitchen"})] == [
        ("kitchen", "hate", "en", 1, 300, 0.1, proportion(30, 300)),
        ("kitchen", "hate", "en", 2, 700, 0.9, proportion(170, 700)),
    ]
    places = [tuple(found[key] for key in reliability.keys) for found in reliability.rows]
    assert len(set(places)) == len(places) == 6


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        pytest.param([None, None], "needs a signal with 50 test rows of each class", id="too-few-rows"),
        pytest.param(
            [NONE],
            "needs calibration rows of a tested corpus to go by: Not measured: no calibration rows of its"
            " own: attic `hate` (en).",
            id="nothing-to-shift-to",
        ),
    ],
)
def test_where_no_cell_could_be_measured_it_is_not_run(
    cells: Sequence[CalibrationCell | None], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotRun) as told:
        of_cells(cells, monkeypatch)
    assert why in str(told.value)


# From rows to figures.


def test_calibration_is_measured_at_the_share_that_the_training_record_counts() -> None:
    examples = [
        *rows("en 0.5", 60, YES),
        *rows("en 0.5", 180, NO),
        *rows("en 0.5", 60, YES, corpus="stadium"),
    ]
    counts = {"kitchen": {"hate": {"en": {"positives": 20, "negatives": 60, "matched": -np.log(3)}}}}
    found = SUITE.measure(reading(examples, {"calibration_rows": counts}), lambda _: None)
    (told,) = found.tables[0].rows
    assert (told["corpus"], told["prevalence"], told["calibration"]) == ("kitchen", 0.25, "20 / 60")
    for shift in Shift:
        error, skill = told[f"{ERROR}_{shift}"], told[f"{SKILL}_{shift}"]
        assert isinstance(error, Estimate)
        assert isinstance(skill, Estimate)
        assert error.value == 0.0
        assert skill.value == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("training", [None, {"kept": {"calibration": 80}}], ids=["no-record", "one-of-old"])
def test_without_counts_it_is_not_run_and_says_what_is_lacking(training: dict[str, Any] | None) -> None:
    examples = [*rows("en 0.9", 60, YES), *rows("en 0.1", 60, NO)]
    with pytest.raises(NotRun, match="the training record lacks the counts of calibration rows by corpus"):
        SUITE.measure(reading(examples, training), lambda _: None)


def test_a_real_bundle_is_calibrated_by_its_own_record(toy_subject: Subject) -> None:
    found = SUITE.measure(toy_subject, lambda _: None)
    skills = [told[f"{SKILL}_{shift}"] for told in found.tables[0].rows for shift in Shift]
    values = [value for value in skills if isinstance(value, Estimate)]
    assert len(values) == len(skills) > 4
    assert all(value.value > 0.5 for value in values)


def test_progress_names_what_was_measured() -> None:
    told: list[str] = []
    counts = {"kitchen": {"hate": {"en": {"positives": 20, "negatives": 60, "matched": 0.0}}}}
    examples = [*rows("en 0.9", 60, YES), *rows("en 0.1", 60, NO)]
    SUITE.measure(reading(examples, {"calibration_rows": counts}), told.append)
    assert told == ["calibration of kitchen · hate"]
