"""Error rates over planted truth, on both databases; and how often their intervals hold it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import cycle

import numpy as np
import pytest
from sqlalchemy import update

from tocsin.assessment import Level
from tocsin.errors import InputError
from tocsin.service.review.contract_testing import (
    CONFIRM,
    DISMISS,
    START,
    FixedClock,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.log import OPERATOR
from tocsin.service.review.quality.arrivals import By
from tocsin.service.review.quality.period import Period, latest_period
from tocsin.service.review.quality.rates import PolicyRates, Rates, parts_of, rates
from tocsin.service.review.quality.testing import SOUP, Planted, Platform, plant
from tocsin.service.review.quality.weighing import Told
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, erase
from tocsin.service.review.store.tables import decisions, items, tasks
from tocsin.service.review.tasks import claim_next

PERIOD = Period(START - timedelta(days=28), START)
AT = START - timedelta(days=3)
DRAWS = 300
BAND = (0.91, 1.0)

URGENT = Planted(Level.URGENT, AT, SOUP, flags={SOUP: Level.URGENT})
REVIEW = Planted(Level.REVIEW, AT, "", flags={SOUP: Level.REVIEW})
QUIET = Planted(Level.NONE, AT, chance=0.1)
DRAWN = Planted(Level.NONE, AT, "", chance=0.1, drawn=True)
FOUND = Planted(Level.NONE, AT, SOUP, chance=0.1, drawn=True)


def planted(desk: Desk, by: Reviewer, *given: Planted) -> list[int]:
    return desk.write(plant, by.number, given)


def told(desk: Desk, by: By | None = None, period: Period = PERIOD) -> Rates:
    return desk.read(rates, period, by)


def of(found: Rates, policy: str | None = SOUP) -> PolicyRates:
    (one,) = [each for each in found.whole.policies if each.policy == policy]
    return one


def test_rates_weigh_what_the_audit_drew_by_its_chance(desk: Desk, alice: Reviewer) -> None:
    planted(desk, alice, *[URGENT] * 30, *[REVIEW] * 20, *[QUIET] * 360, *[DRAWN] * 38, *[FOUND] * 2)
    found = told(desk)
    assert (found.whole.items, found.whole.flagged, found.whole.drawn, found.whole.waiting) == (
        450,
        50,
        40,
        0,
    )
    soup = of(found)
    assert (soup.urgent.value, soup.review.value) == pytest.approx((1.0, 30 / 50))
    # 2 of 40 drawn stand for 20 of 400: beside 30 that were found, 20 of 50.
    assert soup.missed.value == pytest.approx(20 / 50)
    assert (soup.found, soup.missed_found) == (30, 2)


def test_an_item_that_was_confirmed_for_another_policy_is_no_hit_of_this_one(
    desk: Desk, alice: Reviewer
) -> None:
    other = Planted(Level.URGENT, AT, "broth", flags={SOUP: Level.URGENT})
    planted(desk, alice, *[URGENT] * 30, *[other] * 10)
    found = told(desk)
    assert of(found).urgent.value == pytest.approx(30 / 40)
    assert of(found, None).urgent.value == 1.0


def test_what_could_not_be_judged_and_breaks_a_policy_was_missed(desk: Desk, alice: Reviewer) -> None:
    unjudged = Planted(None, AT, SOUP)
    planted(desk, alice, *[URGENT] * 30, *[unjudged] * 10, *[QUIET] * 100, *[DRAWN] * 20)
    assert of(told(desk)).missed.value == pytest.approx(10 / 40)


def test_chances_that_changed_are_weighed_each_by_its_own(desk: Desk, alice: Reviewer) -> None:
    often = [Planted(Level.NONE, AT, SOUP, chance=0.5, drawn=True)] * 5
    often += [Planted(Level.NONE, AT, "", chance=0.5, drawn=True)] * 15 + [
        Planted(Level.NONE, AT, chance=0.5)
    ] * 20
    planted(desk, alice, *[URGENT] * 30, *often, *[QUIET] * 180, *[DRAWN] * 20)
    assert of(told(desk)).missed.value == pytest.approx(10 / 40)


def test_decisions_that_were_undone_do_not_count(desk: Desk, alice: Reviewer) -> None:
    numbers = planted(desk, alice, *[URGENT] * 40, *[REVIEW] * 400)
    desk.store.write(
        lambda tx: tx.execute(
            update(decisions)
            .where(decisions.c.item == numbers[0])
            .values(undone_at=START, undone_by=alice.number)
        )
    )
    found = told(desk)
    assert (of(found).urgent.decided, found.whole.gone) == (39, 1)


def test_the_latest_decision_that_stands_is_what_counts(desk: Desk, alice: Reviewer) -> None:
    numbers = planted(desk, alice, *[URGENT] * 40)
    (first,) = rows(desk, decisions, decisions.c.item == numbers[0])
    later = {**first._mapping, "id": first.id + 1_000, "claim": "later", "verdict": "dismiss", "policy": None}
    desk.store.write(lambda tx: tx.execute(decisions.insert().values(later)))
    assert of(told(desk)).urgent.value == pytest.approx(39 / 40)


def test_what_waits_is_said_and_too_much_of_it_is_no_rate(desk: Desk, alice: Reviewer) -> None:
    waiting = Planted(Level.URGENT, AT, flags={SOUP: Level.URGENT})
    planted(desk, alice, *[URGENT] * 96, *[waiting] * 4)
    found = told(desk)
    assert (found.whole.waiting, of(found).urgent.value) == (4, 1.0)
    planted(desk, alice, *[waiting] * 4)
    found = told(desk)
    assert (found.whole.waiting, of(found).urgent.value) == (8, None)
    assert of(found).urgent.why == "8% of what people are to decide waits: end the period earlier"


def test_an_audit_that_waits_is_no_miss_rate_however_much_was_flagged(desk: Desk, alice: Reviewer) -> None:
    # What users report of the audit's is decided first, and is no random part of it.
    waits = Planted(Level.NONE, AT, chance=0.1, drawn=True)
    planted(desk, alice, *[URGENT] * 600, *[QUIET] * 360, *[FOUND] * 20, *[waits] * 20)
    found = of(told(desk))
    assert found.urgent.value == 1.0
    assert str(found.missed.why).startswith("50% of what people are to decide, by what it stands for, waits")


def test_what_was_erased_before_a_decision_is_gone_and_not_waiting(desk: Desk, alice: Reviewer) -> None:
    waiting = Planted(Level.URGENT, AT, flags={SOUP: Level.URGENT})
    numbers = planted(desk, alice, *[URGENT] * 30, waiting)
    (last,) = rows(desk, items, items.c.id == numbers[-1])
    desk.write(erase, last.platform_id, OPERATOR)
    found = told(desk)
    assert (found.whole.items, found.whole.waiting, found.whole.gone) == (31, 0, 1)


def test_golden_items_are_none_that_arrived(desk: Desk, alice: Reviewer) -> None:
    numbers = planted(desk, alice, *[URGENT] * 30)
    golden = update(tasks).where(tasks.c.item == numbers[0]).values(queue=Queue.GOLDEN.value)
    desk.store.write(lambda tx: tx.execute(golden))
    assert told(desk).whole.items == 29


def test_what_arrived_before_or_after_is_not_of_the_period(desk: Desk, alice: Reviewer) -> None:
    moments = (PERIOD.since - timedelta(seconds=1), PERIOD.since, PERIOD.until)
    planted(desk, alice, *(Planted(Level.URGENT, at, SOUP) for at in moments))
    assert told(desk).whole.items == 1


def test_a_period_in_which_the_audit_was_off_has_no_miss_rate(desk: Desk, alice: Reviewer) -> None:
    planted(desk, alice, *[URGENT] * 30, *[DRAWN] * 30, *[Planted(Level.NONE, AT, chance=0.0)] * 5)
    found = told(desk)
    assert found.whole.no_chance == 5
    assert "audit was off when 5 of them came" in str(of(found).missed.why)


def test_fewer_than_twenty_decisions_tell_nothing(desk: Desk, alice: Reviewer) -> None:
    planted(desk, alice, *[URGENT] * 19, *[QUIET] * 300, *[DRAWN] * 19)
    found = of(told(desk))
    assert (found.urgent.why, found.missed.why) == ("fewer than 20 decided items, 19",) * 2


@pytest.mark.parametrize("by", [*By])
def test_parts_are_told_and_small_ones_only_counted(desk: Desk, alice: Reviewer, by: By) -> None:
    def part(name: str, count: int) -> list[Planted]:
        return [
            Planted(Level.URGENT, AT, SOUP, flags={SOUP: Level.URGENT}, language=name, community=name)
        ] * count

    planted(desk, alice, *part("de", 30), *part("en", 50), *part("fr", 19), *part("nl", 2))
    found = told(desk, by)
    assert [(one.value, one.items) for one in found.parts] == [("en", 50), ("de", 30)]
    assert (found.small_parts, found.small_items, found.whole.items) == (2, 21, 101)


def test_what_a_community_missed_is_weighed_although_nobody_keeps_where_the_rest_was_posted(
    make_desk: Callable[..., Desk], clock: FixedClock
) -> None:
    desk = make_desk(audit_share=0.4, claims_each=100)
    by = reviewer(desk)
    quiet = [judged(f"p{number}", level="none", community="kitchen") for number in range(80)]
    handed_in(desk, *quiet, *(judged(f"u{number}", community="kitchen") for number in range(20)))
    said = cycle([CONFIRM, DISMISS])
    while (task := desk.jot(claim_next, by)) is not None:
        assert task.claim is not None
        desk.write(decide, by, task.claim, next(said))
    found = told(desk, By.COMMUNITY, Period(clock(), clock() + timedelta(seconds=1)))

    (kitchen,) = [one for one in found.parts if one.value == "kitchen"]
    (soup,) = [one for one in kitchen.policies if one.policy == SOUP]
    assert kitchen.items == kitchen.flagged + kitchen.drawn < found.whole.items == 100
    assert soup.missed == of(found).missed
    assert soup.missed.value == pytest.approx(4 / 5, abs=0.05)  # half of 80 beside half of 20


def test_too_many_parts_may_be_persons(desk: Desk, alice: Reviewer) -> None:
    planted(desk, alice, *(Planted(Level.URGENT, AT, SOUP, community=f"c{number}") for number in range(501)))
    with pytest.raises(InputError, match="at most 500 values"):
        told(desk, By.COMMUNITY)


def test_the_latest_period_ended_a_week_ago_and_had_four(clock: FixedClock) -> None:
    found = latest_period(clock.at)
    assert (found.since, found.until) == (
        clock.at.replace(hour=0) - timedelta(days=35), clock.at.replace(hour=0) - timedelta(days=7)
    )  # fmt: skip


def test_a_period_must_have_a_length() -> None:
    with pytest.raises(InputError, match="begin before it ends"):
        Period(START, START)


def test_nothing_has_no_rates(desk: Desk) -> None:
    found = told(desk)
    assert found.whole.items == 0
    assert of(found, None).missed == Told(0, why="fewer than 20 decided items, 0")


@pytest.mark.parametrize(
    "platform",
    [
        pytest.param(Platform(20_000, 0.03, 0.05), id="a common policy"),
        pytest.param(Platform(50_000, 0.005, 0.02), id="a rare one"),
        pytest.param(
            Platform(50_000, 0.02, 0.005, finds=(0.1, 0.2, 0.65, 0.05)), id="a model that misses most"
        ),
    ],
)
def test_intervals_hold_the_truth_as_often_as_they_say(platform: Platform) -> None:
    random = np.random.default_rng(1)
    truths = {
        "urgent": platform.precision(Level.URGENT),
        "review": platform.precision(Level.URGENT, Level.REVIEW),
        "missed": platform.missed,
    }
    held = dict.fromkeys(truths, 0)
    for part in parts_of([(None, platform.arrive(random)) for _ in range(DRAWS)]):
        for name, truth in truths.items():
            found: Told = getattr(part.policies[1], name)
            assert found.low is not None
            assert found.high is not None
            held[name] += found.low <= truth <= found.high
    assert all(BAND[0] <= count / DRAWS <= BAND[1] for count in held.values()), held
