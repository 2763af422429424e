"""What belongs together is never on both sides of a fold."""

from __future__ import annotations

import random

import numpy as np
import pytest

from tocsin.example import Example
from tocsin.training.folds import FOLDS, clusters, grouped_folds

SOUP = "a slow soup of leeks, potatoes and a little cream, for four people who have time"
MATCH = "the keeper held a late penalty and the away end sang all the way to the station"


def row(number: int, text: str, group: str | None = None, partners: tuple[str, ...] = ()) -> Example:
    return Example(f"r{number}", text, "en", "kitchen", "CC0-1.0", group=group, partners=partners)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(row(1, SOUP), row(2, f"{SOUP.upper()}!"), id="a-copy-in-capitals"),
        pytest.param(row(1, SOUP), row(2, SOUP.replace("four", "five")), id="a-near-copy"),
        pytest.param(row(1, SOUP, group="g"), row(2, MATCH, group="g"), id="one-group"),
        pytest.param(row(1, SOUP, partners=("r2",)), row(2, MATCH), id="contrast-partners"),
    ],
)
def test_rows_that_belong_together_share_a_cluster(one: Example, other: Example) -> None:
    found = clusters([one, row(3, "bread"), other])

    assert found[0] == found[2] != found[1]


def test_rows_that_have_nothing_in_common_are_clusters_of_their_own() -> None:
    assert len(set(clusters([row(1, SOUP), row(2, MATCH), row(3, "bread", group="g")]).tolist())) == 3


def test_every_row_is_predicted_once_and_no_cluster_is_on_both_sides() -> None:
    draw = random.Random(3)  # noqa: S311 - toy data
    grouped = np.array([draw.randrange(60) for _ in range(400)])

    folds = grouped_folds(grouped)

    assert len(folds) == FOLDS
    assert sorted(np.concatenate([predicted for _, predicted in folds]).tolist()) == list(range(400))
    for fitted, predicted in folds:
        assert len(fitted) + len(predicted) == 400
        assert not set(grouped[fitted].tolist()) & set(grouped[predicted].tolist())
        assert 60 < len(predicted) < 100


def test_folds_do_not_follow_the_order_of_the_rows_and_are_the_same_every_time() -> None:
    grouped = np.arange(100)
    first = [predicted.tolist() for _, predicted in grouped_folds(grouped)]

    assert all(np.ptp(places) > 50 for places in first)
    assert first == [predicted.tolist() for _, predicted in grouped_folds(grouped)]
