"""Areas by group are those of scikit-learn on the rows that they compare."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tocsin.eval.fairness.areas import AREAS, subgroup_areas

Bools = NDArray[np.bool_]


def compared(labels: NDArray[np.int8], member: Bools) -> dict[str, Bools]:
    """Return the rows that each area is over, as Borkan et al. 2019 define them."""
    positive = labels == 1
    return {
        "subgroup": member,
        "bpsn": (positive & ~member) | (~positive & member),
        "bnsp": (positive & member) | (~positive & ~member),
    }


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("decimals", [pytest.param(1, id="many-ties"), pytest.param(9, id="no-ties")])
def test_areas_are_those_of_scikit_learn(seed: int, decimals: int) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, 300).astype(np.int8)
    scores = (generator.normal(labels, 1)).round(decimals)
    members = [generator.random(300) < share for share in (0.2, 0.4)]
    found = subgroup_areas(labels, scores, members)
    for member, areas in zip(members, found, strict=True):
        assert tuple(areas) == AREAS
        for name, rows in compared(labels, member).items():
            expected = roc_auc_score(labels[rows], scores[rows])
            assert areas[name].value == pytest.approx(expected, abs=1e-9)


def test_an_area_is_given_where_both_sides_have_twenty_rows() -> None:
    """Inside 20 positives and 19 negatives, outside 25 and 25."""
    labels = np.repeat(np.array([1, 0, 1, 0], np.int8), [20, 19, 25, 25])
    member = np.repeat([True, True, False, False], [20, 19, 25, 25])
    scores = np.random.default_rng(1).normal(labels, 1)
    few = np.zeros(len(labels), np.bool_)
    nothing, found = subgroup_areas(labels, scores, [few, member])
    assert nothing == {}
    assert set(found) == {"bnsp"}
    relabelled = np.where(np.arange(len(labels)) == 0, 0, labels).astype(np.int8)
    assert set(subgroup_areas(relabelled, scores, [few, member])[1]) == {"bpsn"}


def test_rows_that_came_together_count_together() -> None:
    """Ten copies of each row tell no more than one: the interval is that of the rows once."""
    generator = np.random.default_rng(3)
    labels = generator.integers(0, 2, 120).astype(np.int8)
    scores = generator.normal(labels, 1)
    member = generator.random(120) < 0.5
    (once,) = subgroup_areas(labels, scores, [member])
    copies = np.tile(np.arange(120), 10)
    (again,) = subgroup_areas(labels[copies], scores[copies], [member[copies]], copies)
    assert tuple(once) == AREAS
    for name in AREAS:
        assert again[name].value == pytest.approx(once[name].value, abs=1e-9)
        assert again[name].high - again[name].low == pytest.approx(once[name].high - once[name].low, rel=1e-6)


def test_intervals_hold_the_figure() -> None:
    generator = np.random.default_rng(2)
    labels = generator.integers(0, 2, 400).astype(np.int8)
    scores = generator.normal(labels, 1)
    member = generator.random(400) < 0.5
    (found,) = subgroup_areas(labels, scores, [member])
    assert tuple(found) == AREAS
    for estimate in found.values():
        assert estimate.low < estimate.value < estimate.high
        assert estimate.high - estimate.low < 0.2
