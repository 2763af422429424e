"""Histories: what became of a task and of an item, without a word of its text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    ESCALATE,
    claimed,
    decided,
    handed_in,
    judged,
)
from tocsin.service.review.decisions import Appeal, AppealSource, appeal, decide, history, item_history, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource, State
from tocsin.service.review.records import Reviewer
from tocsin.service.review.verdict import Verdict

NOTICE = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)


def test_a_task_tells_all_that_was_decided_of_its_item(
    desk: Desk, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    handed_in(desk, judged("p1"))
    decided(desk, alice, ESCALATE)
    made = decided(desk, senior, CONFIRM)
    task = desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    decided(desk, bob, DISMISS)
    told = desk.read(history, task)
    assert (told.task.number, told.task.state) == (task, "done")
    assert [one.said.verdict for one in told.decisions] == [
        Verdict.ESCALATE,
        Verdict.CONFIRM,
        Verdict.DISMISS,
    ]
    assert [one.replaces for one in told.decisions] == [None, None, made.number]


def test_what_was_undone_stays_in_the_history_as_such(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    made = decided(desk, alice, replace(CONFIRM, note="too hot"))
    claim = desk.write(undo, alice, made.number)
    assert claim is not None
    desk.write(decide, alice, claim, DISMISS)
    told = desk.read(history, made.task).decisions
    assert [(one.said.verdict, one.undone_by) for one in told] == [
        (Verdict.CONFIRM, alice.number),
        (Verdict.DISMISS, None),
    ]
    assert told[0].said.note == "too hot"


def test_a_task_as_it_is_listed_carries_no_text(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", "A Marker soup.", thread=("Marker",), community="bakers", reach=7))
    task, _ = claimed(desk, alice)
    assert "Marker" not in repr(task)
    assert "Marker" not in repr(desk.read(history, task.number))
    assert (task.characters, task.has_thread, task.community, task.reach) == (14, True, "bakers", 7)


def test_a_platform_sees_where_its_item_stands_at_each_step(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", level="none"))
    assert desk.read(item_history, "p1").receipt.state is State.PASSED
    handed_in(desk, judged("p1", level="none", notice=NOTICE))
    assert desk.read(item_history, "p1").receipt.state is State.WAITING
    decided(desk, alice)
    told = desk.read(item_history, "p1")
    assert (told.receipt.state, list(told.notices), list(told.appeals)) == (State.DECIDED, ["n1"], [])


def test_what_is_not_there_has_no_history(desk: Desk) -> None:
    with pytest.raises(UnknownError):
        desk.read(history, 1)
    with pytest.raises(UnknownError):
        desk.read(item_history, "p1")
