from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.service.statistics.cells import LEAST, Cells, cut

Floats = NDArray[np.float64]


def stratified(labels: list[int], rows: list[int]) -> Cells:
    """Return the cells of a stratified sample, each label standing for as many rows as the others there."""
    cell = np.repeat(np.arange(len(labels)), labels)
    inverse = np.repeat(np.array(rows) / labels, labels)
    found = cut(cell, inverse, np.array(rows), np.array(rows, float))
    assert found is not None
    return found[0]


def test_a_stratified_mean_and_its_variance_are_those_worked_out_by_hand() -> None:
    cells = stratified([20, 40], [100, 900])
    hits = np.concatenate([np.repeat([1.0, 0.0], [5, 15]), np.repeat([1.0, 0.0], [4, 36])])

    found = cells.spread(hits, hits)

    # 0.1 × 5/20 + 0.9 × 4/40, and the sum of W² (1 − f) s² / n with s² = p q n / (n − 1).
    first = 0.1**2 * (1 - 20 / 100) * (0.25 * 0.75 / 19)
    second = 0.9**2 * (1 - 40 / 900) * (0.1 * 0.9 / 39)
    assert float(found.value) == pytest.approx(0.1 * 0.25 + 0.9 * 0.1)
    assert float(found.variance) == pytest.approx(first + second)
    # One more hit counts for most in the second: 0.9 / 40, less what is labelled already.
    assert float(found.more.weight) == pytest.approx(0.9 / 40 * (1 - 40 / 900))
    assert float(found.more.share) == pytest.approx(0.9)


def test_variance_and_skewness_are_those_over_all_samples_that_could_be_drawn() -> None:
    values = np.array([0.0, 0.1, 0.3, 0.2, 1.0, 0.0, 0.7, 0.05])
    drawn = 4
    samples = values[np.array(list(combinations(range(len(values)), drawn)))]
    cell, rows = np.zeros(drawn, np.int64), np.array([len(values)])
    found = cut(cell, np.full(drawn, 2.0), rows, rows.astype(float))
    assert found is not None
    spread = found[0].spread(samples, np.zeros(samples.shape))
    error = spread.value - values.mean()

    assert spread.value.mean() == pytest.approx(values.mean())
    assert spread.variance.mean() == pytest.approx((error**2).mean())
    # With half of the rows drawn, skewness goes: 1 − 2 f = 0, and the error is symmetric.
    assert spread.third == pytest.approx(0.0)
    assert (error**3).mean() == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("drawn", [3, 5])
def test_skewness_is_unbiased_for_any_share_drawn(drawn: int) -> None:
    values = np.array([0.0, 0.0, 1.0, 0.2, 0.0, 1.0, 0.0, 0.4, 0.0])
    samples = values[np.array(list(combinations(range(len(values)), drawn)))]
    rows = np.array([len(values)])
    found = cut(np.zeros(drawn, np.int64), np.ones(drawn), rows, rows.astype(float))
    assert found is not None
    spread = found[0].spread(samples, np.zeros(samples.shape))

    assert spread.third.mean() == pytest.approx(((spread.value - values.mean()) ** 3).mean())


def test_a_whole_cell_that_was_labelled_has_no_error() -> None:
    cells = stratified([20, 30], [20, 30])
    hits = np.tile([1.0, 0.0], 25)

    found = cells.spread(hits, hits)

    assert float(found.variance) == 0.0
    assert float(found.more.weight) == 0.0


def test_weights_add_up_to_one_whatever_labels_stood_for() -> None:
    cell = np.repeat([0, 1, 2], [25, 30, 21])
    rows = np.array([100, 50, 400])
    once = cut(cell, np.ones(len(cell)), rows, rows.astype(float))
    twice = cut(cell, np.full(len(cell), 7.0), rows, rows.astype(float))
    assert once is not None
    assert twice is not None

    assert once[0].weights.sum() == pytest.approx(1.0)
    assert once[0].weights == pytest.approx(twice[0].weights)
    assert once[0].shares() == pytest.approx(rows / rows.sum())


def test_cells_with_few_labels_join_their_neighbours_and_keep_their_size() -> None:
    labels = [LEAST, 3, 0, LEAST, 2]
    cell = np.repeat(np.arange(5), labels)
    rows = np.array([100, 200, 50, 300, 40])
    found = cut(cell, np.ones(len(cell)), rows, rows.astype(float))
    assert found is not None

    assert found[1].tolist() == [0, 1, 1, 1, 1]
    assert found[0].labels.tolist() == [LEAST, LEAST + 5]
    assert found[0].shares() == pytest.approx(np.array([100, 590]) / 690)


def test_a_label_that_stands_for_more_rows_counts_for_more_in_a_joined_cell() -> None:
    found = cut(np.array([0, 0, 1]), np.array([1.0, 1.0, 8.0]), np.array([2, 8]), np.array([2.0, 8.0]))
    assert found is not None

    assert found[0].weights == pytest.approx([0.1, 0.1, 0.8])


def test_where_weights_differ_the_variance_is_that_of_leaving_each_label_out() -> None:
    random = np.random.default_rng(9)
    weights, hits = random.lognormal(0, 1, 25), (random.random(25) < 0.4).astype(float)
    found = cut(np.zeros(25, np.int64), weights, np.array([10**9]), np.array([1.0]))
    assert found is not None

    without = np.array(
        [np.delete(weights * hits, one).sum() / np.delete(weights, one).sum() for one in range(25)]
    )
    mean = (weights * hits).sum() / weights.sum()
    assert float(found[0].spread(hits, hits).value) == pytest.approx(mean)
    assert float(found[0].spread(hits, hits).variance) == pytest.approx(
        24 / 25 * ((without - mean) ** 2).sum()
    )


def test_one_label_is_too_few() -> None:
    assert cut(np.array([0]), np.ones(1), np.array([9]), np.array([9.0])) is None


def test_the_order_of_labels_changes_nothing() -> None:
    random = np.random.default_rng(5)
    cell, hits = np.repeat([0, 1], [40, 60]), (random.random(100) < 0.3).astype(float)
    rows = np.array([500, 800])
    order = random.permutation(100)
    told = []
    for places in (np.arange(100), order):
        found = cut(cell[places], np.ones(100), rows, rows.astype(float))
        assert found is not None
        told.append(found[0].spread(hits[places][found[0].order], hits[places][found[0].order]))

    assert float(told[0].value) == pytest.approx(float(told[1].value))
    assert float(told[0].third) == pytest.approx(float(told[1].third))
