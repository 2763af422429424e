"""Ranking figures: against scikit-learn, against their definitions, and which rows they leave out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from tocsin.eval.cells import Cell, cell
from tocsin.eval.slices import slices
from tocsin.eval.statistics.ranking import Ranking
from tocsin.example import Example, Label, gold
from tocsin.signals import Signal

HATE, CALL = Signal.HATE, Signal.CALL_TO_ACTION
YES, NO, PRESUMED, UNKNOWN = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE, Label.UNKNOWN
RATES = {"recall_at_fpr_0.01": 0.01, "recall_at_fpr_0.05": 0.05}

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    labels: NDArray[np.int8]
    scores: Floats
    weights: Floats


def sample(seed: int, rows: int, decimals: int | None) -> Sample:
    """Draw labels, scores that know something of them (with ties where rounded), and weights, some nought."""
    generator = np.random.default_rng(seed)
    labels = (generator.random(rows) < 0.3).astype(np.int8)
    labels[:2] = 0, 1
    scores = generator.normal(labels, 1.0)
    weights = generator.exponential(size=rows) * (generator.random(rows) < 0.9)
    weights[:2] = 1.0
    return Sample(labels, scores if decimals is None else scores.round(decimals), weights)


def ranking(labels: NDArray[np.int8], scores: Floats, weights: Floats) -> Mapping[str, float]:
    return Ranking.of(labels, scores).figures(weights)


SAMPLES = [
    pytest.param(sample(seed, rows, decimals), id=f"{rows}-rows-{ties}-{seed}")
    for seed in range(4)
    for rows in (12, 200, 3_000)
    for decimals, ties in ((None, "no-ties"), (1, "ties"), (0, "mostly-ties"))
]


@pytest.mark.parametrize("drawn", SAMPLES)
def test_figures_agree_with_scikit_learn(drawn: Sample) -> None:
    found = ranking(drawn.labels, drawn.scores, drawn.weights)
    area = roc_auc_score(drawn.labels, drawn.scores, sample_weight=drawn.weights)
    precision = average_precision_score(drawn.labels, drawn.scores, sample_weight=drawn.weights)
    assert found["auroc"] == pytest.approx(area, abs=1e-9)
    assert found["average_precision"] == pytest.approx(precision, abs=1e-9)
    alarms, recalls, _ = roc_curve(drawn.labels, drawn.scores, sample_weight=drawn.weights)
    for name, rate in RATES.items():
        assert found[name] >= recalls[alarms <= rate].max() - 1e-9
        assert found[name] <= recalls[alarms > rate].min() + 1e-9


@pytest.mark.parametrize("drawn", SAMPLES)
def test_figures_agree_with_their_definitions(drawn: Sample) -> None:
    found = ranking(drawn.labels, drawn.scores, drawn.weights)
    expected = by_definition(drawn)
    assert found == pytest.approx(expected, abs=1e-9)


def by_definition(drawn: Sample) -> dict[str, float]:
    """Compare every positive with every negative, and try every threshold."""
    positive = drawn.labels == 1
    ours, theirs = drawn.scores[positive], drawn.scores[~positive]
    ours_weights, theirs_weights = drawn.weights[positive], drawn.weights[~positive]
    wins = (ours[:, None] > theirs) + 0.5 * (ours[:, None] == theirs)
    area = ours_weights @ wins @ theirs_weights / (ours_weights.sum() * theirs_weights.sum())
    best = dict.fromkeys(RATES, 0.0)
    precision_area = recall_before = 0.0
    for threshold in np.unique(drawn.scores[drawn.weights > 0])[::-1]:
        caught = ours_weights[ours >= threshold].sum()
        alarms = theirs_weights[theirs >= threshold].sum()
        recall = caught / ours_weights.sum()
        precision_area += (recall - recall_before) * caught / (caught + alarms)
        recall_before = recall
        for name, rate in RATES.items():
            if alarms / theirs_weights.sum() <= rate:
                best[name] = recall
    return {"auroc": area, "average_precision": precision_area, **best}


def test_whole_weights_count_rows_as_often_as_they_say() -> None:
    drawn = sample(5, 200, 1)
    times = np.random.default_rng(6).integers(0, 4, 200)
    times[:2] = 1
    weighted = ranking(drawn.labels, drawn.scores, times.astype(np.float64))
    repeated = np.repeat(drawn.labels, times), np.repeat(drawn.scores, times)
    assert weighted == pytest.approx(ranking(*repeated, np.ones(times.sum())), abs=1e-9)


@pytest.mark.parametrize(
    ("scores", "area"),
    [
        pytest.param([0, 0, 1, 1], 1.0, id="perfect"),
        pytest.param([1, 1, 0, 0], 0.0, id="reversed"),
        pytest.param([1, 1, 1, 1], 0.5, id="constant"),
    ],
)
def test_plain_scores_have_the_area_that_they_must(scores: list[float], area: float) -> None:
    found = ranking(np.array([0, 0, 1, 1], np.int8), np.array(scores, np.float64), np.ones(4))
    assert found["auroc"] == area


@pytest.mark.parametrize("negatives", [20, 60, 100, 700, 3_000])
def test_a_rate_that_is_met_exactly_is_met(negatives: int) -> None:
    """With n negatives above the one positive, n alarms are still within a rate of n / rows."""
    allowed = negatives // 20
    scores = np.concatenate([np.arange(negatives, 0, -1), [negatives - allowed + 0.5]]).astype(np.float64)
    labels = np.array([0] * negatives + [1], np.int8)
    assert ranking(labels, scores, np.ones(len(labels)))["recall_at_fpr_0.05"] == 1.0
    scores[-1] -= 1
    assert ranking(labels, scores, np.ones(len(labels)))["recall_at_fpr_0.05"] == 0.0


def test_no_negative_may_be_let_through_where_one_is_already_too_many() -> None:
    labels = np.array([0] * 30 + [1] * 4, np.int8)
    scores = np.concatenate([np.arange(30.0), [40.0, 35.0, 29.0, 10.0]])
    assert ranking(labels, scores, np.ones(34))["recall_at_fpr_0.01"] == 0.5


@pytest.mark.parametrize("left", [0, 1])
def test_weights_that_leave_one_class_have_no_figure(left: int) -> None:
    labels = np.array([0, 0, 1, 1], np.int8)
    found = ranking(labels, np.arange(4.0), (labels == left).astype(np.float64))
    assert np.isnan(list(found.values())).all()


# Which rows a cell is made of.


def examples(*said: tuple[Label, int], corpus: str = "kitchen", language: str = "en") -> list[Example]:
    labels = [label for label, count in said for _ in range(count)]
    return [
        Example(f"{corpus}:{number}", "soup", language, corpus, "CC0-1.0", {HATE: label})
        for number, label in enumerate(labels)
    ]


def scores_of(rows: Sequence[Example], seed: int = 1) -> Floats:
    """Return scores that every signal has, a little higher for positives."""
    known = np.array([row.label(HATE) is YES for row in rows])
    return np.random.default_rng(seed).normal(known, 1.0, (len(Signal), len(rows))).T


def cells(rows: Sequence[Example], scores: Floats) -> list[Cell]:
    return [cell(part) for part in slices(rows, scores)]


def only(rows: Sequence[Example], scores: Floats | None = None) -> Cell:
    (found,) = cells(rows, scores_of(rows) if scores is None else scores)
    return found


def test_what_nobody_judged_is_in_no_metric() -> None:
    told = examples((YES, 60), (NO, 60))
    beside = [*told, *examples((PRESUMED, 500), (UNKNOWN, 500))]
    scores = np.concatenate([scores_of(told), np.full((1_000, len(Signal)), 99.0)])
    assert only(beside, scores) == only(told, scores[:120])
    assert set(gold(beside, HATE)[120:].tolist()) == {-1}


def test_a_corpus_that_says_nothing_of_a_signal_has_no_cell() -> None:
    assert cells(examples((PRESUMED, 50), (UNKNOWN, 50)), np.zeros((100, len(Signal)))) == []


@pytest.mark.parametrize(
    ("positives", "negatives", "reported", "claimed"),
    [
        pytest.param(19, 500, False, False, id="too-few-positives-to-report"),
        pytest.param(500, 19, False, False, id="too-few-negatives-to-report"),
        pytest.param(20, 20, True, False, id="just-enough-to-report"),
        pytest.param(49, 100, True, False, id="too-few-positives-for-a-claim"),
        pytest.param(50, 20, True, True, id="just-enough-for-a-claim"),
        pytest.param(0, 100, False, False, id="one-class"),
    ],
)
def test_small_cells_are_suppressed_and_larger_ones_claimed(
    positives: int, negatives: int, reported: bool, claimed: bool
) -> None:
    found = only(examples((YES, positives), (NO, negatives)))
    assert (found.positives, found.negatives, found.unscored) == (positives, negatives, 0)
    assert (bool(found.estimates), found.claimed) == (reported, claimed)


def test_unscored_rows_are_counted_and_in_no_metric() -> None:
    rows = examples((YES, 80), (NO, 80))
    scores = scores_of(rows)
    scores[:10] = np.nan
    found = only(rows, scores)
    assert (found.positives, found.negatives, found.unscored) == (70, 80, 10)
    assert found.estimates == only(rows[10:], scores[10:]).estimates


def test_unscored_rows_do_not_carry_a_claim() -> None:
    rows = examples((YES, 80), (NO, 80))
    scores = scores_of(rows)
    scores[:40] = np.nan
    assert not only(rows, scores).claimed


def test_a_signal_that_is_not_offered_has_a_cell_without_figures() -> None:
    found = only(examples((YES, 80), (NO, 80)), np.full((160, len(Signal)), np.nan))
    assert (found.unscored, dict(found.estimates), found.claimed) == (160, {}, False)


def test_nothing_is_pooled_over_corpora_or_languages() -> None:
    parts = [
        examples((YES, 30), (NO, 30)),
        examples((YES, 40), (NO, 30), corpus="stadium"),
        examples((YES, 50), (NO, 30), language="de"),
    ]
    rows = [row for part in parts for row in part]
    scores = scores_of(rows)
    found = {(one.corpus, one.language): one for one in cells(rows, scores)}
    assert {place: one.positives for place, one in found.items()} == {
        ("kitchen", "en"): 30,
        ("stadium", "en"): 40,
        ("kitchen", "de"): 50,
    }
    assert found["stadium", "en"] == only(parts[1], scores[60:130])


def test_each_signal_is_measured_on_its_own_column() -> None:
    rows = examples((YES, 30), (NO, 30))
    scores = np.zeros((60, len(Signal)))
    scores[:30, list(Signal).index(HATE)] = 1.0
    assert only(rows, scores).estimates["auroc"].value == 1.0
    assert only(rows, np.roll(scores, 1, axis=1)).estimates["auroc"].value == 0.5
