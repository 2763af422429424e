"""What is told of double review: agreement of the pairs, and what became of those that differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

import numpy as np
import pytest

from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    PLATFORM,
    POLICY,
    START,
    FixedClock,
    claimed,
    decided,
    handed_in,
    judged,
    reviewer,
)
from tocsin.service.review.decisions import Appeal, AppealSource, Said, appeal
from tocsin.service.review.desk import Desk
from tocsin.service.review.double_testing import ALL, decided_first, decided_twice, wait
from tocsin.service.review.quality.doubling import Came, Doubled, Ending, double_review, read_pairs
from tocsin.service.review.quality.period import Period
from tocsin.service.review.quality.readings import Reading
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, erase, raise_page
from tocsin.service.review.verdict import Verdict

PERIOD = Period(START, START + timedelta(days=28))


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk(double_share=ALL)


def told(desk: Desk) -> Doubled:
    return desk.read(double_review, PERIOD)


def counts(found: Doubled) -> tuple[int, ...]:
    return found.eligible, found.drawn, found.decided, found.waiting, found.lost


def test_where_nothing_was_drawn_nothing_is_told(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    decided_first(desk, reviewer(desk))
    found = told(desk)
    assert counts(found) == (0, 0, 0, 0, 0)
    assert [one.agreement.plain.why for one in found.agreement] == [
        "worth fewer than 20 items with two readings, 0"
    ]


def test_a_pair_has_a_first_and_a_second_reading_with_the_chance_that_it_was_drawn_by(
    make_desk: Callable[..., Desk], clock: FixedClock
) -> None:
    desk = make_desk(double_share=0.25, claims_each=100)  # of confirmations all
    alice, bob = reviewer(desk), reviewer(desk, "bob")
    decided_twice(desk, clock, alice, bob)
    item = 1
    assert desk.store.read(lambda tx: read_pairs(tx, PERIOD)) == [
        Reading(item, POLICY, second=False, chance=1.0),
        Reading(item, None, second=True, chance=1.0),
    ]


def test_what_waits_was_erased_or_was_left_to_leads_is_counted_apart(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, lead: Reviewer
) -> None:
    decided_first(desk, alice, item="p1")
    decided_first(desk, alice, item="p2")
    desk.write(erase, "p2", PLATFORM)
    decided_first(desk, alice, DISMISS, item="p3")
    wait(clock, desk)
    tasks = [claimed(desk, bob, Queue.SECOND)[0] for _ in range(2)]
    desk.write(raise_page, bob, tasks[1].number)
    assert decided(desk, lead).said == CONFIRM
    found = told(desk)
    assert counts(found) == (3, 3, 0, 1, 2)
    assert found.endings == dict.fromkeys(Ending, 0)


def test_pairs_that_differ_are_counted_by_how_they_ended(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    broth = Said(Verdict.CONFIRM, "broth")
    for number, (second, third) in enumerate(
        [(DISMISS, CONFIRM), (DISMISS, DISMISS), (broth, broth), (CONFIRM, None)]
    ):
        decided_twice(desk, clock, alice, bob, second, item=f"p{number}")
        wait(clock, desk)
        if third is not None:
            decided(desk, senior, third, Queue.ADJUDICATION)
    decided_twice(desk, clock, alice, bob, item="appealed")
    wait(clock, desk)
    desk.write(appeal, "appealed", Appeal("a1", AppealSource.AUTHOR), BY)
    decided_twice(desk, clock, alice, bob, item="fresh")
    found = told(desk)
    assert (found.decided, found.other_verdict, found.other_policy) == (6, 4, 1)
    assert found.endings == {
        Ending.UPHELD: 1,
        Ending.OVERTURNED: 2,
        Ending.WAITING: 1,
        Ending.NOT_ASKED: 1,
    }


def test_each_pair_stands_for_what_was_lost_of_its_first_verdict_too(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    for number in range(4):
        decided_first(desk, alice, DISMISS, item=f"kept{number}")
        decided_first(desk, alice, item=f"p{number}")
    for number in (1, 2, 3):
        desk.write(erase, f"kept{number}", PLATFORM)  # dismissals go sooner, where schedules say so
    wait(clock, desk)
    for _ in range(5):
        decided(desk, bob, DISMISS, Queue.SECOND)
    found = told(desk)
    assert found.by_first == {Verdict.CONFIRM: Came(4, 4), Verdict.DISMISS: Came(4, 1)}
    pairs = desk.store.read(lambda tx: read_pairs(tx, PERIOD))
    assert {(one.policy, one.chance) for one in pairs if not one.second} == {(POLICY, 1.0), (None, 0.25)}
    assert sum(1 / one.chance for one in pairs if not one.second) == found.drawn == 8


@pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
def test_agreement_of_many_is_weighed_and_tells_of_nobody(
    make_desk: Callable[..., Desk], clock: FixedClock
) -> None:
    desk = make_desk(double_share=0.2, claims_each=1_000, severe_a_shift=0, severe_in_a_row=0)
    alice, bob, random = reviewer(desk), reviewer(desk, "bob"), np.random.default_rng(7)
    count = 240
    handed_in(desk, *(judged(f"p{number}", "Soup", level="urgent") for number in range(count)))
    truth = random.random(count) < 0.4
    for breaks in truth:
        decided(desk, alice, CONFIRM if breaks else DISMISS, Queue.URGENT)
    wait(clock, desk)
    found = told(desk)
    for _ in range(found.drawn):
        decided(desk, bob, CONFIRM if random.random() < 0.5 else DISMISS, Queue.SECOND)
    found = told(desk)
    whole, soup = found.agreement
    pairs = desk.store.read(lambda tx: read_pairs(tx, PERIOD))
    first, second = ([one for one in pairs if one.second is side] for side in (False, True))
    weights = np.array([1 / one.chance for one in first])
    same = np.array([one.policy == other.policy for one, other in zip(first, second, strict=True)])
    assert {round(one.chance, 3) for one in first} == {0.2, 0.8}
    assert whole.agreement.plain.value == pytest.approx(float((weights * same).sum() / weights.sum()))
    assert (found.eligible, found.decided, soup.policy) == (count, found.drawn, POLICY)
    assert soup.agreement.kappa.value is not None
    assert abs(soup.agreement.kappa.value) < 0.5  # the second reader tossed a coin
    assert "reviewer" not in str(asdict(found))
