import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.service.audit.estimating.prevalence import Scores, classical, powered
from tocsin.service.audit.estimating.tuning import FOLDS, folds_of, tuned
from tocsin.service.statistics.cells import Cells, cut

# The example that the reference implementation was asked about: 40 labels, 4,000 other rows.
PLACES = np.arange(40)
HITS = ((PLACES * 7) % 10 < 3).astype(float)
SCORES = np.clip(0.15 + 0.5 * HITS + 0.3 * np.sin(PLACES), 0, 1)
OTHERS = np.clip(0.25 + 0.3 * np.sin(np.arange(4000) * 0.7), 0, 1)


def one_cell(labels: int, rows: int) -> Cells:
    found = cut(np.zeros(labels, np.int64), np.ones(labels), np.array([rows]), np.array([float(rows)]))
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("credit", "value", "deviation"),
    [(1.0, 0.22765674020267562, 0.050593820865793684), (0.5, 0.2638283701013378, 0.05863748620125326)],
)
def test_at_a_given_weight_it_agrees_with_the_reference_implementation(
    credit: float, value: float, deviation: float
) -> None:
    # ppi-python 0.2.3: ppi_mean_pointestimate and ppi_mean_ci with lam=credit.
    cells = one_cell(40, 10**9)
    found = powered(cells, HITS, Scores(SCORES, np.array([OTHERS.mean()]), np.full(40, credit)))

    assert float(found.value) == pytest.approx(value)
    # It takes the other rows for a sample of more, which adds their variance, and divides by n, not n - 1.
    added = credit**2 * OTHERS.var() / len(OTHERS)
    assert np.sqrt(float(found.variance) * 39 / 40 + added) == pytest.approx(deviation, rel=1e-6)


def test_the_weight_is_the_one_that_the_reference_implementation_finds() -> None:
    # The same, of scores whose other rows have the same spread: lam = 0.0473118666800419.
    scores = np.clip(0.3 + 0.1 * HITS + 0.5 * np.sin(PLACES), 0, 1)
    folds = np.full(40, FOLDS + 1)
    folds[0] = 0  # all but one label decide the weight of that one
    cells = one_cell(40, 10**9)
    inside = folds != 0

    found = tuned(cells, HITS, scores, folds)[0]

    both = np.cov(HITS[inside], scores[inside])
    assert found == pytest.approx(both[0, 1] / both[1, 1])
    whole = np.cov(HITS, scores)
    assert whole[0, 1] / whole[1, 1] == pytest.approx(0.0473118666800419 * 1.01 * 4040 / 4039, rel=1e-4)


def test_without_trust_in_scores_it_is_the_classical_estimate() -> None:
    cells = one_cell(40, 4000)
    helped = powered(cells, HITS, Scores(SCORES, np.array([0.2]), np.zeros(40)))
    alone = classical(cells, HITS)

    assert float(helped.value) == float(alone.value) == pytest.approx(HITS.mean())
    assert float(helped.variance) == float(alone.variance)


def test_perfect_scores_leave_no_error() -> None:
    found = powered(one_cell(40, 4000), HITS, Scores(HITS, np.array([0.21]), np.ones(40)))

    assert float(found.value) == pytest.approx(0.21)
    assert float(found.variance) == pytest.approx(0.0)


def test_a_constant_added_to_all_scores_changes_nothing() -> None:
    cells = one_cell(40, 4000)
    plain = powered(cells, HITS, Scores(SCORES, np.array([0.2]), np.full(40, 0.7)))
    moved = powered(cells, HITS, Scores(SCORES + 0.3, np.array([0.5]), np.full(40, 0.7)))

    assert float(plain.value) == pytest.approx(float(moved.value))
    assert float(plain.variance) == pytest.approx(float(moved.variance))


def test_trust_is_learned_from_the_labels_of_other_folds_alone() -> None:
    cells, folds = one_cell(40, 4000), np.arange(40) % FOLDS
    changed = HITS.copy()
    changed[folds == 2] = 1 - changed[folds == 2]

    before, after = (tuned(cells, hits, SCORES, folds) for hits in (HITS, changed))

    assert (before[folds == 2] == after[folds == 2]).all()
    assert (before[folds != 2] != after[folds != 2]).any()


@pytest.mark.parametrize(
    ("scores", "expected"),
    [(HITS / 10, 1.0), (1 - HITS, 0.0), (np.full(40, 0.3), 0.0)],
    ids=[
        "too low scores are trusted fully, not tenfold",
        "reversed ones not at all",
        "equal ones tell nothing",
    ],
)
def test_trust_is_between_nothing_and_full(scores: NDArray[np.float64], expected: float) -> None:
    found = tuned(one_cell(40, 4000), HITS, scores, np.arange(40) % FOLDS)

    assert found == pytest.approx(np.full(40, expected))


def test_folds_are_dealt_in_turn_within_each_cell() -> None:
    cell = np.array([1, 0, 1, 1, 0, 1, 1, 1, 0])
    folds = folds_of(cell)

    assert folds[cell == 1].tolist() == [0, 1, 2, 3, 4, 0]
    assert folds[cell == 0].tolist() == [0, 1, 2]


def test_draws_side_by_side_are_those_of_each_alone() -> None:
    random = np.random.default_rng(3)
    cells, folds = one_cell(40, 4000), np.arange(40) % FOLDS
    hits = (random.random((5, 40)) < 0.3).astype(float)
    scores = np.clip(hits * 0.4 + random.random((5, 40)) * 0.5, 0, 1)
    together = powered(cells, hits, Scores(scores, np.array([0.3]), tuned(cells, hits, scores, folds)))

    for draw in range(5):
        credit = tuned(cells, hits[draw], scores[draw], folds)
        alone = powered(cells, hits[draw], Scores(scores[draw], np.array([0.3]), credit))
        assert float(together.value[draw]) == pytest.approx(float(alone.value))
        assert float(together.third[draw]) == pytest.approx(float(alone.third))
        assert float(together.more.share[draw]) == pytest.approx(float(alone.more.share))
