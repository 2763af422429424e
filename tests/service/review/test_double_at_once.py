"""Double review where two things happen to one item at the same moment: one of them comes second."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    PLATFORM,
    FixedClock,
    claimed,
    decided,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import Appeal, AppealSource, appeal, decide, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.double.comparing import compare_due
from tocsin.service.review.double_testing import ALL, decided_first, decided_twice, second_tasks, wait
from tocsin.service.review.errors import ReviewError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, erase, raise_page
from tocsin.service.review.store.double_tables import doubles
from tocsin.service.review.store.tables import decisions, tasks

_A_WHILE_S = 0.4  # for the second to get as far as it can; sooner or later, the outcome is the same


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk(double_share=ALL, severe_a_shift=0)


def while_stored(desk: Desk, first: Callable[..., Any], then: Callable[[], Any]) -> Any:
    """Return what `then` comes to, begun once `first` is done but not yet stored: a value, or its error."""
    done = Event()
    found: list[Future[Any]] = []

    def second() -> Any:
        done.wait()
        try:
            return then()
        except ReviewError as error:
            return error

    with ThreadPoolExecutor(1) as pool:

        def work(tx: Any, context: Any) -> None:
            first(tx, context)
            done.set()
            if found:
                return  # a second try, after a collision
            found.append(future)
            Event().wait(_A_WHILE_S)

        future = pool.submit(second)
        desk.write(work)
        return future.result()


def open_tasks(desk: Desk) -> list[str]:
    return [row.queue for row in rows(desk, tasks, tasks.c.state == "open")]


def test_what_is_being_compared_is_not_undone_under_the_adjudication(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    _, second = decided_twice(desk, clock, alice, bob)
    clock.advance(desk.context.settings.undo_seconds)  # the one moment at which both may be
    undone = while_stored(desk, compare_due, lambda: desk.write(undo, bob, second.number))
    assert isinstance(undone, ReviewError)
    assert open_tasks(desk) == ["adjudication"]
    (row,) = rows(desk, decisions, decisions.c.id == second.number)
    assert row.undone_at is None


def test_of_what_is_being_erased_no_adjudication_is_opened(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_twice(desk, clock, alice, bob)
    clock.advance(desk.context.settings.undo_seconds + 1)
    while_stored(
        desk, lambda tx, context: erase(tx, context, "p1", PLATFORM), lambda: desk.write(compare_due)
    )
    while desk.write(compare_due):
        pass
    assert open_tasks(desk) == []


def test_of_what_is_being_appealed_no_adjudication_is_opened(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    decided_twice(desk, clock, alice, bob)
    clock.advance(desk.context.settings.undo_seconds + 1)
    given = Appeal("a1", AppealSource.AUTHOR)
    while_stored(
        desk, lambda tx, context: appeal(tx, context, "p1", given, BY), lambda: desk.write(compare_due)
    )
    assert open_tasks(desk) == ["appeals"]


def test_leads_who_are_being_called_keep_the_task_although_the_first_decision_is_undone_then(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    first = decided_first(desk, alice, DISMISS)
    (second,) = second_tasks(desk)
    undone = while_stored(
        desk,
        lambda tx, context: raise_page(tx, context, bob, second),
        lambda: desk.write(undo, alice, first.number),
    )
    assert isinstance(undone, ReviewError)
    assert open_tasks(desk) == ["adjudication"]


def test_of_two_first_decisions_at_once_the_later_is_asked_for_again_and_one_is_drawn(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    first = decided_first(desk, alice)
    notice = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)
    handed_in(desk, judged("p1", level="urgent", notice=notice))
    again, (_, other) = str(desk.write(undo, alice, first.number)), claimed(desk, bob)
    later = while_stored(
        desk,
        lambda tx, context: decide(tx, context, alice, again, CONFIRM),
        lambda: desk.write(decide, bob, other, DISMISS),
    )
    if isinstance(
        later, ReviewError
    ):  # where one at a time writes, it comes after the first and is not drawn
        assert "decide again" in str(later)
        desk.write(decide, bob, other, DISMISS)
    (drawn,) = rows(desk, doubles)
    chances = {row.id: row.chance for row in rows(desk, decisions, decisions.c.undone_at.is_(None))}
    assert [number for number, chance in chances.items() if chance is not None] == [drawn.first]


def test_two_servers_compare_and_serve_while_people_decide_and_no_item_is_left_behind(
    desk: Desk, clock: FixedClock, alice: Reviewer, senior: Reviewer
) -> None:
    count = 12
    for number in range(count):
        decided_first(desk, alice, item=f"p{number}")
    wait(clock, desk)
    people = [reviewer(desk, f"cook {number}") for number in range(3)]

    def read(one: Reviewer) -> None:
        for _ in range(count // len(people)):
            decided(desk, one, DISMISS, Queue.SECOND)

    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(read, people))
        clock.advance(desk.context.settings.undo_seconds + 1)
        list(pool.map(lambda _: desk.write(compare_due), range(3)))
    while desk.write(compare_due):
        pass
    assert open_tasks(desk) == ["adjudication"] * count
    assert [row.due_at for row in rows(desk, doubles)] == [None] * count
    assert decided(desk, senior, CONFIRM, Queue.ADJUDICATION).aside
