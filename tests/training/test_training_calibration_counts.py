"""The record of a training says what moves scores to the share of each corpus's calibration rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.example import Example, Label, Split
from tocsin.models import read_bundle
from tocsin.models.calibration import Calibration, SignalCalibration, probability
from tocsin.models.features import FeatureSpec
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.training.calibration_counts import Counted, calibration_counts, matched_offset
from tocsin.training.dataset import read_corpora
from tocsin.training.splits import split

HATE, THREAT, CALL = Signal.HATE, Signal.THREAT, Signal.CALL_TO_ACTION
YES, NO, PRESUMED, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE, Label.UNKNOWN
Floats = NDArray[np.float64]


class Spoken(Screen):
    """Take a text that is a number for its margin; a second signal's margin is its opposite."""

    def margins(self, texts: Sequence[str]) -> Floats:
        said = np.array([float(text) for text in texts])
        return np.stack([said, -said], axis=1)


def spoken() -> Screen:
    spec, each = FeatureSpec(bits=8), np.zeros(2, np.float32)
    return Spoken(spec, (HATE, CALL), np.zeros((spec.buckets, 2), np.int16), scale=each, bias=each)


SCALING = SignalCalibration(slope=2.0, intercept=0.0, reference_prevalence=0.5, positives=50, negatives=50)
CALIBRATION = Calibration(signals={HATE: {"en": SCALING}, CALL: {"en": SCALING}})


def row(
    corpus: str, labels: dict[Signal, Label], language: str = "en", odds: float | Floats = 1.0
) -> Example:
    """Return a row whose calibrated odds of `hate` are `odds`, and those of a call the inverse."""
    return Example(f"{corpus}:1", repr(float(np.log(odds) / 2)), language, corpus, "CC0-1.0", labels)


def recorded(rows: Sequence[Example]) -> dict[str, dict[str, dict[str, Counted]]]:
    return calibration_counts(spoken(), CALIBRATION, rows)


def thirds(*labels: Label, signal: Signal = HATE) -> list[Example]:
    """Return rows of odds 1/6, 1/6 and 1/2: doubled, they are probabilities of 1/4, 1/4 and 1/2."""
    odds = (1 / 6, 1 / 6, 1 / 2)
    return [
        row("kitchen", {signal: label}, odds=one) for label, one in zip(labels, odds, strict=True)
    ]  # mean 1/3


# The offset.


@pytest.mark.parametrize(
    ("odds", "share", "factor"),
    [
        pytest.param([1, 4], 7 / 9, 2, id="two-thirds-and-eight-ninths"),
        pytest.param([1 / 6, 1 / 6, 1 / 2], 1 / 3, 2, id="a-quarter-twice-and-a-half"),
        pytest.param([3, 27], 0.5, 1 / 9, id="a-quarter-and-three-quarters"),
        pytest.param([1, 1, 1], 0.2, 1 / 4, id="all-alike"),
        pytest.param([7], 0.5, 1 / 7, id="one-row"),
        pytest.param([1 / 3, 3], 0.5, 1, id="right-as-they-are"),
    ],
)
def test_the_offset_of_a_small_example_is_the_one_worked_out_by_hand(
    odds: list[float], share: float, factor: float
) -> None:
    assert matched_offset(np.log(odds), share) == pytest.approx(np.log(factor), abs=1e-9)


@pytest.mark.parametrize("share", [1e-4, 0.02, 0.5, 0.999])
@pytest.mark.parametrize(
    "log_odds",
    [
        pytest.param(np.linspace(-3, 2, 50), id="usual"),
        pytest.param(np.array([-60.0, -60.0, 60.0]), id="as-sure-as-can-be"),
        pytest.param(np.full(9, 25.0), id="far-too-high"),
    ],
)
def test_with_the_offset_the_mean_probability_is_the_share(log_odds: Floats, share: float) -> None:
    moved = probability(log_odds + matched_offset(log_odds, share))
    assert moved.mean() == pytest.approx(share, abs=1e-9)


def test_a_platform_whose_words_mislead_by_a_constant_is_put_right() -> None:
    """Scores are too high by 1.3 log-odds there: nothing that the share of positives alone could tell."""
    generator = np.random.default_rng(1)
    true = generator.normal(-1.5, 1.2, 40_000)
    share = float((generator.random(len(true)) < probability(true)).mean())
    assert matched_offset(true + 1.3, share) == pytest.approx(-1.3, abs=0.05)


# The record.


def test_positives_and_negatives_are_counted_by_corpus_signal_and_language() -> None:
    rows = [
        *(row("kitchen", {HATE: YES, THREAT: NO}) for _ in range(3)),
        *(row("kitchen", {HATE: NO}) for _ in range(5)),
        *(row("kitchen", {HATE: NO}, language="de") for _ in range(2)),
        row("stadium", {THREAT: YES}),
    ]
    counts = {
        (corpus, signal, language): (counted["positives"], counted["negatives"])
        for corpus, signals in recorded(rows).items()
        for signal, languages in signals.items()
        for language, counted in languages.items()
    }
    assert counts == {
        ("kitchen", "hate", "en"): (3, 5),
        ("kitchen", "hate", "de"): (0, 2),
        ("kitchen", "threat", "en"): (0, 3),
        ("stadium", "threat", "en"): (1, 0),
    }


@pytest.mark.parametrize(
    ("labels", "signal", "factor"),
    [
        pytest.param((NO, NO, YES), HATE, 2, id="the-highest-is-positive"),
        pytest.param((YES, NO, NO), HATE, 2, id="another-one-is"),
        pytest.param((YES, YES, NO), CALL, 1 / 2, id="a-signal-with-a-column-of-its-own"),
    ],
)
def test_the_offset_is_that_of_the_corpus_s_own_rows_and_share(
    labels: tuple[Label, ...], signal: Signal, factor: float
) -> None:
    rows = [*thirds(*labels, signal=signal), row("stadium", {signal: YES}, odds=50)]
    found = recorded(rows)["kitchen"][signal]["en"]
    assert found["matched"] == pytest.approx(np.log(factor), abs=1e-9)


def test_only_what_somebody_judged_is_counted_and_matched() -> None:
    told = thirds(NO, NO, YES)
    presumed = [row("kitchen", {HATE: PRESUMED, THREAT: UNKNOWN}, odds=90) for _ in range(9)]
    elsewhere = [replace(one, corpus="stadium") for one in presumed]
    assert recorded([*told, *presumed, *elsewhere]) == recorded(told)


@pytest.mark.parametrize(
    ("labels", "language"),
    [
        pytest.param([{HATE: NO}, {HATE: NO}], "en", id="no-positive"),
        pytest.param([{HATE: YES}, {HATE: YES}], "en", id="no-negative"),
        pytest.param([{HATE: YES}, {HATE: NO}], "de", id="not-calibrated-in-the-language"),
        pytest.param([{THREAT: YES}, {THREAT: NO}], "en", id="a-signal-that-the-screen-has-not"),
    ],
)
def test_what_cannot_be_matched_has_no_offset(labels: list[dict[Signal, Label]], language: str) -> None:
    (signals,) = recorded([row("kitchen", one, language) for one in labels]).values()
    (languages,) = signals.values()
    assert languages[language]["matched"] is None


def test_no_row_records_nothing() -> None:
    assert recorded([]) == {}


def test_a_training_record_speaks_of_the_calibration_rows_and_no_others(
    toy_bundle: Path, toy_corpora: Path
) -> None:
    record = json.loads((toy_bundle / "training.json").read_text(encoding="utf-8"))
    splits = split(read_corpora(toy_corpora, ("gab-hate-corpus", "collective-action")))
    rows, bundle = splits.rows[Split.CALIBRATION], read_bundle(toy_bundle)
    found = record["calibration_rows"]
    assert found == calibration_counts(bundle.screen, bundle.calibration, rows)
    assert set(found) == {"gab-hate-corpus", "collective-action"}
    hate = [example for example in rows if example.label(HATE) in {YES, NO}]
    counted = found["gab-hate-corpus"]["hate"]["en"]
    assert counted["positives"] + counted["negatives"] == len(hate)
    assert min(counted["positives"], counted["negatives"]) > 0
    assert isinstance(counted["matched"], float)
