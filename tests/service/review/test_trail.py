"""The trail of an item: all that was asked, said, shown, sent and done about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    PLATFORM,
    FixedClock,
    claimed,
    handed_in,
    judged,
)
from tocsin.service.review.decisions import Appeal, AppealSource, appeal, decide, trail, undo, undoable
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import UnknownError
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
    hold,
    raise_page,
    record,
    release_hold,
    reveal,
    view,
)
from tocsin.service.review.tasks import claim_task

NOTICE = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER, statement="Too hot.")


def test_everything_about_an_item_is_told(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, lead: Reviewer
) -> None:
    handed_in(desk, judged("p1", "A Marker soup.", notice=NOTICE), judged("z"))
    claim = desk.jot(claim_task, alice, 1).claim
    assert claim is not None
    desk.write(reveal, alice, 1, Extent.SENTENCE, 0)
    clock.advance(60)
    desk.write(reveal, alice, 1, Extent.WHOLE)
    desk.write(decide, alice, claim, replace(CONFIRM, note="far too hot"))
    task = desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    measure = Measure(
        "m1",
        MeasureKind.REMOVED,
        Ground.INCOMPATIBLE,
        "Terms, 4",
        MeasureSource.NOTICE,
        Automation.NONE,
        clock(),
        decision=1,
    )
    desk.write(record, "p1", measure, BY)
    placed = desk.write(hold, lead, "p1", "court file 12")
    desk.write(release_hold, lead, placed)
    desk.write(raise_page, bob, task)
    desk.write(view, lead, 1, Extent.WHOLE)

    told = desk.read(trail, task)

    assert (told.history.task.number, [one.said.note for one in told.history.decisions]) == (
        task,
        ["far too hot"],
    )
    assert [(one.number, one.shown, one.state) for one in told.tasks] == [
        (1, "notices", "done"),
        (task, "appeals", "open"),
    ]
    assert [one.kind for one in told.complaints] == ["notice", "appeal"]
    assert [(one.kind, one.ground_text, one.decision) for one in told.measures] == [
        ("removed", "Terms, 4", 1)
    ]
    assert [(one.reason, one.placed_by, one.released_by) for one in told.holds] == [
        ("court file 12", lead.number, lead.number)
    ]
    assert [(one.raised_by, one.why, one.acknowledged_by) for one in told.pages] == [
        (f"reviewer:{bob.number}", "life", None)
    ]
    assert [(one.event, one.state, one.settled_at) for one in told.messages] == [
        ("decision.made", "waiting", None),
        ("lead.paged", "waiting", None),
    ]
    assert [(one.actor, dict(one.times)) for one in told.seen] == [
        (f"reviewer:{alice.number}", {"sentence": 1, "whole": 1}),
        (f"reviewer:{lead.number}", {"whole": 1}),
    ]
    assert told.seen[0].last_at - told.seen[0].first_at == timedelta(minutes=1)
    assert "Marker" not in repr(told)
    assert "Too hot" not in repr(told)


def test_what_is_erased_leaves_numbers(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", "A Marker soup.", notice=NOTICE))
    _, claim = claimed(desk, alice)
    desk.write(reveal, alice, 1, Extent.WHOLE)
    desk.write(decide, alice, claim, replace(CONFIRM, note="far too hot"))
    desk.write(erase, "p1", PLATFORM)

    told = desk.read(trail, 1)

    assert told.history.task.item is None
    assert [one.said.note for one in told.history.decisions] == [None]
    assert [one.statement for one in told.complaints] == [None]
    assert [dict(one.times) for one in told.seen] == [{"whole": 1}]


def test_a_task_that_is_none_has_no_trail(desk: Desk) -> None:
    with pytest.raises(UnknownError):
        desk.read(trail, 9)


def test_ones_latest_decision_can_be_undone_while_it_is_fresh(
    desk: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer
) -> None:
    handed_in(desk, judged("p1"), judged("p2"))
    assert desk.read(undoable, alice) is None
    for _ in range(2):
        _, claim = claimed(desk, alice)
        latest = desk.write(decide, alice, claim, DISMISS)
    assert desk.read(undoable, alice) == latest
    assert desk.read(undoable, bob) is None
    clock.advance(600)
    assert desk.read(undoable, alice) == latest
    clock.advance(1)
    assert desk.read(undoable, alice) is None


def test_what_something_rests_on_is_not_offered_to_be_undone(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"), judged("p2"))
    made = []
    for _ in range(2):
        _, claim = claimed(desk, alice)
        made.append(desk.write(decide, alice, claim, CONFIRM))
    item = "p1" if made[-1].item_number == 1 else "p2"
    desk.write(appeal, item, Appeal("a1", AppealSource.AUTHOR), BY)
    assert desk.read(undoable, alice) is None


def test_once_the_latest_is_undone_the_one_before_it_is_offered(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"), judged("p2"))
    made = []
    for _ in range(2):
        _, claim = claimed(desk, alice)
        made.append(desk.write(decide, alice, claim, CONFIRM))
    desk.write(undo, alice, made[-1].number)
    assert desk.read(undoable, alice) == made[0]
