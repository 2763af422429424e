"""How long things are kept: what is due goes, what a hold or the law keeps stays, and the log says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import SettingsError
from tocsin.service.review.compliance.file import read_compliance
from tocsin.service.review.compliance.keeping import make_statements
from tocsin.service.review.compliance.retention import Due, Why, apply_retention, erase_due, plan_retention
from tocsin.service.review.compliance.testing import TERMS, kitchen_file
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    PLATFORM,
    START,
    FixedClock,
    actions,
    decided,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import Appeal, AppealSource, appeal
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource
from tocsin.service.review.log import read_head, verify
from tocsin.service.review.records import (
    Automation,
    Erasure,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    Reviewer,
    erase,
    hold,
    record,
    release_hold,
)
from tocsin.service.review.records.preserving import add_months, preserved_until
from tocsin.service.review.role import Role
from tocsin.service.review.store.compliance_tables import statements
from tocsin.service.review.store.tables import items, log, notices
from tocsin.service.review.webhooks.courier import Couriers

SQLITE = pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
REMOVED = Measure(
    "m1",
    MeasureKind.REMOVED,
    Ground.INCOMPATIBLE,
    TERMS,
    MeasureSource.OWN_INITIATIVE,
    Automation.NONE,
    START,
)
BY_ORDER = replace(REMOVED, source=MeasureSource.ORDER)
BY_LAW = replace(REMOVED, ground=Ground.ILLEGAL, ground_text="Soup Act, § 2")


@pytest.fixture
def desk(make_desk: Callable[..., Desk], tmp_path: Path) -> Desk:
    """Return a desk that keeps what was confirmed for 365 days, dismissed for 30, passed for 10."""
    return make_desk(compliance=read_compliance(kitchen_file(tmp_path)))


@pytest.fixture
def alice(desk: Desk) -> Reviewer:
    return reviewer(desk)


def days(clock: FixedClock, count: float) -> None:
    clock.advance(hours=24 * count)


def decide_one(desk: Desk, by: Reviewer, item: str, said: Any, measure: Measure | None = None) -> None:
    handed_in(desk, judged(item))
    made = decided(desk, by, said)
    if measure is not None:
        desk.write(record, item, replace(measure, decision=made.number), BY)


def kept(desk: Desk) -> set[str]:
    return {row.platform_id for row in rows(desk, items) if row.erased_at is None}


def test_each_kind_is_kept_its_own_time_and_not_a_second_longer(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    decide_one(desk, alice, "confirmed", CONFIRM)
    decide_one(desk, alice, "dismissed", DISMISS)
    handed_in(desk, judged("passed", level="none"))
    handed_in(desk, judged("waiting"))

    for whole, gone in ((10, "passed"), (20, "dismissed"), (335, "confirmed")):
        days(clock, whole)
        clock.at -= timedelta(microseconds=1)
        assert apply_retention(desk).items.total() == 0
        clock.at += timedelta(microseconds=1)
        before = kept(desk)
        assert [one.item for one in plan_retention(desk).listed] == [gone]
        assert kept(desk) == before
        done = apply_retention(desk)
        assert [(one.item, one.why.value, one.since) for one in done.listed] == [(gone, gone, clock())]
        assert before - kept(desk) == {gone}
    assert kept(desk) == {"waiting"}
    assert all(row.text is None for row in rows(desk, items, items.c.erased_at.is_not(None)))
    assert [row.actor for row in rows(desk, log, log.c.action == "item.erased")] == ["retention"] * 3
    assert desk.store.read(lambda tx: verify(tx, desk.context.key, read_head(tx))).whole


@SQLITE
def test_what_an_appeal_opens_again_waits_and_counts_from_its_end(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    decide_one(desk, alice, "p1", DISMISS)
    days(clock, 29)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.NOTIFIER), BY)
    days(clock, 2)
    assert apply_retention(desk).items.total() == 0
    decided(desk, reviewer(desk, "bob"), DISMISS)
    days(clock, 29)
    assert apply_retention(desk).items.total() == 0
    days(clock, 1)
    assert apply_retention(desk).items == {Why.DISMISSED: 1}


def test_a_hold_wins_and_what_it_kept_goes_with_it(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    lead = reviewer(desk, "lena", Role.LEAD)
    decide_one(desk, alice, "p1", DISMISS)
    number = desk.write(hold, lead, "p1", "court file 7")
    days(clock, 31)

    plan = plan_retention(desk)
    assert (plan.items.total(), plan.held) == (0, 1)
    assert apply_retention(desk).held == 1
    assert kept(desk) == {"p1"}
    desk.write(release_hold, lead, number)
    assert apply_retention(desk).items == {Why.DISMISSED: 1}


def test_a_hold_that_comes_between_wins_too(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    decide_one(desk, alice, "p1", DISMISS)
    days(clock, 31)
    due = plan_retention(desk).listed
    desk.write(hold, reviewer(desk, "lena", Role.LEAD), "p1", "court file 7")

    assert desk.write(erase_due, due) == []
    assert desk.write(erase_due, [Due(99, None, Why.PASSED, START)]) == []
    assert kept(desk) == {"p1"}


@pytest.mark.parametrize(
    ("measure", "preserved"),
    [
        (BY_ORDER, True),
        (BY_LAW, True),
        (REMOVED, False),
        (replace(BY_ORDER, kind=MeasureKind.DISABLED), True),
        (replace(BY_ORDER, kind=MeasureKind.DEMOTED), False),
    ],
    ids=["by order", "illegal under a named policy", "against terms", "disabled by order", "only demoted"],
)
@SQLITE
def test_removed_terrorist_content_is_preserved_for_six_months_whoever_asks(
    desk: Desk, alice: Reviewer, clock: FixedClock, measure: Measure, preserved: bool
) -> None:
    decide_one(desk, alice, "p1", CONFIRM, measure)
    asked = desk.write(erase, "p1", PLATFORM)

    assert asked is (Erasure.HELD if preserved else Erasure.ERASED)
    if not preserved:
        return
    clock.at = datetime(2026, 9, 2, 8, 59, 59, tzinfo=UTC)
    assert plan_retention(desk).preserved == 1
    assert apply_retention(desk).items.total() == 0
    clock.at += timedelta(seconds=1)
    assert apply_retention(desk).items == {Why.ASKED: 1}
    assert kept(desk) == set()


@SQLITE
def test_a_released_hold_does_not_undo_preservation(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    lead = reviewer(desk, "lena", Role.LEAD)
    decide_one(desk, alice, "p1", CONFIRM, BY_ORDER)
    number = desk.write(hold, lead, "p1", "court file 7")
    desk.write(erase, "p1", PLATFORM)
    desk.write(release_hold, lead, number)

    assert kept(desk) == {"p1"}
    days(clock, 190)
    assert apply_retention(desk).items == {Why.ASKED: 1}


@SQLITE
def test_without_the_file_nothing_is_preserved(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    decide_one(desk, reviewer(desk), "p1", CONFIRM, BY_ORDER)

    assert desk.read(preserved_until, 1) is None
    assert desk.write(erase, "p1", PLATFORM) is Erasure.ERASED
    with pytest.raises(SettingsError, match="TOCSIN_REVIEW_COMPLIANCE"):
        plan_retention(desk)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2026-03-02", 6, "2026-09-02"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-15", 12, "2027-12-15"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_that_there_is(day: str, months: int, later: str) -> None:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}T09:00:00+00:00")

    assert add_months(moment(day), months) == moment(later)


@SQLITE
def test_golden_items_stay(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    handed_in(desk, judged("g1", expected=Expected("soup")))
    decided(desk, alice)
    days(clock, 500)

    assert apply_retention(desk).items.total() == 0
    assert desk.write(erase, "g1", PLATFORM) is Erasure.ERASED


def test_what_complaints_say_goes_before_the_item_does(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    for name in ("p1", "p2", "p3"):
        notice = Notice(f"n-{name}", NoticeKind.NOTICE, NoticeSource.USER, statement="It is cold.")
        handed_in(desk, judged(name, notice=notice))
    for _ in range(2):
        decided(desk, alice, CONFIRM)
    desk.write(hold, reviewer(desk, "lena", Role.LEAD), "p2", "court file 7")
    days(clock, 19)
    assert apply_retention(desk).forgotten.complaints == 0
    days(clock, 1)

    assert plan_retention(desk).forgotten.complaints == 1
    assert apply_retention(desk).forgotten.complaints == 1
    assert [row.statement for row in rows(desk, notices)] == [None, "It is cold.", "It is cold."]
    assert actions(desk)[-1] == "complaint.erased"
    assert apply_retention(desk).forgotten.complaints == 0
    assert kept(desk) == {"p1", "p2", "p3"}


def test_payloads_go_and_names_and_receipts_stay(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    for name in ("p1", "p2"):
        decide_one(desk, alice, name, CONFIRM, replace(REMOVED, reference=name))
    make_statements(desk)
    sent = {"state": "sent", "settled_at": clock(), "uuid": "u-1"}
    desk.store.write(lambda tx: tx.execute(statements.update().where(statements.c.id == 1).values(sent)))
    days(clock, 400)

    assert apply_retention(desk).forgotten.payloads == 1
    first, second = rows(desk, statements)
    assert (first.body, first.uuid, first.state) == (None, "u-1", "sent")
    assert second.body is not None
    make_statements(desk)
    assert rows(desk, statements)[0].body is None


def test_a_statement_is_made_before_its_item_goes(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    handed_in(desk, judged("p1", posted_at=START - timedelta(days=3)))
    made = decided(desk, alice)
    desk.write(record, "p1", replace(REMOVED, decision=made.number), BY)
    days(clock, 366)
    apply_retention(desk)

    assert kept(desk) == set()
    assert rows(desk, statements)[0].body["content_date"] == "2026-02-27"


@SQLITE
def test_a_plan_counts_what_a_run_then_does(desk: Desk, alice: Reviewer, clock: FixedClock) -> None:
    for name in ("p1", "p2"):
        notice = Notice(f"n-{name}", NoticeKind.NOTICE, NoticeSource.USER, statement="It is cold.")
        handed_in(desk, judged(name, notice=notice))
    decided(desk, alice, DISMISS)
    days(clock, 15)
    decided(desk, alice, CONFIRM)
    days(clock, 20)  # the first post's time is over, and that of what both complaints say

    planned = plan_retention(desk)
    assert (planned.items, planned.forgotten.complaints) == ({Why.DISMISSED: 1}, 2)
    assert apply_retention(desk) == planned


@SQLITE
def test_a_run_that_is_stopped_leaves_the_rest_for_the_next(
    desk: Desk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.service.review.compliance.retention._AT_A_TIME", 2)
    handed_in(desk, *(judged(f"p{number}", level="none") for number in range(5)))
    days(clock, 10)

    assert apply_retention(desk, lambda: True).items == {Why.PASSED: 2}
    assert len(kept(desk)) == 3
    assert apply_retention(desk).items == {Why.PASSED: 3}


@SQLITE
@pytest.mark.parametrize(("hourly", "left"), [("true", 0), ("false", 1)])
def test_a_server_erases_hourly_where_it_is_asked_to(
    make_desk: Callable[..., Desk], tmp_path: Path, clock: FixedClock, hourly: str, left: int
) -> None:
    file = kitchen_file(tmp_path, {"[retention]": f"[retention]\nhourly = {hourly}"})
    desk = make_desk(compliance=read_compliance(file))
    handed_in(desk, judged("p1", level="none"))
    days(clock, 10)
    couriers = Couriers(desk)
    names = [thread for thread in couriers._threads if "_retain" in repr(thread._args)]  # type: ignore[attr-defined]

    assert len(names) == (1 if hourly == "true" else 0)
    if names:
        couriers._retain()
    assert len(kept(desk)) == left
