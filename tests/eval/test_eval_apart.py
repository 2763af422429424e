"""Differences on the same rows: against definitions and published examples, and what verdicts they get."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest, norm, t

from tocsin.eval.statistics.apart import Apart, Verdict, holm, rankings_apart, shares_apart, verdict
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.statistics.ranking_intervals import Ranked, Source, ranked

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
Bools = NDArray[np.bool_]
FIGURES = ("auroc", "average_precision", "recall_at_fpr_0.01", "recall_at_fpr_0.05")


def sample(seed: int, rows: int = 400) -> tuple[Labels, Floats, Floats]:
    generator = np.random.default_rng(seed)
    labels = (generator.random(rows) < 0.2).astype(np.int8)
    common = generator.normal(size=rows)
    one, other = (labels * better + common + generator.normal(size=rows) for better in (1.5, 1.0))
    return labels, one.round(2), other.round(2)


def test_the_variance_of_two_areas_is_delong_s() -> None:
    labels, one, other = sample(1)
    placed = []
    for scores in (one, other):
        ours, theirs = scores[labels == 1], scores[labels == 0]
        wins = (ours[:, None] > theirs) + 0.5 * (ours[:, None] == theirs)
        placed.append((wins.mean(axis=1), wins.mean(axis=0)))
    variance = sum(
        (mine - his).var(ddof=1) / len(mine) for mine, his in zip(placed[0], placed[1], strict=True)
    )
    found = rankings_apart(ranked(labels, one)["auroc"], ranked(labels, other)["auroc"])
    half = (found.estimate.high - found.estimate.low) / 2
    assert half / 1.96 == pytest.approx(np.sqrt(variance), rel=0.03)  # Student's is wider than the normal's
    assert found.p_value == pytest.approx(
        2 * norm.sf(abs(found.estimate.value) / np.sqrt(variance)), rel=0.5, abs=1e-6
    )


@pytest.mark.parametrize("figure", FIGURES)
def test_a_classifier_is_no_better_than_itself(figure: str) -> None:
    labels, one, _ = sample(2)
    found = rankings_apart(ranked(labels, one)[figure], ranked(labels, one * 3)[figure])
    assert found.estimate.value == 0
    assert found.estimate.high == -found.estimate.low <= 0.05
    assert found.p_value == 1


def test_recall_of_two_that_no_row_tells_apart_may_still_differ_a_little() -> None:
    """As if each had found one positive that the other had not, of two more (Bonett and Price 2012)."""
    labels, one, _ = sample(2)
    found = ranked(labels, one)["recall_at_fpr_0.05"]
    positives = int(labels.sum())
    half = t.ppf(0.975, positives - 1) * np.sqrt(2) / (positives + 2)
    assert rankings_apart(found, found).estimate.high == pytest.approx(half)


def test_a_difference_is_known_with_the_fewer_degrees_of_freedom() -> None:
    few, many = (
        Ranked(Estimate(value, 0.0, 1.0), freedom, (Source(0.1, moves),))
        for value, freedom, moves in ((0.8, 5.0, np.array([1.0, 0.0])), (0.6, 50.0, np.array([0.0, 1.0])))
    )
    for found in (rankings_apart(few, many), rankings_apart(many, few)):
        half = t.ppf(0.975, 5) * np.sqrt(0.02)
        assert found.estimate.high - found.estimate.low == pytest.approx(2 * half)
        assert found.p_value == pytest.approx(2 * t.sf(0.2 / np.sqrt(0.02), 5))


@pytest.mark.parametrize("figure", FIGURES)
def test_differences_turn_their_sign_with_the_order(figure: str) -> None:
    labels, one, other = sample(3)
    a, b = ranked(labels, one)[figure], ranked(labels, other)[figure]
    found, turned = rankings_apart(a, b), rankings_apart(b, a)
    assert [turned.estimate.value, turned.estimate.low, turned.estimate.high] == pytest.approx(
        [-found.estimate.value, -found.estimate.high, -found.estimate.low]
    )
    assert turned.p_value == found.p_value


@pytest.mark.parametrize("figure", FIGURES)
def test_the_interval_shuts_out_0_where_the_p_value_is_below_a_twentieth(figure: str) -> None:
    found = []
    for seed in range(40):
        labels, one, other = sample(seed, 300)
        apart = rankings_apart(ranked(labels, one)[figure], ranked(labels, other)[figure])
        found.append(apart.p_value < 0.05)
        assert found[-1] == (not apart.estimate.low <= 0 <= apart.estimate.high)
    assert {True, False} == set(found)


def test_what_two_have_in_common_is_no_difference_between_them() -> None:
    """The same two areas, from rows that they judge alike or not: the first is surer."""
    labels, one, _ = sample(4)
    generator = np.random.default_rng(5)
    alike = ranked(labels, one + 0.1 * generator.normal(size=400))["auroc"]
    _, strange, _ = sample(6)
    strange = np.where(labels == 1, 2.0, 0.0) + 1.4 * generator.normal(size=400)
    first = rankings_apart(ranked(labels, one)["auroc"], alike).estimate
    second = rankings_apart(ranked(labels, one)["auroc"], ranked(labels, strange)["auroc"]).estimate
    assert first.high - first.low < 0.3 * (second.high - second.low)


# Shares of the same rows.


def hits(both: int, first: int, second: int, neither: int) -> tuple[Bools, Bools]:
    counts = [both, first, second, neither]
    return (
        np.repeat([True, True, False, False], counts),
        np.repeat([True, False, True, False], counts),
    )


@pytest.mark.parametrize("counts", [(20, 10, 3, 17), (0, 1, 0, 99), (50, 8, 8, 50), (5, 0, 6, 5)])
def test_the_p_value_of_shares_is_mcnemar_s_exact_one(counts: tuple[int, int, int, int]) -> None:
    found = shares_apart(*hits(*counts))
    assert found.p_value == pytest.approx(binomtest(counts[1], counts[1] + counts[2]).pvalue)
    assert found.estimate.value == pytest.approx((counts[1] - counts[2]) / sum(counts))


def test_the_interval_of_shares_is_the_adjusted_one() -> None:
    """One hit and one miss of each kind more, two rows more (Bonett and Price 2012)."""
    found = shares_apart(*hits(20, 10, 3, 17)).estimate
    more, less = 11 / 52, 4 / 52
    half = norm.ppf(0.975) * np.sqrt((more + less - (more - less) ** 2) / 52)
    assert [found.low, found.high] == pytest.approx([more - less - half, more - less + half])


def test_two_that_decide_every_row_alike_may_still_differ_a_little() -> None:
    found = shares_apart(*hits(30, 0, 0, 70))
    assert found.p_value == 1
    assert found.estimate.low == pytest.approx(-found.estimate.high)
    assert 0.02 < found.estimate.high < 0.03


def test_rows_that_are_there_twice_make_no_difference_surer() -> None:
    one, other = hits(20, 10, 3, 67)
    once, fooled = shares_apart(one, other), shares_apart(np.tile(one, 2), np.tile(other, 2))
    twice = shares_apart(np.tile(one, 2), np.tile(other, 2), np.tile(np.arange(100), 2))
    width, widths = once.estimate.high - once.estimate.low, twice.estimate.high - twice.estimate.low
    assert widths == pytest.approx(width, rel=0.03)
    assert twice.p_value == pytest.approx(once.p_value, abs=0.05)
    assert fooled.p_value < 0.3 * twice.p_value


# Many differences side by side.


def test_p_values_are_adjusted_as_holm_says() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([0.03]) == [0.03]
    assert holm([]) == []


@pytest.mark.parametrize(
    ("value", "adjusted", "expected"),
    [
        pytest.param(0.1, 0.049, Verdict.BETTER, id="more, and not by chance"),
        pytest.param(-0.1, 0.049, Verdict.WORSE, id="less, and not by chance"),
        pytest.param(0.1, 0.05, Verdict.NONE, id="more, by chance for all one knows"),
        pytest.param(0.0, 0.001, Verdict.NONE, id="no difference at all"),
    ],
)
def test_a_difference_is_one_if_chance_makes_it_less_than_once_in_twenty(
    value: float, adjusted: float, expected: Verdict
) -> None:
    assert verdict(Apart(Estimate(value, -1.0, 1.0), 0.0), adjusted) is expected
