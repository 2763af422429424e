"""What a threshold promises, tested as a promise: over many calibration sets whose truth is known."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import beta, binom, norm

from tocsin.models import thresholds
from tocsin.models.thresholds import (
    CONFIDENCE,
    LEAST_NEGATIVES,
    LEAST_POSITIVES,
    Evidence,
    Threshold,
    allowed_errors,
    fit_threshold,
)
from tocsin.policy import Target, TargetKind

Floats = NDArray[np.float64]

DRAWS = 2_000
# Five in a hundred may break the promise; three standard errors allow for there being 2,000 draws.
MOST_BROKEN = 0.05 + 3 * math.sqrt(0.05 * 0.95 / DRAWS)
APART = 2.0  # between the means of negatives and positives, in standard deviations


def fpr(rate: float) -> Target:
    return Target(TargetKind.FPR, rate)


def recall(rate: float) -> Target:
    return Target(TargetKind.RECALL, rate)


def precision(rate: float) -> Target:
    return Target(TargetKind.PRECISION, rate)


def evidence(positives: int, negatives: int, seed: int, decimals: int | None = None) -> Evidence:
    """Draw scores from two normals."""
    generator = np.random.default_rng(seed)
    scores = np.concatenate([generator.normal(APART, 1, positives), generator.normal(0, 1, negatives)])
    labels = np.repeat(np.array([1, 0], np.int8), [positives, negatives])
    return Evidence.of(scores if decimals is None else scores.round(decimals), labels)


def fitted(target: Target, told: Evidence, prevalence: float | None = None) -> Threshold:
    return fit_threshold(target, told, prevalence)


# How many may err.


@pytest.mark.parametrize("rows", [1, 10, 58, 59, 100, 500, 1_000, 5_000])
@pytest.mark.parametrize("rate", [0.001, 0.005, 0.01, 0.05, 0.2, 0.5, 0.9])
def test_as_many_may_err_as_the_binomial_tail_allows(rows: int, rate: float) -> None:
    likely = binom.cdf(np.arange(rows + 1), rows, rate)
    assert allowed_errors(rows, rate) == int((likely <= 1 - CONFIDENCE).sum()) - 1


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_more_confidence_allows_fewer_errors(confidence: float) -> None:
    likely = binom.cdf(np.arange(1_001), 1_000, 0.05)
    assert allowed_errors(1_000, 0.05, confidence) == int((likely <= 1 - confidence).sum()) - 1


def test_where_not_even_no_error_suffices_the_answer_says_so() -> None:
    assert allowed_errors(58, 0.05) == -1
    assert allowed_errors(59, 0.05) == 0
    assert allowed_errors(0, 0.05) == -1


# The promises.


def true_fpr(value: float) -> float:
    return float(norm.sf(value))


def true_recall(value: float) -> float:
    return float(norm.sf(value - APART))


@pytest.mark.parametrize(
    ("rate", "negatives"),
    [
        pytest.param(0.05, 1_000, id="review-with-just-enough"),
        pytest.param(0.005, 1_000, id="urgent-with-just-enough"),
        pytest.param(0.005, 4_000, id="urgent-with-more"),
    ],
)
def test_a_certified_fpr_is_passed_in_at_most_five_of_a_hundred_calibrations(
    rate: float, negatives: int
) -> None:
    found = [fitted(fpr(rate), evidence(0, negatives, seed)) for seed in range(DRAWS)]
    rates = np.array([true_fpr(one.value) for one in found])
    assert all(one.certified for one in found)
    assert (rates > rate).mean() <= MOST_BROKEN
    assert (rates > rate).mean() > 0.001  # not met by giving up on firing
    assert np.median(rates) > rate / 4


def test_ties_make_a_certified_fpr_no_less_true() -> None:
    """With scores in steps of a half, an item fires where its rounded score does."""
    found = [fitted(fpr(0.05), evidence(0, 1_000, seed, decimals=0)).value for seed in range(DRAWS)]
    rates = np.array([true_fpr(math.ceil(value) - 0.5) for value in found])
    assert (rates > 0.05).mean() <= MOST_BROKEN


@pytest.mark.parametrize(
    ("rate", "positives"),
    [
        pytest.param(0.8, 100, id="just-enough"),
        pytest.param(0.95, 100, id="hardly-a-miss-allowed"),
        pytest.param(0.5, 400, id="more-rows"),
    ],
)
def test_a_certified_recall_is_missed_in_at_most_five_of_a_hundred_calibrations(
    rate: float, positives: int
) -> None:
    found = [fitted(recall(rate), evidence(positives, 0, seed)) for seed in range(DRAWS)]
    recalls = np.array([true_recall(one.value) for one in found])
    assert all(one.certified for one in found)
    assert (recalls < rate).mean() <= MOST_BROKEN
    assert (recalls < rate).mean() > 0.001
    assert np.median(recalls) < 1 - (1 - rate) / 4


@pytest.fixture
def _remembered_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute each bound once: the same counts come again in thousands of calibrations."""
    monkeypatch.setattr(thresholds, "upper_bound", cache(thresholds.upper_bound))


@pytest.mark.usefixtures("_remembered_bounds")
@pytest.mark.parametrize(("rate", "prevalence"), [(0.5, 0.1), (0.2, 0.04)])
def test_a_certified_precision_is_missed_in_at_most_five_of_a_hundred_calibrations(
    rate: float, prevalence: float
) -> None:
    found = [fitted(precision(rate), evidence(150, 1_000, seed), prevalence) for seed in range(DRAWS)]
    assert all(one.certified for one in found if math.isfinite(one.value))
    assert np.mean([math.isfinite(one.value) for one in found]) > 0.9
    values = np.array([one.value for one in found if math.isfinite(one.value)])
    true = prevalence * norm.sf(values - APART)
    precisions = true / (true + (1 - prevalence) * norm.sf(values))
    assert (precisions < rate).sum() / DRAWS <= MOST_BROKEN


def test_a_precision_is_bounded_as_scipy_bounds_it() -> None:
    """Written out with the quantiles of beta distributions (Clopper and Pearson 1934)."""
    told, rate, prevalence = evidence(150, 1_200, 7), 0.4, 0.1
    candidates = np.unique(np.quantile(told.positives, np.linspace(0, 1, 40), method="lower"))
    risk = 0.05 / 80
    kept = []
    for value in candidates:
        hits, alarms = (told.positives >= value).sum(), (told.negatives >= value).sum()
        caught = beta.ppf(risk, hits, 150 - hits + 1)
        let_through = beta.ppf(1 - risk, alarms + 1, 1_200 - alarms) if alarms < 1_200 else 1.0
        if prevalence * caught / (prevalence * caught + (1 - prevalence) * let_through) >= rate:
            kept.append(value)
    assert kept
    assert fitted(precision(rate), told, prevalence).value == kept[0]


# What can be certified.


@pytest.mark.parametrize(
    ("target", "positives", "negatives", "certified"),
    [
        pytest.param(fpr(0.05), 0, LEAST_NEGATIVES, True, id="fpr-enough"),
        pytest.param(fpr(0.05), 500, LEAST_NEGATIVES - 1, False, id="fpr-one-too-few"),
        pytest.param(fpr(0.001), 0, LEAST_NEGATIVES, False, id="fpr-too-strict-for-so-few"),
        pytest.param(fpr(0.001), 0, 3_000, True, id="fpr-strict-with-enough"),
        pytest.param(recall(0.8), LEAST_POSITIVES, 0, True, id="recall-enough"),
        pytest.param(recall(0.8), LEAST_POSITIVES - 1, 5_000, False, id="recall-one-too-few"),
        pytest.param(recall(0.99), LEAST_POSITIVES, 0, False, id="recall-too-strict-for-so-few"),
        pytest.param(precision(0.3), LEAST_POSITIVES, LEAST_NEGATIVES, True, id="precision-enough"),
        pytest.param(
            precision(0.3), LEAST_POSITIVES - 1, LEAST_NEGATIVES, False, id="precision-few-positives"
        ),
        pytest.param(
            precision(0.3), LEAST_POSITIVES, LEAST_NEGATIVES - 1, False, id="precision-few-negatives"
        ),
        pytest.param(Target(TargetKind.NUMBER, 0.5), 5_000, 5_000, False, id="a-number-promises-nothing"),
    ],
)
def test_a_target_is_certified_where_enough_rows_carry_it(
    target: Target, positives: int, negatives: int, certified: bool
) -> None:
    found = fitted(target, evidence(positives, negatives, 3), 0.1)
    assert (found.certified, found.positives, found.negatives) == (certified, positives, negatives)


@pytest.mark.parametrize(
    ("target", "rows"),
    [(fpr(0.05), 200), (fpr(0.05), 19), (recall(0.8), 50), (recall(0.8), 3), (fpr(0.5), 1)],
)
def test_an_uncertified_rate_still_keeps_the_target_on_the_rows_there_are(target: Target, rows: int) -> None:
    told = evidence(rows, rows, 4)
    value = fitted(target, told).value
    assert math.isfinite(value)
    if target.kind is TargetKind.FPR:
        assert (told.negatives >= value).mean() <= target.value
    else:
        assert (told.positives >= value).mean() >= target.value


@pytest.mark.parametrize("target", [fpr(0.05), recall(0.8), precision(0.5)])
def test_no_rows_at_all_give_an_infinite_threshold_that_nothing_reaches(target: Target) -> None:
    assert fitted(target, evidence(0, 0, 1), 0.1) == Threshold(
        math.inf, certified=False, positives=0, negatives=0
    )


def test_a_precision_that_no_threshold_has_is_infinite() -> None:
    told = Evidence(np.linspace(0, 1, 200), np.linspace(0, 1, 2_000))
    found = fitted(precision(0.9), told, 0.01)
    assert (found.value, found.certified) == (math.inf, False)


# Which threshold it is.


@pytest.mark.parametrize("decimals", [pytest.param(None, id="no-ties"), pytest.param(1, id="ties")])
def test_no_lower_threshold_keeps_the_fpr_and_none_lets_more_through(decimals: int | None) -> None:
    told = evidence(0, 2_000, 5, decimals)
    value, allowed = fitted(fpr(0.05), told).value, allowed_errors(2_000, 0.05)
    assert (told.negatives >= value).sum() <= allowed
    lower = told.negatives[told.negatives < value].max()
    assert (told.negatives >= lower).sum() > allowed
    assert value == np.nextafter(lower, np.inf)


@pytest.mark.parametrize("decimals", [pytest.param(None, id="no-ties"), pytest.param(1, id="ties")])
def test_no_higher_threshold_keeps_the_recall(decimals: int | None) -> None:
    told = evidence(500, 0, 5, decimals)
    value, allowed = fitted(recall(0.8), told).value, allowed_errors(500, 1 - 0.8)
    assert (told.positives < value).sum() <= allowed
    assert (told.positives <= value).sum() > allowed


def test_rows_that_all_score_the_same_never_fire_by_half() -> None:
    same = Evidence(np.full(200, 0.7), np.full(2_000, 0.7))
    assert fitted(fpr(0.05), same).value == np.nextafter(0.7, 1)
    assert fitted(recall(0.8), same).value == 0.7
    assert fitted(precision(0.5), same, 0.1).value == math.inf


def test_even_the_loosest_fpr_holds_one_negative_back() -> None:
    told = evidence(0, 5, 1)
    assert (told.negatives < fitted(fpr(0.9999), told).value).sum() == 1


def test_a_number_is_taken_as_it_is() -> None:
    found = fitted(Target(TargetKind.NUMBER, 0.37), evidence(3, 4, 1))
    assert found == Threshold(0.37, certified=False, positives=3, negatives=4)


def test_a_precision_without_a_prevalence_is_refused() -> None:
    with pytest.raises(ValueError, match="a precision target needs the key prevalence"):
        fitted(precision(0.5), evidence(200, 2_000, 1))


def test_a_budget_is_refused_with_what_can_be_asked_instead() -> None:
    with pytest.raises(ValueError, match="must be fpr, recall, precision or a number"):
        fitted(Target(TargetKind.BUDGET, 0.01), evidence(200, 2_000, 1))


@pytest.mark.parametrize("prevalence", [0.001, 0.01, 0.1, 0.5])
def test_the_rarer_the_positives_the_higher_the_threshold_for_a_precision(prevalence: float) -> None:
    told = evidence(300, 3_000, 6)
    rarer, commoner = (fitted(precision(0.3), told, one).value for one in (prevalence, prevalence * 1.5))
    assert rarer >= commoner


def test_evidence_is_what_is_labelled_and_scored_in_rising_order() -> None:
    scores = np.array([0.9, np.nan, 0.1, 0.5, 0.3, np.nan, 0.2])
    found = Evidence.of(scores, np.array([1, 1, 1, 0, -1, 0, 0], np.int8))
    assert (found.positives.tolist(), found.negatives.tolist()) == ([0.1, 0.9], [0.2, 0.5])
