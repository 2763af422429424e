"""The record of orders: what happened when, and whether the hour was kept, as the law counts it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest

from tocsin.service.review.compliance.order_clock import list_orders
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    PLATFORM,
    START,
    FixedClock,
    claimed,
    handed_in,
    judged,
    reviewer,
)
from tocsin.service.review.decisions import decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.records import (
    Automation,
    Extent,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    Reviewer,
    erase,
    record,
    view,
)

ORDER = Notice(
    "o1", NoticeKind.ORDER, NoticeSource.AUTHORITY, received_at=START, policy="soup", statement="Cold!"
)
REMOVED = Measure(
    "m1", MeasureKind.REMOVED, Ground.ILLEGAL, "Soup Act", MeasureSource.ORDER, Automation.NONE, START
)
SQLITE = pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)  # what no database has a say in


@pytest.fixture
def alice(desk: Desk) -> Reviewer:
    return reviewer(desk)


def worked(desk: Desk, by: Reviewer, clock: FixedClock, said: Any = CONFIRM) -> None:
    """Hand an order in two minutes after it came, look at 5, decide at 9."""
    clock.advance(minutes=2)
    handed_in(desk, judged("p1", notice=ORDER))
    task, claim = claimed(desk, by)
    clock.advance(minutes=3)
    desk.write(view, by, task.number, Extent.WHOLE)
    clock.advance(minutes=4)
    desk.write(decide, by, claim, said)


def test_an_order_is_told_from_receipt_to_removal(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    worked(desk, alice, clock)
    desk.write(record, "p1", replace(REMOVED, applied_at=START + timedelta(minutes=30), decision=1), BY)

    (order,) = desk.read(list_orders)
    minutes = {"taken_at": 2, "first_view_at": 5, "decided_at": 9, "applied_at": 30, "recorded_at": 9}
    assert asdict(order) == {
        "number": 1,
        "item": "p1",
        "reference": "o1",
        "source": "authority",
        "policy": "soup",
        "received_at": START,
        "deadline": START + timedelta(hours=1),
        "decision": 1,
        "verdict": "confirm",
        "measure": "m1",
        "measure_kind": "removed",
        "within_hour": True,
        "in_time": True,
        **{name: START + timedelta(minutes=count) for name, count in minutes.items()},
    }
    assert "Cold" not in repr(order)
    assert "alice" not in repr(order)


@SQLITE
@pytest.mark.parametrize(
    ("applied", "now", "kept"),
    [
        (60, 61, True),
        (61, 62, False),
        (-5, 10, True),
        (None, 60, None),
        (None, 61, False),
    ],
    ids=["at its very end", "a minute late", "gone before the order came", "still open", "not removed"],
)
def test_an_hour_is_kept_by_what_was_removed_within_it(
    desk: Desk, alice: Reviewer, clock: FixedClock, applied: int | None, now: int, kept: bool | None
) -> None:
    worked(desk, alice, clock)
    if applied is not None:
        measure = replace(REMOVED, applied_at=START + timedelta(minutes=applied))
        desk.write(record, "p1", measure, BY)
    clock.at = START + timedelta(minutes=now)

    assert desk.read(list_orders)[0].within_hour is kept


@SQLITE
@pytest.mark.parametrize(
    ("measured", "kept"),
    [
        pytest.param((("removed", -90, None), ("restored", -60, None)), False, id="taken back before"),
        pytest.param(
            (("removed", -90, None), ("restored", -60, None), ("removed", 20, None)),
            True,
            id="and gone again",
        ),
        pytest.param((("removed", -90, None), ("restored", 20, None)), True, id="taken back later"),
        pytest.param((("removed", -90, -60),), False, id="ended before"),
        pytest.param((("removed", -90, 200),), True, id="ends later"),
        pytest.param((("removed", -90, -80), ("disabled", -70, None)), True, id="ended, and done anew"),
    ],
)
def test_only_a_removal_in_force_meets_an_order(
    desk: Desk,
    alice: Reviewer,
    clock: FixedClock,
    measured: tuple[tuple[str, int, int | None], ...],
    kept: bool,
) -> None:
    worked(desk, alice, clock)
    for number, (kind, at, end) in enumerate(measured):
        applied = START + timedelta(minutes=at)
        ends = None if end is None else START + timedelta(minutes=end)
        one = replace(
            REMOVED, reference=f"m{number}", kind=MeasureKind(kind), applied_at=applied, ends_at=ends
        )
        desk.write(record, "p1", one, BY)
    clock.at = START + timedelta(minutes=61)

    assert desk.read(list_orders)[0].within_hour is kept


@SQLITE
def test_what_only_demotes_meets_no_order(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    worked(desk, alice, clock)
    desk.write(record, "p1", replace(REMOVED, kind=MeasureKind.DEMOTED), BY)
    clock.advance(hours=2)

    (order,) = desk.read(list_orders)
    assert (order.measure, order.within_hour) == (None, False)


@SQLITE
def test_an_order_that_was_dismissed_is_neither_kept_nor_missed(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    worked(desk, alice, clock, DISMISS)
    clock.advance(hours=2)

    (order,) = desk.read(list_orders)
    assert (order.verdict, order.within_hour, order.in_time) == ("dismiss", None, None)


def test_a_view_before_the_order_came_is_none_of_it(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    handed_in(desk, judged("p1"))
    task, _ = claimed(desk, alice)
    desk.write(view, alice, task.number, Extent.WHOLE)
    clock.advance(minutes=1)
    handed_in(desk, judged("p1", notice=ORDER))

    assert desk.read(list_orders)[0].first_view_at is None


def test_an_erased_order_keeps_its_times_and_loses_its_names(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    worked(desk, alice, clock)
    desk.write(record, "p1", REMOVED, BY)
    desk.write(erase, "p1", PLATFORM)

    (order,) = desk.read(list_orders)
    assert (order.item, order.reference, order.measure, order.policy) == (None,) * 4
    assert (order.verdict, order.within_hour) == ("confirm", True)


def test_orders_are_listed_by_receipt_and_notices_are_none(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    for days, name in enumerate(("late", "early")):
        received = START - timedelta(days=days)
        handed_in(desk, judged(name, notice=replace(ORDER, reference=name, received_at=received)))
    handed_in(desk, judged("p3", notice=Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)))

    assert [one.item for one in desk.read(list_orders)] == ["early", "late"]
    assert [one.item for one in desk.read(list_orders, START)] == ["late"]
    assert [one.item for one in desk.read(list_orders, None, START)] == ["early"]
