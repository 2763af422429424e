"""Shares and how far a distribution moved: arithmetic, held to published values and to chance itself."""

from __future__ import annotations

import math
import random

import pytest

from tocsin.service.review.contract_testing import START
from tocsin.service.review.records.figures.days import midnight, number_of
from tocsin.service.review.records.figures.drift import (
    FEWEST_ITEMS,
    Moved,
    drift,
    stability_index,
)
from tocsin.service.review.records.figures.share import FEWEST, share_of, wilson
from tocsin.service.review.records.figures.volume import Days

TODAY = number_of(midnight(START).date())


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        pytest.param(81, 263, 0.2553, 0.3662, id="Newcombe 1998, table I"),
        pytest.param(15, 148, 0.0624, 0.1605, id="Newcombe 1998, table I, a small share"),
        pytest.param(0, 20, 0.0, 0.1611, id="Newcombe 1998, table I, none"),
        pytest.param(1, 29, 0.0061, 0.1718, id="Newcombe 1998, table I, one"),
        pytest.param(29, 29, 1 - 0.1170, 1.0, id="all"),
    ],
)
def test_an_interval_is_the_one_that_is_published(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("of", [20, 60, 400])
def test_an_interval_holds_the_true_share_as_often_as_it_says(of: int) -> None:
    shares = [place / 100 for place in range(5, 96)]
    held = [
        sum(
            math.comb(of, hits) * share**hits * (1 - share) ** (of - hits)
            for hits in range(of + 1)
            if wilson(hits, of)[0] <= share <= wilson(hits, of)[1]
        )
        for share in shares
    ]
    assert 0.945 <= sum(held) / len(held) <= 0.96
    assert min(held) >= 0.9


def test_too_few_have_no_share() -> None:
    few = share_of(3, FEWEST - 1)
    assert (few.hits, few.of, few.value, few.low, few.high) == (3, FEWEST - 1, None, None, None)
    assert share_of(3, FEWEST).value == 3 / FEWEST


def test_the_index_is_nought_for_equal_shares_and_grows_with_their_distance() -> None:
    assert stability_index([50_000, 50_000], [500_000, 500_000]) == pytest.approx(0, abs=1e-6)
    # 0.1 ln(0.6 / 0.5) - 0.1 ln(0.4 / 0.5)
    assert stability_index([60_000, 40_000], [50_000, 50_000]) == pytest.approx(0.04055, abs=1e-4)
    assert stability_index([1_000, 0], [0, 1_000]) > 10


def days(recent: dict[str, dict[int, int]], before: dict[str, dict[int, int]]) -> Days:
    """Return so many items in one of the last seven whole days, and in one of the 28 before."""
    return {TODAY - 7: recent, TODAY - 8: before}


def test_what_stays_alike_is_stable_and_what_moves_is_told_by_how_much() -> None:
    even = {"none": dict.fromkeys(range(0, 200, 2), 50)}
    told = drift(days(even, even), START)
    assert told.levels is not None
    assert told.priorities is not None
    assert (told.levels.moved, told.priorities.moved) == (Moved.STABLE, Moved.STABLE)

    upwards = {"none": {place: 60 + place for place in range(0, 200, 2)}}
    moved = drift(days(upwards, even), START).priorities
    flagged = {"none": {0: 500}, "urgent": {199: 500}}
    much = drift(days(flagged, even), START)
    assert moved is not None
    assert much.priorities is not None
    assert much.levels is not None
    assert (moved.moved, much.priorities.moved, much.levels.moved) == (Moved.MOVED, Moved.MUCH, Moved.MUCH)


def test_too_few_items_on_either_side_say_nothing() -> None:
    many, few = {"none": {3: FEWEST_ITEMS}}, {"none": {3: FEWEST_ITEMS - 1}}
    assert drift(days(many, many), START).levels is not None
    for recent, before in ((many, few), (few, many)):
        told = drift(days(recent, before), START)
        assert (told.levels, told.priorities) == (None, None)


def test_only_whole_days_of_the_two_spans_count() -> None:
    one = {"none": {3: 1_000}}
    outside = {TODAY: one, TODAY - 36: one}
    told = drift({**days(one, one), **outside}, START)
    assert (told.recent["none"], told.before["none"]) == (1_000, 1_000)


def test_as_many_as_are_asked_for_keep_chance_under_the_rule_of_thumb() -> None:
    draw = random.Random(11)  # noqa: S311

    def drawn(count: int) -> dict[str, dict[int, int]]:
        bins: dict[int, int] = {}
        for _ in range(count):
            place = int(200 * draw.random() ** 3)  # most priorities are low
            bins[place] = bins.get(place, 0) + 1
        return {"none": bins}

    moved = 0
    for _ in range(100):
        told = drift(days(drawn(FEWEST_ITEMS), drawn(FEWEST_ITEMS)), START).priorities
        assert told is not None
        moved += told.moved is not Moved.STABLE
    assert moved <= 1
