"""Figures over planted truth: what came, what was decided of it, how soon, and what the audit found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from tocsin.service.review.contract_testing import (
    CONFIRM,
    DISMISS,
    PLATFORM,
    POLICY,
    FixedClock,
    claimed,
    decided,
    handed_in,
    judged,
    reviewer,
    rows,
    unscorable,
)
from tocsin.service.review.decisions import Appeal, AppealSource, appeal, decide, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.filling_testing import fill, fill_decided
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, erase
from tocsin.service.review.records.figures import Figures, figures_now, own_figures
from tocsin.service.review.records.figures.days import midnight
from tocsin.service.review.store.tables import decisions, flags, items, tasks

QUEUES = (Queue.REVIEW, Queue.URGENT, Queue.NOTICES, Queue.UNSCORABLE, Queue.RANDOM, Queue.GOLDEN)
TWO_DAYS = 48


def shown(desk: Desk) -> Figures:
    return desk.read(figures_now)


def test_an_empty_queue_has_empty_figures(desk: Desk, clock: FixedClock) -> None:
    told = shown(desk)
    assert told.as_of == clock.at
    assert len(told.volume) == len(told.flow) == 28
    assert {day.handed_in for day in told.volume} == {0}
    assert {(day.came, day.done, day.waiting) for day in told.flow} == {(0, 0, 0)}
    assert (list(told.precision), list(told.pace)) == ([], [])
    assert (told.audit.drawn, told.audit.confirmed.value, told.drift.levels) == (0, None, None)


def test_volume_counts_what_came_by_day_and_level(make_desk: Callable[..., Desk], clock: FixedClock) -> None:
    desk = make_desk(audit_share=1.0)
    handed_in(desk, judged("a", level="urgent"), judged("b"), judged("c", level="none"))
    clock.advance(hours=24)
    handed_in(desk, judged("d", assessment=unscorable("d")), judged("e", level="none"))
    yesterday, today = shown(desk).volume[-2:]
    assert (yesterday.urgent, yesterday.review, yesterday.none, yesterday.unjudged) == (1, 1, 1, 0)
    assert (yesterday.handed_in, yesterday.flagged, yesterday.drawn) == (3, 2, 1)
    assert (today.none, today.unjudged, today.handed_in, today.drawn) == (1, 1, 2, None)
    assert today.day == clock.at.date()


def test_what_came_more_than_28_days_ago_is_not_shown(desk: Desk, clock: FixedClock) -> None:
    handed_in(desk, judged("a"))
    clock.advance(hours=24 * 27)
    assert shown(desk).volume[0].review == 1
    clock.advance(hours=24)
    assert sum(day.handed_in for day in shown(desk).volume) == 0


def test_flow_counts_what_came_what_was_done_and_what_waited(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    handed_in(desk, judged("a"), judged("b"), judged("c"))
    decided(desk, alice)
    clock.advance(hours=24)
    handed_in(desk, judged("d"))
    decided(desk, alice)
    desk.write(erase, "d", PLATFORM)
    told = [(day.came, day.done, day.waiting) for day in shown(desk).flow[-3:]]
    assert told == [(0, 0, 0), (3, 1, 2), (1, 2, 1)]


def test_time_to_decision_is_ranked_and_too_few_are_not_told(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    for number in range(20):
        handed_in(desk, judged(f"p{number}"))
    for _ in range(20):
        clock.advance(60)
        decided(desk, alice, DISMISS)
    handed_in(desk, judged("u", level="urgent"))
    decided(desk, alice, DISMISS)
    urgent, review = shown(desk).pace
    assert (urgent.queue, urgent.month.count, urgent.month.median) == (Queue.URGENT, 1, None)
    assert (review.queue, review.week.count) == (Queue.REVIEW, 20)
    assert (review.week.median, review.week.ninth) == (600, 1_080)
    clock.advance(hours=24 * 8)
    assert [(one.week.count, one.month.count) for one in shown(desk).pace] == [(0, 1), (0, 20)]


def test_what_was_erased_undecided_is_done_and_was_no_decision(desk: Desk, clock: FixedClock) -> None:
    handed_in(desk, judged("a", notice=Notice("o1", NoticeKind.ORDER, NoticeSource.AUTHORITY)))
    desk.write(erase, "a", PLATFORM)
    told = shown(desk)
    assert (told.flow[-1].done, list(told.pace)) == (1, [])
    assert (told.deadlines.met, told.deadlines.missed, told.deadlines.overdue) == (0, 0, 0)


def test_deadlines_are_met_missed_or_overdue(desk: Desk, clock: FixedClock, alice: Reviewer) -> None:
    for number in range(4):
        notice = Notice(f"o{number}", NoticeKind.ORDER, NoticeSource.AUTHORITY)
        handed_in(desk, judged(f"p{number}", notice=notice))
    handed_in(desk, judged("without"))
    decided(desk, alice, CONFIRM, Queue.ORDERS)
    decided(desk, alice, CONFIRM, Queue.REVIEW)
    clock.advance(hours=2)
    decided(desk, alice, CONFIRM, Queue.ORDERS)
    told = shown(desk).deadlines
    assert (told.met, told.missed, told.overdue) == (1, 1, 2)


# Precision -------------------------------------------------------------------------------------------------


def precision(desk: Desk) -> list[tuple[str, int, int, int]]:
    return [
        (one.policy, one.any_policy.of, one.any_policy.hits, one.this_policy.hits)
        for one in shown(desk).precision
    ]


def test_precision_is_the_share_that_was_confirmed_of_what_was_flagged(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    handed_in(desk, *(judged(f"p{number}") for number in range(25)))
    for number in range(25):
        decided(desk, alice, CONFIRM if number < 10 else DISMISS)
    clock.advance(hours=24)
    (told,) = shown(desk).precision
    assert (told.policy, told.any_policy.hits, told.any_policy.of) == (POLICY, 10, 25)
    assert told.any_policy.value == 0.4
    assert told.any_policy.low == pytest.approx(0.2340, abs=5e-5)
    assert told.this_policy == told.any_policy


def test_an_item_is_told_of_under_each_policy_that_flagged_it(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    handed_in(desk, judged("p1"), judged("p2"))
    stewed = {"item": 1, "policy": "stew", "level": "review"}
    desk.store.write(lambda tx: tx.execute(insert(flags), stewed))
    decided(desk, alice, CONFIRM)
    decided(desk, alice, DISMISS)
    clock.advance(hours=24)
    assert precision(desk) == [(POLICY, 2, 1, 1), ("stew", 1, 1, 0)]
    assert shown(desk).precision[1].any_policy.value is None


def test_what_the_model_did_not_flag_is_not_told_of(
    make_desk: Callable[..., Desk], clock: FixedClock
) -> None:
    desk = make_desk(audit_share=1.0)
    alice = reviewer(desk, "alice")
    handed_in(desk, judged("p1", level="none"), judged("p2", assessment=unscorable("p2")))
    decided(desk, alice, CONFIRM)
    decided(desk, alice, CONFIRM)
    clock.advance(hours=24)
    assert precision(desk) == []


def test_of_several_decisions_on_an_item_the_latest_that_stands_counts(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    handed_in(desk, judged("p1"))
    decided(desk, alice, CONFIRM)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), PLATFORM.id)
    turned = decided(desk, bob, DISMISS, Queue.APPEALS)
    clock.advance(60)
    undone = desk.write(undo, bob, turned.number)
    clock.advance(hours=24)
    assert precision(desk) == [(POLICY, 1, 1, 1)]
    assert undone is not None
    desk.write(decide, bob, undone, DISMISS)
    assert precision(desk) == [(POLICY, 1, 1, 1)]  # today's come tomorrow
    clock.advance(hours=24)
    assert precision(desk) == [(POLICY, 1, 0, 0)]


def test_what_stands_no_more_is_not_told_of(desk: Desk, clock: FixedClock, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    made = decided(desk, alice, CONFIRM)
    desk.write(undo, alice, made.number)
    clock.advance(hours=24)
    assert precision(desk) == []


def test_golden_items_are_left_out_however_they_were_decided(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    handed_in(desk, judged("g1", expected=Expected(POLICY)))
    decided(desk, alice, CONFIRM)
    clock.advance(hours=1)
    handed_in(desk, judged("g1", notice=Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)))
    decided(desk, bob, DISMISS)
    clock.advance(hours=24)
    assert precision(desk) == []


def test_no_figure_but_of_tasks_moves_with_one_decision_or_it_would_tell_golden_ones(
    make_desk: Callable[..., Desk], clock: FixedClock
) -> None:
    desk = make_desk(audit_share=1.0)
    alice = reviewer(desk, "alice")
    handed_in(desk, judged("p1", level="none"), judged("p2"), judged("g", expected=Expected(POLICY)))
    clock.advance(hours=24)
    seen = []
    for _ in range(3):
        decided(desk, alice, CONFIRM)
        told = shown(desk)
        seen.append((told.precision, told.audit, told.volume[-1].drawn))
    assert seen == [seen[0]] * 3
    assert [(one.queue, one.month.count) for one in told.pace] == [(Queue.REVIEW, 2), (Queue.RANDOM, 1)]


def test_figures_of_many_are_what_counting_every_row_comes_to(
    make_desk: Callable[..., Desk], clock: FixedClock
) -> None:
    desk = make_desk()
    cooks = [reviewer(desk, f"cook {number}").number for number in range(3)]
    fill(desk, 300, QUEUES, spread=timedelta(days=40))
    fill_decided(desk, 900, cooks, QUEUES, spread=timedelta(days=40))
    undone = update(decisions).where(decisions.c.id % 9 == 0).values(undone_at=clock.at, undone_by=cooks[0])
    desk.store.write(lambda tx: tx.execute(undone))
    told = shown(desk)
    made = [row for row in rows(desk, decisions) if row.undone_at is None]
    task = {row.id: row for row in rows(desk, tasks)}

    since, until = midnight(clock.at) - timedelta(days=28), midnight(clock.at)
    golden = {one.item for one in task.values() if one.queue == "golden"}
    flagged = {row.item for row in rows(desk, flags)} - golden
    counted = [row for row in made if since <= row.made_at < until and row.item in flagged]
    (soup,) = told.precision
    assert (soup.any_policy.of, soup.any_policy.hits) == (
        len(counted),
        sum(row.verdict == "confirm" for row in counted),
    )

    month = [row for row in made if row.made_at >= clock.at - timedelta(days=28)]
    for one in told.pace:
        waits = sorted(
            (row.made_at - task[row.task].created_at).total_seconds()
            for row in month
            if task[row.task].shown == one.queue.value
        )
        assert one.month.count == len(waits)
        assert one.month.median == waits[(len(waits) + 1) // 2 - 1]
    assert sum(one.month.count for one in told.pace) == len(month)

    came = Counter(row.created_at.date() for row in task.values())
    went = Counter(row.done_at.date() for row in task.values() if row.done_at)
    assert [(day.came, day.done) for day in told.flow] == [
        (came[day.day], went[day.day]) for day in told.flow
    ]
    assert told.flow[-1].waiting == 300
    handed = Counter(row.received_at.date() for row in rows(desk, items))
    assert [day.handed_in for day in told.volume] == [handed[day.day] for day in told.volume]


# The random audit ------------------------------------------------------------------------------------------


def audited(desk: Desk, alice: Reviewer, clock: FixedClock, count: int, confirmed: int) -> None:
    handed_in(desk, *(judged(f"n{number}", level="none", priority=0.01) for number in range(count)))
    for number in range(count - 2):  # two wait
        decided(desk, alice, CONFIRM if number < confirmed else DISMISS)
    clock.advance(hours=24)


def test_the_audit_tells_what_was_confirmed_of_what_it_drew(
    make_desk: Callable[..., Desk], clock: FixedClock
) -> None:
    desk = make_desk(audit_share=1.0)
    audited(desk, reviewer(desk, "alice"), clock, 42, 4)
    told = shown(desk).audit
    assert (told.drawn, told.confirmed.of, told.confirmed.hits, told.even) == (42, 40, 4, True)
    assert told.weighted == pytest.approx(0.1)


def test_what_was_likelier_to_be_drawn_weighs_less(make_desk: Callable[..., Desk], clock: FixedClock) -> None:
    desk = make_desk(audit_share=1.0)
    audited(desk, reviewer(desk, "alice"), clock, 42, 20)
    confirmed = [row.task for row in rows(desk, decisions) if row.verdict == "confirm"]
    rarer = update(tasks).where(tasks.c.id.in_(confirmed)).values(inclusion=0.25)
    desk.store.write(lambda tx: tx.execute(rarer))
    told = shown(desk).audit
    # 20 that stand for four each, 20 that stand for themselves.
    assert (told.even, told.confirmed.value) == (False, 0.5)
    assert told.weighted == pytest.approx(80 / 100)


def test_an_appeal_decides_of_a_drawn_item_too(make_desk: Callable[..., Desk], clock: FixedClock) -> None:
    desk = make_desk(audit_share=1.0)
    alice, bob = reviewer(desk, "alice"), reviewer(desk, "bob")
    audited(desk, alice, clock, 42, 4)
    turned = next(row for row in rows(desk, decisions) if row.verdict == "confirm")
    name = next(row.platform_id for row in rows(desk, items) if row.id == turned.item)
    desk.write(appeal, name, Appeal("a1", AppealSource.AUTHOR), PLATFORM.id)
    decided(desk, bob, DISMISS, Queue.APPEALS)
    clock.advance(hours=24)
    assert (shown(desk).audit.confirmed.hits, shown(desk).audit.confirmed.of) == (3, 40)


# Drift and one's own ---------------------------------------------------------------------------------------


def test_drift_is_read_from_the_tables(desk: Desk, clock: FixedClock) -> None:
    _plant(desk, clock.at - timedelta(days=20), "none", 0.1, 600)
    _plant(desk, clock.at - timedelta(days=2), "urgent", 0.9, 600)
    _plant(desk, clock.at, "urgent", 0.9, 5)
    told = shown(desk).drift
    assert (told.recent["urgent"], told.before["none"]) == (600, 600)
    assert told.levels is not None
    assert told.priorities is not None
    assert (told.levels.moved.value, told.priorities.moved.value) == ("much", "much")


def _plant(desk: Desk, at: datetime, level: str, priority: float, count: int) -> None:
    row: dict[str, Any] = {"received_at": at, "digest": b"", "level": level, "priority": priority}
    desk.store.write(lambda tx: tx.execute(insert(items), [row] * count))


def test_one_is_told_how_much_one_decided_and_how_long_it_took_and_nothing_of_others(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    for number in range(22):
        handed_in(desk, judged(f"p{number}"))
        _, claim = claimed(desk, alice)
        clock.advance(number)
        desk.write(decide, alice, claim, DISMISS)
    handed_in(desk, judged("bobs"))
    decided(desk, bob)
    week, month = desk.read(own_figures, alice.number)
    assert (week.days, week.decided, week.seconds) == (7, 22, 10.5)
    assert month == type(month)(28, 22, 10.5)
    assert [(one.decided, one.seconds) for one in desk.read(own_figures, bob.number)] == [(1, None)] * 2
    clock.advance(hours=24 * 8)
    assert [one.decided for one in desk.read(own_figures, alice.number)] == [0, 22]
