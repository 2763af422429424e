"""Intervals hold the true figure as often as they say: 2,000 draws, fixed seeds, truth known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from tocsin.eval.calibration_error import ERROR, SKILL, Reliability
from tocsin.eval.statistics.apart import rankings_apart, shares_apart
from tocsin.eval.statistics.intervals import Estimate, bootstrapped, proportion, proportions_apart
from tocsin.eval.statistics.ranking_intervals import ranked, ranking_estimates

DRAWS: Final = 2_000
RESAMPLES: Final = 200  # of reports' thousand: enough to tell, and quick
AUROC, PRECISION, AT_1, AT_5 = FIGURES = (
    "auroc",
    "average_precision",
    "recall_at_fpr_0.01",
    "recall_at_fpr_0.05",
)
LEAST, MOST = 0.93, 0.97

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]


@dataclass(frozen=True)
class World:
    """Draw normal scores, positives' `apart` from the negatives' and `spread` times as wide.

    In `size` rows at a time most labels are the same, and scores have half their variance in common.
    `alike` is how far a second classifier's scores are correlated with the first's.
    """

    rows: int
    positives: int
    apart: float
    spread: float = 1.0
    size: int = 1
    second: float = 0.0
    alike: float = 0.8

    def draws(self, seed: int) -> Iterator[tuple[Labels, Floats, Floats, NDArray[np.intp] | None]]:
        """Yield labels, both classifiers' scores, and clusters."""
        generator = np.random.default_rng(seed)
        many, share = self.rows // self.size, self.positives / self.rows
        groups = np.repeat(np.arange(many), self.size) if self.size > 1 else None
        for _ in range(DRAWS):
            labels = np.repeat(generator.random(many) < share, self.size)
            if self.size > 1:
                own = generator.random(self.rows) < 0.2
                labels = np.where(own, generator.random(self.rows) < share, labels)
            one, other = self._noise(generator, many), self._noise(generator, many)
            other = self.alike * one + np.sqrt(1 - self.alike**2) * other
            yield (
                labels.astype(np.int8),
                np.where(labels, self.apart + self.spread * one, one),
                np.where(labels, self.second + other, other),
                groups,
            )

    def _noise(self, generator: np.random.Generator, many: int) -> Floats:
        own = generator.normal(size=self.rows)
        if self.size == 1:
            return own
        return np.asarray(np.sqrt(0.5) * (np.repeat(generator.normal(size=many), self.size) + own))

    def truth(self, apart: float, spread: float) -> Mapping[str, float]:
        """Return the figures of as many rows as there can be."""
        share = self.positives / self.rows
        ranks = (np.arange(200_000) + 0.5) / 200_000
        above = ndtr(-(apart + spread * ndtri(1 - ranks)))  # negatives above the positive of that rank
        return {
            AUROC: float(ndtr(apart / np.sqrt(1 + spread**2))),
            PRECISION: float(np.mean(share * ranks / (share * ranks + (1 - share) * above))),
            AT_1: float(ndtr((apart + ndtri(0.01)) / spread)),
            AT_5: float(ndtr((apart + ndtri(0.05)) / spread)),
        }

    @property
    def first_truth(self) -> Mapping[str, float]:
        return self.truth(self.apart, self.spread)

    @property
    def difference(self) -> Mapping[str, float]:
        mine, theirs = self.first_truth, self.truth(self.second, 1.0)
        return {name: mine[name] - theirs[name] for name in FIGURES}


def holds(found: Estimate, truth: float) -> bool:
    return found.low <= truth <= found.high


# Figures of a ranking.


@lru_cache
def held(world: World, clustered: bool = True, seed: int = 1) -> Mapping[str, float]:
    truth, counts = world.first_truth, dict.fromkeys(FIGURES, 0)
    for labels, scores, _, groups in world.draws(seed):
        for name, found in ranking_estimates(labels, scores, groups if clustered else None).items():
            counts[name] += holds(found, truth[name])
    return {name: count / DRAWS for name, count in counts.items()}


ALL_HOLD = [
    pytest.param(World(2_000, 200, 1.5), id="a usual cell"),
    pytest.param(World(2_000, 200, 1.5, spread=1.4), id="positives more varied than negatives"),
]


@pytest.mark.parametrize("world", ALL_HOLD)
@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_of_a_ranking_is_held_as_often_as_it_says(world: World, figure: str) -> None:
    assert LEAST <= held(world)[figure] <= MOST


@pytest.mark.parametrize("apart", [pytest.param(1.0, id="weak"), pytest.param(2.0, id="strong")])
@pytest.mark.parametrize("figure", [AUROC, PRECISION])
def test_areas_are_held_from_fifty_positives(apart: float, figure: str) -> None:
    assert LEAST <= held(World(500, 50, apart))[figure] <= MOST


@pytest.mark.parametrize(("figure", "least"), [(AUROC, 0.90), (PRECISION, 0.90), (AT_1, 0.93), (AT_5, 0.93)])
@pytest.mark.parametrize("apart", [pytest.param(1.0, id="weak"), pytest.param(2.0, id="strong")])
def test_twenty_positives_are_shown_with_an_interval_that_is_nearly_as_good(
    apart: float, figure: str, least: float
) -> None:
    assert held(World(500, 20, apart))[figure] >= least


@pytest.mark.parametrize("apart", [pytest.param(1.0, id="weak"), pytest.param(2.0, id="strong")])
def test_recall_at_few_alarms_is_held_more_often_than_it_says_never_less(apart: float) -> None:
    """One in a hundred of 450 negatives is four or five of them: the interval is wide."""
    assert held(World(500, 50, apart))[AT_1] >= LEAST


CLUSTERED = World(2_000, 400, 1.5, size=5)


@pytest.mark.parametrize("figure", FIGURES)
def test_rows_that_came_together_count_together(figure: str) -> None:
    assert LEAST <= held(CLUSTERED)[figure] <= MOST + 0.01 * (figure == AT_1)


@pytest.mark.parametrize("figure", [AUROC, PRECISION, AT_5])
def test_taking_them_for_independent_would_not_hold(figure: str) -> None:
    assert held(CLUSTERED, clustered=False)[figure] < 0.90


# Differences of two rankings of the same rows.


@lru_cache
def held_apart(world: World, seed: int = 2) -> Mapping[str, tuple[float, float]]:
    """Return by figure how often the difference was held, and how often it was found to be one."""
    truth, found = world.difference, {name: np.zeros(2) for name in FIGURES}
    for labels, ours, theirs, groups in world.draws(seed):
        a, b = ranked(labels, ours, groups), ranked(labels, theirs, groups)
        for name in FIGURES:
            apart = rankings_apart(a[name], b[name])
            found[name] += holds(apart.estimate, truth[name]), apart.p_value < 0.05
    return {name: (float(counts[0]) / DRAWS, float(counts[1]) / DRAWS) for name, counts in found.items()}


PAIRS = [
    pytest.param(World(1_000, 100, 1.8, second=1.5), id="one is better"),
    pytest.param(World(1_000, 100, 1.5, second=1.5), id="neither is"),
    pytest.param(World(1_000, 200, 1.8, size=5, second=1.5), id="rows that came together"),
]


@pytest.mark.parametrize("world", PAIRS)
@pytest.mark.parametrize("figure", [AUROC, PRECISION])
def test_differences_of_areas_are_held_as_often_as_they_say(world: World, figure: str) -> None:
    assert LEAST <= held_apart(world)[figure][0] <= MOST


@pytest.mark.parametrize("world", PAIRS)
@pytest.mark.parametrize(("figure", "most"), [(AT_1, 0.99), (AT_5, 0.98)])
def test_differences_of_recall_are_held_at_least_as_often_as_they_say(
    world: World, figure: str, most: float
) -> None:
    assert LEAST <= held_apart(world)[figure][0] <= most


@pytest.mark.parametrize("figure", FIGURES)
def test_two_that_are_as_good_are_rarely_told_apart(figure: str) -> None:
    assert held_apart(World(1_000, 100, 1.5, second=1.5))[figure][1] <= 0.06


def test_two_that_are_not_as_good_are_often_told_apart() -> None:
    """An interval that is always wide would hold everything."""
    assert held_apart(World(1_000, 100, 1.8, second=1.5))[AUROC][1] > 0.7


# Shares: added up over every count there can be, so that no chance is left.


def shares(rows: int, share: float) -> tuple[Floats, list[Estimate], NDArray[np.intp]]:
    """Return the counts that are not next to impossible: how likely, with what interval, and which."""
    counts = np.arange(rows + 1)
    counts = counts[binom.pmf(counts, rows, share) > 1e-12]
    return binom.pmf(counts, rows, share), [proportion(int(count), rows) for count in counts], counts


@pytest.mark.parametrize("share", [0.02, 0.05, 0.3, 0.5])
def test_a_share_is_held_as_often_as_it_says(share: float) -> None:
    likely, found, _ = shares(400, share)
    assert LEAST <= likely @ [holds(one, share) for one in found] <= MOST


@pytest.mark.parametrize("rows", [100, 500, 1_000, 2_000, 5_000, 20_000])
def test_each_bound_holds_where_one_row_in_a_thousand_is_a_hit(rows: int) -> None:
    likely, found, _ = shares(rows, 0.001)
    assert likely @ [one.low <= 0.001 for one in found] >= 0.94
    assert likely @ [one.high >= 0.001 for one in found] >= 0.94


@pytest.mark.parametrize(
    ("first", "second", "rows"),
    [
        pytest.param(0.3, 0.2, (100, 60), id="few rows"),
        pytest.param(0.05, 0.02, (500, 500), id="rare"),
        pytest.param(0.05, 0.05, (400, 100), id="no difference"),
    ],
)
def test_the_difference_of_two_shares_is_held_as_often_as_it_says(
    first: float, second: float, rows: tuple[int, int]
) -> None:
    inside, below, above = difference_held(first, second, rows)
    assert LEAST <= inside <= MOST
    assert min(below, above) >= 0.94


@pytest.mark.parametrize("rows", [(1_000, 1_000), (5_000, 500)], ids=["as many", "ten times as many"])
def test_each_bound_of_a_difference_holds_where_one_row_in_a_thousand_is_a_hit(rows: tuple[int, int]) -> None:
    _, below, above = difference_held(0.001, 0.001, rows)
    assert min(below, above) >= 0.94


def difference_held(first: float, second: float, rows: tuple[int, int]) -> tuple[float, float, float]:
    ours, _, mine = shares(rows[0], first)
    theirs, _, others = shares(rows[1], second)
    inside = below = above = 0.0
    for likely, one in zip(ours, mine.tolist(), strict=True):
        for chance, other in zip(theirs, others.tolist(), strict=True):
            if likely * chance > 1e-9:
                found = proportions_apart(one, rows[0], other, rows[1])
                inside += likely * chance * holds(found, first - second)
                below += likely * chance * (found.low <= first - second)
                above += likely * chance * (found.high >= first - second)
    return inside, below, above


@pytest.mark.parametrize(
    ("wins", "losses", "rows", "size"),
    [
        pytest.param(0.10, 0.05, 300, 1, id="one is better"),
        pytest.param(0.02, 0.02, 300, 1, id="they hardly differ"),
        pytest.param(0.10, 0.05, 600, 4, id="rows that came together"),
    ],
)
def test_the_difference_of_two_shares_of_the_same_rows_is_held(
    wins: float, losses: float, rows: int, size: int
) -> None:
    generator, inside = np.random.default_rng(4), 0
    groups = np.repeat(np.arange(rows // size), size)
    for _ in range(DRAWS):
        drawn = np.repeat(generator.random(rows // size), size)
        drawn = np.where(generator.random(rows) < 0.3, generator.random(rows), drawn)
        ours, theirs = drawn < wins, (drawn >= wins) & (drawn < wins + losses)
        found = shares_apart(ours, theirs, groups if size > 1 else None)
        inside += holds(found.estimate, wins - losses)
    assert LEAST <= inside / DRAWS <= MOST + 0.01


# Figures of calibration, by bootstrap.


def forecasts(generator: np.random.Generator, rows: int, too_high: float) -> tuple[Labels, Floats]:
    log_odds = generator.normal(-1.5, 1.2, rows)
    labels = (generator.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.int8)
    return labels, 1 / (1 + np.exp(-log_odds - too_high))


def true_figures(too_high: float) -> Mapping[str, float]:
    labels, scores = forecasts(np.random.default_rng(5), 2_000_000, too_high)
    return Reliability.of(labels, scores, float(labels.mean())).figures(np.ones(len(labels)))


def test_brier_skill_is_held_as_often_as_it_says() -> None:
    truth, generator, inside = true_figures(0.5)[SKILL], np.random.default_rng(6), 0
    for _ in range(DRAWS):
        labels, scores = forecasts(generator, 400, 0.5)
        losses = np.stack([(scores - labels) ** 2, (SHARE - labels) ** 2])

        def skill(weights: Floats, losses: Floats = losses) -> Mapping[str, float]:
            ours, constant = losses @ weights
            return {SKILL: float(1 - ours / constant)}

        inside += holds(bootstrapped(skill, 400, RESAMPLES)[SKILL], truth)
    assert LEAST <= inside / DRAWS <= MOST


SHARE: Final = float(forecasts(np.random.default_rng(5), 2_000_000, 0.5)[0].mean())


@pytest.mark.parametrize(
    ("too_high", "draws", "most"),
    [
        pytest.param(0.7, DRAWS, 0.97, id="an error"),
        pytest.param(0.0, 200, 1.0, id="none, which nothing can be below"),
    ],
)
def test_an_error_of_calibration_is_held_as_often_as_it_says(
    too_high: float, draws: int, most: float
) -> None:
    truth, generator, inside = true_figures(too_high)[ERROR], np.random.default_rng(7), 0
    for _ in range(draws):
        part = Reliability.of(*forecasts(generator, 500, too_high), SHARE)
        found = bootstrapped(part.figures, 500, RESAMPLES // 2, of_draws=part.of_draw)
        inside += holds(found[ERROR], truth)
    assert LEAST <= inside / draws <= most


def test_a_bootstrap_of_clusters_is_held_as_often_as_it_says() -> None:
    generator, inside, naive, few = np.random.default_rng(8), 0, 0, 200
    groups = np.repeat(np.arange(100), 3)
    for draw in range(DRAWS):
        values = np.repeat(generator.normal(size=100), 3) + generator.normal(size=300)

        def mean(weights: Floats, values: Floats = values) -> Mapping[str, float]:
            return {"mean": float(weights @ values / weights.sum())}

        inside += holds(bootstrapped(mean, 300, 2 * RESAMPLES, groups=groups)["mean"], 0.0)
        naive += draw < few and holds(bootstrapped(mean, 300, RESAMPLES)["mean"], 0.0)
    assert LEAST <= inside / DRAWS <= MOST
    assert naive / few < 0.9
