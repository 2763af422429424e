"""Errors of calibration hold what they promise, as statistics on data whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss

from tocsin.eval.calibration_error import (
    ERROR,
    SKILL,
    CalibrationCell,
    Reliability,
    Shift,
    calibration_cell,
    calibration_rows,
)
from tocsin.eval.slices import Slice
from tocsin.eval.statistics.intervals import DRAWS, Estimate, bootstrapped
from tocsin.models.calibration import Calibration, SignalCalibration
from tocsin.signals import Signal

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]

HATE = Signal.HATE
ROWS, DATA_SETS = 1_000, 600


def sigmoid(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def drawn(generator: np.random.Generator, rows: int = ROWS, too_high: float = 0.0) -> Reliability:
    """Draw labels at their true probabilities, and forecasts that are `too_high` by that many log-odds."""
    log_odds = generator.normal(-1.5, 1.2, rows)
    labels = (generator.random(rows) < sigmoid(log_odds)).astype(np.int8)
    return Reliability.of(labels, sigmoid(log_odds + too_high), 0.25)


def squares(too_high: float, noise: int) -> Floats:
    generator = np.random.default_rng(1)
    parts = (drawn(generator, too_high=too_high) for _ in range(DATA_SETS))
    return np.array([part.squared_error(np.ones(ROWS), noise) for part in parts])


def truth(too_high: float) -> float:
    """Return the squared error in ten bins of equal mass, of so many rows that chance adds nothing."""
    log_odds = np.sort(np.random.default_rng(2).normal(-1.5, 1.2, 1_000_000))
    bins = zip(
        np.array_split(sigmoid(log_odds + too_high), 10), np.array_split(sigmoid(log_odds), 10), strict=True
    )
    return float(np.mean([(said.mean() - true.mean()) ** 2 for said, true in bins]))


# The debiased error.


def test_the_error_of_a_small_example_is_the_one_worked_out_by_hand() -> None:
    """Ten bins of two rows: five say .2 with no positive, five say .8 with one positive of two."""
    scores = np.concatenate([np.full(10, 0.2), np.full(10, 0.8)]) + np.repeat(np.arange(10), 2) / 1_000
    labels = np.array([0] * 10 + [1, 0] * 5, np.int8)
    found = Reliability.of(labels, scores, 0.25)
    offsets = np.arange(10) / 1_000
    low = (0.2 + offsets[:5]) ** 2
    high = (0.3 + offsets[5:]) ** 2
    plain = (low.sum() + high.sum()) / 10
    assert found.squared_error(np.ones(20), noise=0) == pytest.approx(plain, abs=1e-12)
    # A bin of two with one positive: .5 * .5 / (2 - 1) to take off; one with none: nothing.
    assert found.squared_error(np.ones(20)) == pytest.approx(plain - 0.25 * 5 / 10, abs=1e-12)
    assert found.figures(np.ones(20))[ERROR] == 0.0
    assert Reliability.of(1 - labels, scores, 0.25).figures(np.ones(20))[ERROR] == pytest.approx(
        np.sqrt((((0.8 - offsets[:5]) ** 2).sum() + high.sum()) / 10 - 0.125), abs=1e-12
    )


def test_perfect_calibration_has_no_error_on_average_where_the_plain_one_has() -> None:
    debiased, plain = squares(0.0, noise=1), squares(0.0, noise=0)
    uncertain = debiased.std() / np.sqrt(DATA_SETS)
    assert abs(debiased.mean()) < 3 * uncertain
    assert abs(debiased.mean()) < 1e-4
    assert plain.mean() > 1e-3


def test_the_figure_of_perfect_calibration_is_a_third_of_the_plain_one_or_less() -> None:
    """It cannot be negative, so it is not 0 on average: 0.011 here, where the plain one says 0.035."""
    debiased = np.sqrt(np.maximum(squares(0.0, noise=1), 0)).mean()
    plain = np.sqrt(squares(0.0, noise=0)).mean()
    assert debiased < 0.012
    assert plain > 0.033


@pytest.mark.parametrize("too_high", [-1.0, 0.5, 1.0])
def test_a_known_error_is_recovered(too_high: float) -> None:
    found, expected = squares(too_high, noise=1), truth(too_high)
    assert found.mean() == pytest.approx(expected, abs=3 * found.std() / np.sqrt(DATA_SETS))
    assert np.sqrt(found.mean()) == pytest.approx(np.sqrt(expected), abs=0.003)


@pytest.mark.parametrize(
    ("too_high", "least"), [pytest.param(0.0, 0.95, id="none"), pytest.param(0.7, 0.9, id="some")]
)
def test_the_interval_holds_the_true_error_as_often_as_it_says(too_high: float, least: float) -> None:
    """Where draws were corrected but once, it held it in .87 to .93 of such data sets."""
    generator, expected = np.random.default_rng(3), np.sqrt(truth(too_high))
    held = 0
    for _ in range(200):
        part = drawn(generator, 500, too_high)
        found = bootstrapped(part.figures, 500, 150, of_draws=part.of_draw)[ERROR]
        held += found.low <= expected <= found.high
    assert held / 200 >= least


def test_bins_have_the_same_number_of_rows_and_keep_equal_scores_together() -> None:
    labels = np.zeros(100, np.int8)
    apart = Reliability.of(labels, np.random.default_rng(4).permutation(100) / 100, 0.5)
    assert np.bincount(apart.places).tolist() == [10] * 10
    tied = Reliability.of(labels, np.repeat([0.1, 0.2, 0.3], [5, 90, 5]), 0.5)
    assert [np.unique(tied.places[rows]).size for rows in (slice(5), slice(5, 95), slice(95, 100))] == [1] * 3


def test_the_order_of_rows_plays_no_part() -> None:
    part = drawn(np.random.default_rng(5), 300)
    scores, labels = part.scores.round(1), part.labels.astype(np.int8)
    turned = Reliability.of(labels[::-1], scores[::-1], 0.25)
    expected = Reliability.of(labels, scores, 0.25).figures(np.ones(300))
    assert turned.figures(np.ones(300)) == pytest.approx(expected, abs=1e-12)


def test_whole_weights_count_rows_as_often_as_they_say() -> None:
    """Bins stay those of the rows as they are."""
    part = drawn(np.random.default_rng(6), 200)
    times = np.random.default_rng(7).integers(0, 4, 200)
    labels, scores = np.repeat(part.labels, times), np.repeat(part.scores, times)
    repeated = Reliability(labels, scores, np.repeat(part.places, times), 0.25)
    weighted = part.squared_error(times.astype(np.float64))
    assert weighted == pytest.approx(repeated.squared_error(np.ones(times.sum())), abs=1e-12)


# The Brier skill.


def test_the_skill_of_a_small_example_is_the_one_worked_out_by_hand() -> None:
    """Errors .01, .04, .09, .16 against .0625 three times and .5625 for a forecast of .25 for all."""
    found = Reliability.of(np.array([0, 0, 0, 1], np.int8), np.array([0.1, 0.2, 0.3, 0.6]), 0.25)
    assert found.figures(np.ones(4))[SKILL] == pytest.approx(1 - 0.30 / 0.75, abs=1e-12)
    assert found.figures(np.array([2.0, 0, 0, 1]))[SKILL] == pytest.approx(1 - 0.18 / 0.6875, abs=1e-12)


@pytest.mark.parametrize("too_high", [-2.0, 0.0, 3.0])
def test_the_skill_agrees_with_scikit_learn(too_high: float) -> None:
    part = drawn(np.random.default_rng(8), 400, too_high)
    weights = np.random.default_rng(9).integers(0, 3, 400).astype(np.float64)
    ours = brier_score_loss(part.labels, part.scores, sample_weight=weights)
    constant = brier_score_loss(part.labels, np.full(400, 0.25), sample_weight=weights)
    assert part.figures(weights)[SKILL] == pytest.approx(1 - ours / constant, abs=1e-12)


def test_a_forecast_that_says_the_prevalence_for_all_has_no_skill() -> None:
    labels = np.array([1, 0, 0, 0] * 25, np.int8)
    assert Reliability.of(labels, np.full(100, 0.25), 0.25).figures(np.ones(100))[SKILL] == 0.0


def test_figures_come_with_intervals_of_a_thousand_draws_corrected_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noises: list[int] = []
    part = drawn(np.random.default_rng(10), 200)
    measure = Reliability.squared_error

    def listened(own: Reliability, weights: Floats, noise: int = 1) -> float:
        noises.append(noise)
        return measure(own, weights, noise)

    monkeypatch.setattr(Reliability, "squared_error", listened)
    found = part.estimates()
    assert noises == [1] + [2] * DRAWS
    assert found[SKILL].low < found[SKILL].value < found[SKILL].high
    assert found[ERROR].low <= found[ERROR].value <= found[ERROR].high


# What a reliability diagram draws.


def test_bins_say_how_many_rows_they_have_and_what_came_of_them() -> None:
    scores = np.repeat([0.1, 0.3, 0.8], [50, 40, 10])
    labels = np.concatenate([np.zeros(50), [1] * 10, np.zeros(30), np.ones(10)]).astype(np.int8)
    found = list(Reliability.of(labels, scores, 0.2).bins())
    assert [(rows, positives) for rows, _, positives in found] == [(50, 0), (40, 10), (10, 10)]
    assert [score for _, score, _ in found] == pytest.approx([0.1, 0.3, 0.8])


def test_bins_hold_every_row_once_in_the_order_of_their_scores() -> None:
    one = drawn(np.random.default_rng(12), 997)
    found = list(one.bins())
    assert sum(rows for rows, _, _ in found) == 997
    assert sum(positives for _, _, positives in found) == one.labels.sum()
    means = [score for _, score, _ in found]
    assert means == sorted(means)
    assert len(found) == 10
    assert np.average(means, weights=[rows for rows, _, _ in found]) == pytest.approx(one.scores.mean())


# Cells.

SCALING = SignalCalibration(slope=1.0, intercept=0.0, reference_prevalence=0.5, positives=80, negatives=80)
CALIBRATION = Calibration(signals={HATE: {"en": SCALING}})


def part(positives: int = 60, negatives: int = 240, reference: float = 0.5) -> Slice:
    """Return rows whose scores are right where positives are as common as `reference`."""
    generator = np.random.default_rng(11)
    labels = np.repeat(np.array([1, 0], np.int8), [positives, negatives])
    margins = generator.normal(labels * 1.5, np.sqrt(1.5))  # log-odds of .5 are margin - .75
    prior = np.log(reference / (1 - reference))
    return Slice("kitchen", HATE, "en", labels, sigmoid(margins - 0.75 + prior), 0)


Told = dict[str, dict[str, dict[str, dict[str, Any]]]]


def counted(positives: int, negatives: int, matched: float | None = 0.0) -> dict[str, Any]:
    return {"positives": positives, "negatives": negatives, "matched": matched}


def told(positives: int, negatives: int, matched: float = 0.0) -> Told:
    here = {"en": counted(positives, negatives, matched), "de": counted(9, 1, 5.0)}
    return {"kitchen": {"hate": here}, "stadium": {}}


def measured(
    positives: int, negatives: int, matched: float = 0.0, rows: Slice | None = None
) -> CalibrationCell:
    found = calibration_cell(rows or part(), CALIBRATION, told(positives, negatives, matched))
    assert found is not None
    return found


def by_hand(rows: Slice, factor: float, expected: float) -> dict[str, Any]:
    """Return the figures of scores whose odds are multiplied by `factor`."""
    odds = rows.scores / (1 - rows.scores) * factor
    found = Reliability.of(rows.labels, odds / (1 + odds), expected).figures(np.ones(len(rows.labels)))
    return {name: pytest.approx(value, abs=1e-12) for name, value in found.items()}


def values(cell: CalibrationCell, shift: Shift) -> dict[str, float]:
    return {name: estimate.value for name, estimate in cell.estimates[shift].items()}


def test_scores_are_moved_to_the_share_among_the_corpus_s_own_calibration_rows() -> None:
    right, unmoved = measured(20, 80), measured(50, 50)
    assert right.prevalence == 0.2
    assert right.fitted_on == (20, 80)
    errors = [cell.estimates[Shift.PRIOR][ERROR].value for cell in (right, unmoved)]
    assert errors[0] < 0.05 < 0.15 < errors[1]
    assert values(right, Shift.PRIOR) == by_hand(part(), 1 / 4, 0.2)


def test_the_matched_shift_adds_the_offset_on_record_to_the_log_odds() -> None:
    found = measured(20, 80, matched=float(np.log(3)))
    assert values(found, Shift.MATCHED) == by_hand(part(), 3, 0.2)
    assert values(found, Shift.PRIOR) == by_hand(part(), 1 / 4, 0.2)


def test_where_words_mislead_the_matched_shift_mends_what_the_prior_shift_cannot() -> None:
    """Scores are right as they are although the share is another one than that they were fitted to."""
    found = measured(20, 80, rows=part(reference=0.2))
    assert found.estimates[Shift.MATCHED][ERROR].value < 0.05 < found.estimates[Shift.PRIOR][ERROR].value


def test_a_cell_s_bins_are_those_of_the_prior_shift() -> None:
    found, odds = measured(20, 80, matched=float(np.log(3))), part().scores / (1 - part().scores) / 4
    expected = list(Reliability.of(part().labels, odds / (1 + odds), 0.2).bins())
    assert sum(rows for rows, _, _ in expected) == 300
    for one, other in zip(found.bins, expected, strict=True):
        assert one == pytest.approx(other, abs=1e-12)


def test_the_share_among_test_rows_plays_no_part() -> None:
    more = measured(20, 80, matched=-np.log(4), rows=part(positives=240))
    assert more.prevalence == 0.2
    for shift in Shift:
        assert more.estimates[shift][ERROR].value > 0.1
        assert values(more, shift) == by_hand(part(positives=240), 1 / 4, 0.2)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        pytest.param(None, "training record lacks the counts", id="a-record-of-old"),
        pytest.param({}, "no calibration rows of its own", id="a-corpus-for-tests"),
        pytest.param(
            {"kitchen": {"threat": {"en": counted(5, 5)}}},
            "no calibration rows of its own",
            id="not-this-signal",
        ),
        pytest.param(
            {"kitchen": {"hate": {"de": counted(5, 5)}}},
            "no calibration rows of its own",
            id="not-this-language",
        ),
        pytest.param(
            {"kitchen": {"hate": {"en": counted(5, 0, None)}}}, "of one class only", id="a-share-of-all"
        ),
        pytest.param(
            {"kitchen": {"hate": {"en": counted(0, 5, None)}}}, "of one class only", id="a-share-of-none"
        ),
    ],
)
def test_what_cannot_be_moved_is_not_measured_and_says_why(rows: Told | None, why: str) -> None:
    found = calibration_cell(part(), CALIBRATION, rows)
    assert found is not None
    assert found.lacks is not None
    assert why in found.lacks
    assert (dict(found.estimates), found.bins, found.aimed) == ({}, (), False)
    assert [found.missed(shift) for shift in Shift] == [frozenset()] * 2


@pytest.mark.parametrize(
    ("positives", "negatives", "there"),
    [(50, 50, True), (49, 500, False), (500, 49, False)],
)
def test_small_cells_are_left_out(positives: int, negatives: int, there: bool) -> None:
    assert (calibration_cell(part(positives, negatives), CALIBRATION, told(20, 80)) is not None) == there


def test_a_signal_that_is_not_calibrated_has_no_cell() -> None:
    assert calibration_cell(replace(part(), language="de"), CALIBRATION, told(20, 80)) is None


def figures(error: float, skill: float) -> dict[str, Estimate]:
    return {ERROR: Estimate(error, 0.0, 1.0), SKILL: Estimate(skill, -1.0, 1.0)}


def cell(positives: int, *, prior: dict[str, Estimate], matched: dict[str, Estimate]) -> CalibrationCell:
    estimates = {Shift.PRIOR: prior, Shift.MATCHED: matched}
    return CalibrationCell("kitchen", HATE, "en", positives, 900, (20, 80), estimates, None)


MET, BOTH = figures(0.0, 0.5), {ERROR, SKILL}


@pytest.mark.parametrize(
    ("error", "skill", "positives", "missed"),
    [
        pytest.param(0.03, 0.001, 200, set(), id="just-met"),
        pytest.param(0.0301, 0.001, 200, {ERROR}, id="error-too-large"),
        pytest.param(0.03, 0.0, 200, {SKILL}, id="no-skill"),
        pytest.param(0.5, -1.0, 200, BOTH, id="both"),
        pytest.param(0.5, -1.0, 199, set(), id="too-few-positives-for-the-aim"),
    ],
)
def test_the_aim_is_for_cells_of_two_hundred_positives(
    error: float, skill: float, positives: int, missed: set[str]
) -> None:
    found = cell(positives, prior=figures(error, skill), matched=MET)
    assert [found.missed(shift) for shift in (Shift.PRIOR, Shift.MATCHED)] == [missed, set()]
    turned = cell(positives, prior=MET, matched=figures(error, skill))
    assert [turned.missed(shift) for shift in (Shift.PRIOR, Shift.MATCHED)] == [set(), missed]
    assert found.aimed == turned.aimed == (positives >= 200)


@pytest.mark.parametrize(
    ("tested", "fitted_on", "otherwise"),
    [
        pytest.param((6, 0), (0, 6), False, id="one-in-462"),
        pytest.param((7, 0), (0, 7), True, id="one-in-1716"),
        pytest.param((0, 7), (7, 0), True, id="fewer-are-as-telling-as-more"),
        pytest.param((300, 900), (20, 60), False, id="the-same-share"),
        pytest.param((300, 900), (2, 30), False, id="few-rows-tell-little"),
        pytest.param((300, 900), (20, 300), True, id="many-rows-tell-more"),
        pytest.param((300, 900), None, False, id="nothing-to-compare"),
    ],
)
def test_a_test_drawn_otherwise_is_told_from_chance(
    tested: tuple[int, int], fitted_on: tuple[int, int] | None, otherwise: bool
) -> None:
    """All n of one class against all n of the other: 2 of the (2n over n) ways to draw are as extreme."""
    found = replace(cell(200, prior=MET, matched=MET), positives=tested[0], negatives=tested[1])
    assert replace(found, fitted_on=fitted_on).drawn_otherwise is otherwise


def test_counts_are_read_from_the_training_record() -> None:
    assert calibration_rows({"calibration_rows": told(1, 2), "kept": {}}) == told(1, 2)
    assert calibration_rows({"kept": {}}) is None
