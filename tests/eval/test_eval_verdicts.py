"""Cases of one template tell less than as many fresh ones, and intervals say so."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.eval.statistics.intervals import Estimate, clustered_share, proportion, wilson


def clustered(
    generator: np.random.Generator, groups: int, size: int
) -> tuple[NDArray[np.bool_], NDArray[np.intp]]:
    """Draw cases of templates that are right with a chance of their own, 0.7 on average."""
    chances = np.repeat(generator.beta(1.4, 0.6, groups), size)
    return generator.random(groups * size) < chances, np.repeat(np.arange(groups), size)


def test_the_interval_of_cases_that_are_alike_holds_the_true_share_as_often_as_it_says() -> None:
    generator, held, blind = np.random.default_rng(6), 0, 0
    for _ in range(600):
        drawn, groups = clustered(generator, 25, 6)
        found, naive = clustered_share(drawn, groups), proportion(int(drawn.sum()), len(drawn))
        held += found.low <= 0.7 <= found.high
        blind += naive.low <= 0.7 <= naive.high
    assert 0.93 <= held / 600 <= 0.985
    assert blind / 600 < 0.85


@pytest.mark.parametrize(
    ("right_ones", "groups", "expected"),
    [
        pytest.param([1, 1, 0, 1], [0, 1, 2, 3], proportion(3, 4), id="each-a-fresh-one"),
        pytest.param([1, 1, 1, 1], [0, 0, 1, 1], wilson(1.0, 2), id="all-right-count-as-their-templates"),
        pytest.param([0, 0, 0, 0], [5, 5, 9, 9], wilson(0.0, 2), id="all-wrong"),
        pytest.param([1, 0, 1, 0], [3, 3, 3, 3], wilson(0.5, 1), id="one-template"),
    ],
)
def test_shares_of_few_templates(right_ones: list[int], groups: list[int], expected: Estimate) -> None:
    assert clustered_share(np.array(right_ones) == 1, np.array(groups)) == expected
