"""Gaps in false-positive rates are those of fairlearn, and their intervals hold what they promise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, false_positive_rate
from numpy.typing import NDArray
from scipy.stats import binomtest
from scipy.stats.contingency import relative_risk

from tocsin.eval.fairness.gaps import Counts, Gap, apart_from_all, gaps, ratio
from tocsin.eval.fairness.naming import Key
from tocsin.eval.statistics.intervals import Estimate, proportions_apart

Bools = NDArray[np.bool_]
Clusters = NDArray[np.intp]
SOUPS: Key = ("soups",)


def by_group(flagged: Bools, members: Mapping[Key, Bools], groups: Clusters | None = None) -> dict[Key, Gap]:
    return {gap.named: gap for gap in gaps(flagged, members, groups)}


def estimates(gap: Gap) -> list[Estimate]:
    """Return all four figures of a group that has them."""
    found = [one for one in (gap.rate, gap.apart, gap.times, gap.apart_from_all) if one is not None]
    assert len(found) == 4
    return found


@pytest.mark.parametrize("seed", range(5))
def test_rates_differences_and_ratios_are_those_of_fairlearn(seed: int) -> None:
    generator = np.random.default_rng(seed)
    flagged = generator.random(400) < 0.3
    members: dict[Key, Bools] = {
        ("soups",): generator.random(400) < 0.3,
        ("breads",): generator.random(400) < 0.2,
    }
    nobody = ~(members["soups",] | members["breads",])
    found = by_group(flagged, members)
    for named, mask in members.items():
        rows = mask | nobody
        frame = MetricFrame(
            metrics=false_positive_rate,
            y_true=np.zeros(rows.sum()),
            y_pred=flagged[rows].astype(int),
            sensitive_features=mask[rows],
        )
        rate, base = frame.by_group[True], frame.by_group[False]
        gap = found[named]
        assert gap.rate.value == pytest.approx(rate, abs=1e-9)
        assert gap.apart is not None
        assert gap.times is not None
        assert gap.apart_from_all is not None
        assert gap.apart.value == pytest.approx(rate - base, abs=1e-9)
        assert abs(gap.apart.value) == pytest.approx(frame.difference(), abs=1e-9)
        assert min(gap.times.value, 1 / gap.times.value) == pytest.approx(frame.ratio(), abs=1e-9)
        assert gap.apart_from_all.value == pytest.approx(rate - flagged.mean(), abs=1e-9)
        assert gap.rows == mask.sum()


def test_intervals_are_wilson_s_newcombe_s_and_katz_s() -> None:
    flagged = np.repeat([True, False, True, False], [12, 28, 9, 91])
    named = np.repeat([True, True, False, False], [12, 28, 9, 91])
    gap = by_group(flagged, {("soups",): named})["soups",]
    ours, theirs = (
        binomtest(hits, rows).proportion_ci(method="wilson") for hits, rows in ((12, 40), (9, 100))
    )
    assert (gap.rate.low, gap.rate.high) == pytest.approx((ours.low, ours.high), abs=1e-9)
    below = np.hypot(0.3 - ours.low, theirs.high - 0.09)
    above = np.hypot(ours.high - 0.3, 0.09 - theirs.low)
    assert gap.apart is not None
    assert gap.times is not None
    assert (gap.apart.low, gap.apart.high) == pytest.approx((0.21 - below, 0.21 + above), abs=1e-9)
    katz = relative_risk(12, 40, 9, 100).confidence_interval()
    assert (gap.times.low, gap.times.high) == pytest.approx((katz.low, katz.high), abs=1e-9)
    assert gap.clear


def test_a_row_counts_for_every_group_that_it_names() -> None:
    flagged = np.zeros(60, np.bool_)
    flagged[10:30] = True
    first, second = np.arange(60) < 30, (np.arange(60) >= 10) & (np.arange(60) < 40)
    found = by_group(flagged, {("soups",): first, ("breads",): second})
    assert (found["soups",].rows, found["breads",].rows) == (30, 30)
    assert found["soups",].rate.value == found["breads",].rate.value == 20 / 30
    apart = found["soups",].apart
    assert apart is not None
    assert apart.value == pytest.approx(20 / 30)  # of the last twenty rows, which name nobody, none is


def test_small_groups_are_left_out_and_a_small_rest_is_no_comparison() -> None:
    flagged = np.arange(60) % 3 == 0
    members: dict[Key, Bools] = {
        ("soups",): np.arange(60) < 41,
        ("breads",): np.arange(60) < 19,
        ("bowls",): np.arange(60) < 20,
    }
    found = by_group(flagged, members)
    assert set(found) == {("soups",), ("bowls",)}
    gap = found["soups",]
    assert gap.apart is None
    assert gap.times is None
    assert gap.apart_from_all is not None
    assert not gap.clear


def test_a_gap_is_clear_only_above_nothing() -> None:
    def clear(hits: int) -> bool:
        flagged = np.concatenate([np.arange(50) < hits, np.arange(50) < 25])
        return by_group(flagged, {("soups",): np.arange(100) < 50})["soups",].clear

    assert clear(40)
    assert not clear(27)
    assert not clear(5)


def test_no_group_is_no_gap() -> None:
    assert list(gaps(np.zeros(30, np.bool_), {})) == []


def test_a_group_that_is_all_rows_stands_apart_from_nothing() -> None:
    gap = by_group(np.arange(30) < 3, {SOUPS: np.ones(30, np.bool_)})[SOUPS]
    assert gap.apart_from_all is None
    assert gap.apart is None


def test_a_ratio_needs_a_hit_on_either_side() -> None:
    assert ratio(0, 30, 3, 30) is None
    assert ratio(3, 30, 0, 30) is None


def test_the_interval_around_all_rows_holds_the_truth_as_often_as_it_says() -> None:
    """A group of 60 among 200 rows, flagged at 30% against 10%: it lies 14 points above all."""
    generator, held = np.random.default_rng(3), 0
    for _ in range(2_000):
        ours, others = generator.binomial(60, 0.3), generator.binomial(140, 0.1)
        found = apart_from_all(Counts(int(ours), 60, 60), Counts(int(others), 140, 140))
        held += found.low <= 0.14 <= found.high
    assert 0.935 <= held / 2_000 <= 0.97


@pytest.mark.parametrize("rows", [1, 2, 19])
def test_a_corpus_of_few_rows_has_no_gap_and_breaks_nothing(rows: int) -> None:
    assert list(gaps(np.ones(rows, np.bool_), {("soups",): np.ones(rows, np.bool_)})) == []


# Rows that came together.


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_clusters_of_their_own_have_the_figures_of_rows_without(seed: int) -> None:
    generator = np.random.default_rng(seed)
    flagged, soups = generator.random(200) < 0.3, generator.random(200) < 0.4
    plain = by_group(flagged, {SOUPS: soups})[SOUPS]
    own = by_group(flagged, {SOUPS: soups}, generator.permutation(200) + 7)[SOUPS]
    assert own == plain
    hits, rows, base = int(flagged[soups].sum()), int(soups.sum()), int(flagged[~soups].sum())
    apart, katz = proportions_apart(hits, rows, base, 200 - rows), relative_risk(hits, rows, base, 200 - rows)
    limits = katz.confidence_interval()
    _, difference, times, from_all = estimates(own)
    assert difference == apart
    assert [times.value, times.low, times.high] == pytest.approx(
        [katz.relative_risk, limits.low, limits.high], abs=1e-9
    )
    part = 1 - rows / 200
    assert [from_all.low, from_all.high] == pytest.approx([apart.low * part, apart.high * part], abs=1e-9)


def test_ten_copies_of_every_row_tell_as_much_as_the_rows_once() -> None:
    generator = np.random.default_rng(4)
    flagged, soups = generator.random(400) < 0.3, np.arange(400) < 160
    once = by_group(flagged, {SOUPS: soups})[SOUPS]
    copies, members = np.repeat(flagged, 10), {SOUPS: np.repeat(soups, 10)}
    together = by_group(copies, members, np.repeat(np.arange(400), 10))[SOUPS]
    blind = by_group(copies, members)[SOUPS]
    for one, ten, narrow in zip(estimates(once), estimates(together), estimates(blind), strict=True):
        assert [ten.value, ten.low, ten.high] == pytest.approx([one.value, one.low, one.high], abs=0.02)
        assert ten.high - ten.low > 2.8 * (narrow.high - narrow.low)
    assert together.rows == 1_600


def test_intervals_of_rows_made_from_templates_hold_the_truth_as_often_as_they_say() -> None:
    """Forty templates of five rows name a group, flagged at 30%; sixty name nobody, at 15%."""
    generator = np.random.default_rng(5)
    named, groups = np.arange(500) < 200, np.repeat(np.arange(100), 5)
    truth, held, blind = (0.3, 0.15, 2.0, 0.15 * 0.6), np.zeros(4), np.zeros(4)
    for _ in range(300):
        chances = np.concatenate([generator.beta(0.9, 2.1, 40), generator.beta(0.45, 2.55, 60)])
        flagged = generator.random(500) < np.repeat(chances, 5)
        for counted, given in ((held, groups), (blind, None)):
            found = estimates(by_group(flagged, {SOUPS: named}, given)[SOUPS])
            counted += [one.low <= value <= one.high for one, value in zip(found, truth, strict=True)]
    assert (held / 300 >= 0.925).all()
    assert (held / 300 <= 0.985).all()
    assert (blind / 300 < 0.9).all()


def test_clusters_change_no_figure_only_what_is_known_of_it() -> None:
    generator = np.random.default_rng(8)
    flagged, soups = generator.random(300) < 0.3, np.arange(300) < 100
    groups = np.where(soups, np.arange(300), 300 + np.arange(300) // 10)
    plain, grouped = (by_group(flagged, {SOUPS: soups}, given)[SOUPS] for given in (None, groups))
    assert [one.value for one in estimates(grouped)] == pytest.approx(
        [one.value for one in estimates(plain)], abs=1e-12
    )
    assert grouped.rate == plain.rate  # the group's own rows came one by one


def test_a_gap_of_a_few_accounts_is_not_clear() -> None:
    flagged = np.concatenate([np.arange(60) < 40, np.arange(60) < 20])
    named = np.arange(120) < 60
    alone = by_group(flagged, {SOUPS: named})[SOUPS]
    accounts = by_group(flagged, {SOUPS: named}, np.arange(120) // 20)[SOUPS]
    assert alone.clear
    assert not accounts.clear
    assert accounts.apart is not None
    assert alone.apart is not None
    assert accounts.apart.value == alone.apart.value
