"""Margins become probabilities: as statistics on margins whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.example import Example, Label
from tocsin.models.calibration import Calibration, SignalCalibration, probability, shifted
from tocsin.models.features import FeatureSpec
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.training.calibrate import calibrate, reference_rows

HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION
YES, NO, PRESUMED = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE
Floats = NDArray[np.float64]


class Spoken(Screen):
    """Take a text that is a number for its margin; a second signal's margin is its opposite."""

    def margins(self, texts: Sequence[str]) -> Floats:
        said = np.array([float(text) for text in texts])
        return np.stack([said, -said], axis=1)[:, : len(self.signals)]


def spoken(*signals: Signal) -> Screen:
    spec = FeatureSpec(bits=8)
    table, each = np.zeros((spec.buckets, len(signals)), np.int16), np.zeros(len(signals), np.float32)
    return Spoken(spec, signals, table, scale=each, bias=each)


def rows(margins: Floats, labels: Sequence[Label], signal: Signal = HATE) -> list[Example]:
    return [
        Example(f"r{number}", repr(float(margin)), "en", "toy", "CC0-1.0", {signal: label})
        for number, (margin, label) in enumerate(zip(margins, labels, strict=True))
    ]


def drawn(count: int, slope: float, intercept: float, seed: int) -> list[Example]:
    """Draw margins, and labels that are positive with probability ``sigmoid(slope * m + intercept)``."""
    generator = np.random.default_rng(seed)
    margins = generator.normal(0, 2, count)
    positive = generator.random(count) < probability(slope * margins + intercept)
    return rows(margins, [YES if one else NO for one in positive])


def fitted(examples: Sequence[Example]) -> SignalCalibration:
    scaling = calibrate(spoken(HATE), examples).of(HATE, "en")
    assert scaling is not None
    return scaling


def as_drawn(scaling: SignalCalibration) -> float:
    """Return the intercept at the share of positives that was drawn, not at the declared prevalence."""
    declared = scaling.reference_prevalence
    odds = scaling.positives / scaling.negatives / (declared / (1 - declared))
    return scaling.intercept + float(np.log(odds))


@pytest.mark.parametrize(
    ("slope", "intercept"),
    [
        pytest.param(1.0, 0.0, id="already-calibrated"),
        pytest.param(0.4, 0.0, id="overconfident-margins"),
        pytest.param(2.5, -1.0, id="timid-margins"),
        pytest.param(1.2, -4.0, id="rare-positives"),
    ],
)
def test_platt_scaling_recovers_the_truth_behind_the_labels(slope: float, intercept: float) -> None:
    scalings = [fitted(drawn(4_000, slope, intercept, seed)) for seed in range(12)]
    found = np.array([(scaling.slope, as_drawn(scaling)) for scaling in scalings])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    bias = np.abs(found.mean(axis=0) - (slope, intercept))
    assert bias.max() < 0.05
    assert (bias < 4 * error + 0.01).all()


def test_probabilities_mean_what_they_say_at_the_share_of_positives_that_was_drawn() -> None:
    scaling, fresh = fitted(drawn(8_000, 0.7, -1.0, 1)), drawn(20_000, 0.7, -1.0, 2)
    declared = probability(scaling.log_odds(np.array([float(row.text) for row in fresh])))
    share = scaling.positives / (scaling.positives + scaling.negatives)
    said = shifted(declared, scaling.reference_prevalence, share)
    happened = np.array([row.label(HATE) is YES for row in fresh])
    assert said.mean() == pytest.approx(happened.mean(), abs=0.02)
    for part in np.array_split(np.argsort(said), 10):
        assert abs(said[part].mean() - happened[part].mean()) < 0.04


def test_probabilities_mean_what_they_say_at_the_declared_prevalence() -> None:
    """Rows are weighted so that the declared share of them is positive."""
    scaling, fresh = fitted(drawn(8_000, 0.7, -1.0, 1)), drawn(40_000, 0.7, -1.0, 2)
    happened = np.array([row.label(HATE) is YES for row in fresh])
    share, declared = happened.mean(), scaling.reference_prevalence
    weights = np.where(happened, declared / share, (1 - declared) / (1 - share))
    said = probability(scaling.log_odds(np.array([float(row.text) for row in fresh])))
    assert np.average(said, weights=weights) == pytest.approx(declared, abs=0.01)
    for part in np.array_split(np.argsort(said), 10):
        expected = np.average(happened[part], weights=weights[part])
        assert np.average(said[part], weights=weights[part]) == pytest.approx(expected, abs=0.03)


def test_the_declared_prevalence_is_the_share_of_positives_among_the_rows() -> None:
    scaling = fitted(drawn(500, 1.0, -3.0, 1))
    assert scaling.positives + scaling.negatives == 500
    assert scaling.reference_prevalence == scaling.positives / 500


def test_the_fit_is_the_one_with_smoothed_targets() -> None:
    """Its gradient, written out as Platt (1999) does, is nought where it stopped."""
    examples = drawn(300, 1.0, -1.0, 4)
    scaling = fitted(examples)
    margins = np.array([float(row.text) for row in examples])
    positive = np.array([row.label(HATE) is YES for row in examples])
    n, m = scaling.positives, scaling.negatives
    target = np.where(positive, (n + 1) / (n + 2), 1 / (m + 2))
    residual = probability(scaling.slope * margins + as_drawn(scaling)) - target
    assert abs(residual.sum()) < 1e-2
    assert abs((residual * margins).sum()) < 1e-2


def test_perfectly_separated_rows_do_not_claim_certainty() -> None:
    margins = np.concatenate([np.full(10, 3.0), np.full(10, -3.0)])
    scaling = fitted(rows(margins, [YES] * 10 + [NO] * 10))
    said = probability(scaling.slope * np.array([3.0, -3.0]) + as_drawn(scaling))
    assert said.tolist() == pytest.approx([11 / 12, 1 / 12], abs=1e-3)


@pytest.mark.parametrize(
    ("positives", "negatives", "offered"),
    [
        pytest.param(10, 10, True, id="just-enough"),
        pytest.param(9, 1_000, False, id="nine-positives"),
        pytest.param(1_000, 9, False, id="nine-negatives"),
        pytest.param(0, 0, False, id="nobody-judged"),
    ],
)
def test_a_signal_with_fewer_than_ten_of_a_class_is_not_offered(
    positives: int, negatives: int, offered: bool
) -> None:
    margins = np.concatenate([np.linspace(0, 2, positives), np.linspace(-2, 0, negatives)])
    found = calibrate(spoken(HATE), rows(margins, [YES] * positives + [NO] * negatives))
    assert (HATE in found.signals) is offered


def test_each_language_is_calibrated_on_its_own_rows() -> None:
    english, german = drawn(2_000, 1.0, 0.5, 8), drawn(2_000, 3.0, -2.0, 9)
    mixed = [*english, *(replace(row, language="de") for row in german)]
    found = calibrate(spoken(HATE), mixed)
    assert found.of(HATE, "en") == fitted(english)
    assert found.of(HATE, "de") == fitted(german)


def test_a_language_with_too_few_rows_of_a_class_is_not_offered() -> None:
    few = [replace(row, language="de") for row in drawn(9, 1.0, 0.0, 10)]
    found = calibrate(spoken(HATE), [*drawn(200, 1.0, 0.0, 11), *few])
    assert set(found.signals[HATE]) == {"en"}


def test_presumed_negatives_and_silence_calibrate_nothing() -> None:
    told = drawn(200, 1.0, 0.0, 5)
    presumed = rows(np.linspace(2, 3, 100), [PRESUMED] * 100)
    silent = rows(np.linspace(2, 3, 100), [YES] * 100, CALL)
    assert fitted([*told, *presumed, *silent]) == fitted(told)


def test_a_signal_whose_margins_point_the_wrong_way_is_not_offered() -> None:
    found = calibrate(spoken(HATE), drawn(500, -2.0, 0.0, 6))
    assert dict(found.signals) == {}


def test_reference_rows_are_those_that_say_anything_with_their_calibrated_scores() -> None:
    told = drawn(100, 1.0, 0.0, 7)
    others = rows(np.array([1.5, -1.5]), [YES, NO], CALL)
    silent = rows(np.array([5.0]), [PRESUMED])
    scaling = SignalCalibration(
        slope=2.0, intercept=-1.0, reference_prevalence=0.5, positives=50, negatives=50
    )
    calibration = Calibration(signals={HATE: {"en": scaling}, CALL: {"en": scaling}})
    reference = reference_rows(spoken(HATE, CALL), calibration, [*silent, *told, *others], "en")
    assert reference.signals == (HATE, CALL)
    assert reference.scores.shape == reference.labels.shape == (102, 2)
    assert reference.labels[-2:].tolist() == [[-1, 1], [-1, 0]]
    assert reference.labels[:100, 0].tolist() == [int(row.label(HATE) is YES) for row in told]
    expected = [1 / (1 + np.exp(1 - 2 * margin)) for margin in (1.5, -1.5)]
    np.testing.assert_allclose(reference.scores[-2:, 0], expected)
    np.testing.assert_allclose(reference.scores[-2:, 1], expected[::-1])
