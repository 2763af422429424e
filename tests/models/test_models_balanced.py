"""The threshold of equal error is the one that a brute force finds, on the rows that a bundle stores."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from sklearn.metrics import roc_curve

from tocsin.models import DEFAULT_BUNDLE, Bundle, read_bundle
from tocsin.models.balanced import LEAST_OF_A_CLASS, balanced_threshold, balanced_thresholds
from tocsin.models.reference import Reference
from tocsin.models.thresholds import Evidence
from tocsin.signals import Signal

SIZES = [(20, 20), (20, 500), (500, 20), (37, 211), (1, 1), (1, 30)]


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return read_bundle(DEFAULT_BUNDLE)


def drawn(positives: int, negatives: int, seed: int, decimals: int | None) -> Evidence:
    generator = np.random.default_rng(seed)
    scores = np.concatenate([generator.beta(4, 3, positives), generator.beta(2, 4, negatives)])
    labels = np.repeat(np.array([1, 0], np.int8), [positives, negatives])
    return Evidence.of(scores if decimals is None else scores.round(decimals), labels)


def apart(evidence: Evidence, threshold: float) -> Fraction:
    """Return how far the two rates are from each other at a threshold, exactly."""
    flagged = sum(score >= threshold for score in evidence.negatives.tolist())
    missed = sum(score < threshold for score in evidence.positives.tolist())
    return abs(Fraction(flagged, len(evidence.negatives)) - Fraction(missed, len(evidence.positives)))


@pytest.mark.parametrize("decimals", [None, 2, 1, 0], ids=["no-ties", "few-ties", "many-ties", "two-values"])
@pytest.mark.parametrize(("positives", "negatives"), SIZES)
def test_no_score_brings_the_two_rates_closer_and_of_equals_the_lowest_is_taken(
    positives: int, negatives: int, decimals: int | None
) -> None:
    for seed in range(5):
        told = drawn(positives, negatives, seed, decimals)
        candidates = sorted({*told.positives.tolist(), *told.negatives.tolist()})
        expected = min(candidates, key=lambda candidate: (apart(told, candidate), candidate))
        assert balanced_threshold(told) == expected


@pytest.mark.parametrize("decimals", [None, 1])
def test_no_point_of_the_roc_curve_is_nearer_to_equal_error(decimals: int | None) -> None:
    told = drawn(150, 900, 3, decimals)
    labels = np.repeat([1, 0], [150, 900])
    fpr, tpr, _ = roc_curve(labels, np.concatenate([told.positives, told.negatives]), drop_intermediate=False)
    assert float(apart(told, balanced_threshold(told))) == pytest.approx(np.abs(fpr - (1 - tpr)).min())


def test_of_two_thresholds_that_are_as_close_the_one_that_misses_less_is_taken() -> None:
    """At 0.5, half of the negatives are flagged and nothing is missed; at 0.8, it is the other way round."""
    assert balanced_threshold(Evidence(np.array([0.5, 0.8]), np.array([0.2, 0.5]))) == 0.5


def test_a_class_without_a_row_has_no_threshold() -> None:
    with pytest.raises(ValueError, match="had 0 positives and 1 negatives"):
        balanced_threshold(Evidence(np.array([]), np.array([0.5])))


def test_a_bundle_s_thresholds_come_from_the_rows_that_it_stores(shipped: Bundle) -> None:
    found = balanced_thresholds(shipped)
    assert set(found) == set(shipped.references)
    for language, reference in shipped.references.items():
        known = shipped.manifest.known(language)
        for place, signal in enumerate(reference.signals):
            rows = min(int((reference.labels[:, place] == label).sum()) for label in (0, 1))
            assert (signal in found[language]) is (signal in known and rows >= LEAST_OF_A_CLASS)
        column = reference.signals.index(Signal.HATE)
        told = Evidence.of(reference.scores[:, column], reference.labels[:, column])
        assert found[language][Signal.HATE] == balanced_threshold(told)


def test_the_shipped_bundle_has_thresholds_of_hate_in_both_languages(shipped: Bundle) -> None:
    assert {language for language, told in balanced_thresholds(shipped).items() if Signal.HATE in told} == {
        "de",
        "en",
    }


@pytest.mark.parametrize(
    ("positives", "language", "there"),
    [
        pytest.param(20, "en", True, id="just-enough"),
        pytest.param(19, "en", False, id="one-too-few"),
        pytest.param(60, "de", False, id="not-judged-in-that-language"),
    ],
)
def test_a_signal_needs_twenty_rows_of_each_class_in_a_language_that_it_is_judged_in(
    shipped: Bundle, positives: int, language: str, there: bool
) -> None:
    """Grievance is judged in English alone."""
    for labels in (np.repeat([1, 0], [positives, 80]), np.repeat([0, 1], [positives, 80])):
        scores = np.linspace(0, 1, len(labels))
        told = Reference((Signal.GRIEVANCE,), scores[:, None], labels[:, None].astype(np.int8))
        found = balanced_thresholds(replace(shipped, references={language: told}))
        assert (Signal.GRIEVANCE in found[language]) is there
