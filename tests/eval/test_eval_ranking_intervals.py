"""Intervals of ranking figures, against definitions: every pair, small changes of weights, doubled rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import norm, t
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from tocsin.eval.calibration_error import SKILL, Reliability
from tocsin.eval.statistics.clusters import clusters
from tocsin.eval.statistics.intervals import Estimate, wilson
from tocsin.eval.statistics.ranking import FALSE_POSITIVE_RATES, Ranking
from tocsin.eval.statistics.ranking_intervals import ranked, ranking_estimates
from tocsin.example import Example

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
SEEDS = range(6)


def sample(seed: int, rows: int = 300, decimals: int = 1) -> tuple[Labels, Floats]:
    """Draw labels and scores that know something of them, with ties."""
    generator = np.random.default_rng(seed)
    labels = (generator.random(rows) < 0.2).astype(np.int8)
    labels[:2] = 0, 1
    return labels, generator.normal(labels, 1.0).round(decimals)


# The figures.


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("decimals", [0, 1, 9], ids=["mostly ties", "ties", "no ties"])
def test_figures_are_those_of_scikit_learn_and_of_the_ranking(seed: int, decimals: int) -> None:
    labels, scores = sample(seed, decimals=decimals)
    found = {name: one.value for name, one in ranking_estimates(labels, scores).items()}
    assert found["auroc"] == pytest.approx(roc_auc_score(labels, scores), abs=1e-9)
    assert found["average_precision"] == pytest.approx(average_precision_score(labels, scores), abs=1e-9)
    assert found == pytest.approx(dict(Ranking.of(labels, scores).figures(np.ones(len(labels)))), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_recall_at_a_rate_is_the_most_that_any_threshold_within_it_finds(seed: int) -> None:
    labels, scores = sample(seed, 900)
    found = ranking_estimates(labels, scores)
    for name, rate in FALSE_POSITIVE_RATES.items():
        within = [
            (scores[labels == 1] >= threshold).mean()
            for threshold in [*np.unique(scores), np.inf]
            if (scores[labels == 0] >= threshold).mean() <= rate
        ]
        assert found[name].value == pytest.approx(max(within), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_brier_skill_is_what_scikit_learn_s_loss_makes_it(seed: int) -> None:
    labels, scores = sample(seed)
    probabilities = (1 / (1 + np.exp(-scores))).round(2)
    found = Reliability.of(labels, probabilities, 0.2).figures(np.ones(len(labels)))[SKILL]
    constant = brier_score_loss(labels, np.full(len(labels), 0.2))
    assert found == pytest.approx(1 - brier_score_loss(labels, probabilities) / constant, abs=1e-9)


# Their intervals.


@pytest.mark.parametrize("seed", SEEDS)
def test_the_variance_of_an_area_is_delong_s(seed: int) -> None:
    labels, scores = sample(seed)
    ours, theirs = scores[labels == 1], scores[labels == 0]
    wins = (ours[:, None] > theirs) + 0.5 * (ours[:, None] == theirs)
    parts = [wins.mean(axis=1).var(ddof=1) / len(ours), wins.mean(axis=0).var(ddof=1) / len(theirs)]
    found = ranked(labels, scores)["auroc"]
    (source,) = found.sources
    assert source.deviation**2 == pytest.approx(sum(parts), rel=1e-9)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (len(ours) - 1) + parts[1] ** 2 / (len(theirs) - 1))
    assert found.freedom == pytest.approx(freedom)
    area = wins.mean()
    half = t.ppf(0.975, freedom) * np.sqrt(sum(parts)) / (area * (1 - area))
    limits = [np.log(limit / (1 - limit)) for limit in (found.estimate.low, found.estimate.high)]
    assert limits == pytest.approx([np.log(area / (1 - area)) - half, np.log(area / (1 - area)) + half])


@pytest.mark.parametrize("figure", ["auroc", "average_precision"])
def test_a_row_moves_a_figure_as_much_as_a_little_more_of_it_does(figure: str) -> None:
    labels, scores = sample(7, 120)
    ranking, weights, step = Ranking.of(labels, scores), np.ones(120), 1e-6
    slopes = [
        (ranking.figures(weights + step * (np.arange(120) == row))[figure] - ranking.figures(weights)[figure])
        / step
        for row in range(120)
    ]
    (source,) = ranked(labels, scores)[figure].sources
    scale = {label: labels.tolist().count(label) for label in (0, 1)}
    inflated = {label: np.sqrt(count / (count - 1)) for label, count in scale.items()}
    class_of = labels.tolist() if figure == "auroc" else [1] * 120
    expected = [slope * inflated[label] for slope, label in zip(slopes, class_of, strict=True)]
    assert source.moves.tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_figure_lies_within_its_interval(seed: int) -> None:
    for rows in (12, 40, 300):
        for found in ranking_estimates(*sample(seed, rows)).values():
            assert 0 <= found.low <= found.value <= found.high <= 1


def test_the_order_of_rows_and_the_numbers_of_groups_make_no_difference() -> None:
    labels, scores = sample(8, 200)
    groups, order = np.arange(200) // 4, np.random.default_rng(9).permutation(200)
    found = ranking_estimates(labels, scores, groups)
    turned = ranking_estimates(labels[order], scores[order], (groups * 7 + 5)[order])
    assert flat(found) == pytest.approx(flat(turned), abs=1e-12)


def test_rows_of_their_own_groups_are_independent_rows() -> None:
    labels, scores = sample(10)
    alone = np.random.default_rng(11).permutation(len(labels))
    assert flat(ranking_estimates(labels, scores, alone)) == pytest.approx(
        flat(ranking_estimates(labels, scores)), abs=1e-12
    )


@pytest.mark.parametrize("figure", ["auroc", "average_precision"])
def test_rows_that_are_there_twice_say_no_more_than_once(figure: str) -> None:
    labels, scores = sample(12, decimals=9)
    once = ranking_estimates(labels, scores)[figure]
    groups = np.tile(np.arange(len(labels)), 2)
    twice = ranking_estimates(np.tile(labels, 2), np.tile(scores, 2), groups)[figure]
    fooled = ranking_estimates(np.tile(labels, 2), np.tile(scores, 2))[figure]
    assert twice.high - twice.low == pytest.approx(once.high - once.low, rel=0.02)
    assert fooled.high - fooled.low < 0.8 * (once.high - once.low)


def test_recall_of_rows_that_are_there_twice_is_no_surer_either() -> None:
    labels, scores = sample(13, 1_000, decimals=9)
    once = ranking_estimates(labels, scores)["recall_at_fpr_0.05"]
    groups = np.tile(np.arange(1_000), 2)
    twice = ranking_estimates(np.tile(labels, 2), np.tile(scores, 2), groups)["recall_at_fpr_0.05"]
    assert twice.value == once.value
    assert twice.high - twice.low == pytest.approx(once.high - once.low, rel=0.03)


@pytest.mark.parametrize(("scores", "area"), [([0, 1], 1.0), ([1, 0], 0.0), ([1, 1], 0.5)])
def test_a_figure_that_no_row_says_how_sure_it_is_of_is_as_sure_as_a_share_of_the_rarer_class(
    scores: list[float], area: float
) -> None:
    labels = np.repeat(np.array([0, 1], np.int8), [100, 20])
    found = ranking_estimates(labels, np.repeat(np.array(scores, np.float64), [100, 20]))["auroc"]
    expected = wilson(area, 20)
    assert found == expected
    assert found.high - found.low > 0.1


def test_recall_is_unsure_of_its_positives_and_of_where_the_threshold_lies() -> None:
    """A step that no threshold in reach crosses leaves the interval of Wilson for the positives."""
    generator = np.random.default_rng(14)
    labels = np.repeat(np.array([0, 1], np.int8), [2_000, 100])
    far = np.concatenate([generator.normal(0, 1, 2_000), np.repeat([99.0, -99.0], [40, 60])])
    found = ranking_estimates(labels, far)["recall_at_fpr_0.05"]
    assert [found.value, found.low, found.high] == pytest.approx(list(flat_one(wilson(0.4, 100))))
    near = np.concatenate([generator.normal(0, 1, 2_000), generator.normal(1.4, 1, 100)])
    wider = ranking_estimates(labels, near)["recall_at_fpr_0.01"]
    assert wider.high - wider.low > 1.05 * (wilson(wider.value, 100).high - wilson(wider.value, 100).low)


def test_the_limits_of_recall_are_at_ranks_that_the_threshold_may_have_among_the_negatives() -> None:
    """A positive stands above each of the highest 200 of 2,000 negatives: recall goes up with every rank."""
    negatives = -np.arange(2_000.0)
    scores = np.concatenate([negatives, negatives[:200] + 0.5])
    labels = np.repeat(np.array([0, 1], np.int8), [2_000, 200])
    found = ranked(labels, scores)["recall_at_fpr_0.05"]
    ranks = 100 + norm.ppf(0.975) * np.sqrt(2_000 * 0.05 * 0.95) * np.array([-1, 1])
    low, high = (ranks - 0.5 + 1) / 200
    limits = wilson(101 / 200, 200)
    assert found.estimate.value == 101 / 200
    assert found.estimate.low == pytest.approx(0.505 - np.hypot(0.505 - limits.low, 0.505 - low))
    assert found.estimate.high == pytest.approx(0.505 + np.hypot(limits.high - 0.505, high - 0.505))
    assert found.sources[1].deviation == pytest.approx((high - low) / 2 / norm.ppf(0.975))


def flat(found: Mapping[str, Estimate]) -> list[float]:
    return [number for one in found.values() for number in flat_one(one)]


def flat_one(one: Estimate) -> tuple[float, float, float]:
    return one.value, one.low, one.high


# Which rows came together.


def example(number: int, **said: object) -> Example:
    told = {"corpus": "kitchen", **said}
    return Example(id=str(number), text="soup", language="en", licence="CC0-1.0", **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([example(1), example(2)], [0, 1], id="nothing in common"),
        pytest.param([example(1, group="a"), example(2), example(3, group="a")], [0, 1, 0], id="a group"),
        pytest.param(
            [example(1, group="a"), example(2, group="a", corpus="sport")], [0, 1], id="groups of two corpora"
        ),
        pytest.param([example(1), example(2, partners=("1",))], [0, 0], id="contrast partners"),
        pytest.param(
            [example(1, partners=("9",)), example(2, partners=("9",))],
            [0, 0],
            id="a partner that is not here",
        ),
        pytest.param(
            [example(1, attributes={"template": "t"}), example(2, attributes={"template": "t"})],
            [0, 0],
            id="a template",
        ),
        pytest.param(
            [example(1, group="a"), example(2, group="b"), example(3, group="b", partners=("1",))],
            [0, 0, 0],
            id="a chain",
        ),
    ],
)
def test_rows_that_have_something_in_common_are_one_cluster(rows: list[Example], expected: list[int]) -> None:
    assert clusters(rows).tolist() == expected


def test_no_rows_have_no_clusters() -> None:
    assert clusters([]).tolist() == []
