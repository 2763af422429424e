"""Erasure: nothing is left of an item in any table that could tell what it said, or whose it was."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    ESCALATE,
    PLATFORM,
    START,
    actions,
    claimed,
    decided,
    handed_in,
    judged,
    rows,
)
from tocsin.service.review.decisions import (
    Appeal,
    AppealSource,
    appeal,
    decide,
    find_alike,
    history,
    item_history,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.log import Actor, read_head, verify
from tocsin.service.review.records import (
    Automation,
    Erasure,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    Reviewer,
    count_queues,
    erase,
    hold,
    list_pages,
    raise_page,
    record,
    release_hold,
)
from tocsin.service.review.store.tables import decisions, items, log, metadata, near_bands, outbox, tasks
from tocsin.service.review.tasks import claim_next
from tocsin.service.review.webhooks.delivering import settle, take_due
from tocsin.service.review.webhooks.outcome import Delivered

MARK = "Zmarkerz"
NOTICE = Notice(f"n-{MARK}", NoticeKind.NOTICE, NoticeSource.USER, statement=f"{MARK} is hot")
MEASURE = Measure(
    f"m-{MARK}",
    MeasureKind.VISIBILITY_OTHER,
    Ground.INCOMPATIBLE,
    "Kitchen rule 4",
    MeasureSource.NOTICE,
    Automation.NONE,
    START,
    explanation=f"{MARK} soup",
    other=f"{MARK} lid",
)


@pytest.fixture
def item(desk: Desk, alice: Reviewer, bob: Reviewer, lead: Reviewer) -> str:
    """Return an item of which every table knows something."""
    name = f"p-{MARK}"
    told: dict[str, Any] = {
        "thread": (f"{MARK}?",),
        "community": MARK,
        "posted_at": START,
        "reach": 987_654_321,
    }
    handed_in(desk, judged(name, f"The {MARK} soup.", notice=NOTICE, language="en-ZM", **told))
    decided(desk, alice, replace(ESCALATE, reason=MARK))
    decided(desk, lead, replace(CONFIRM, note=MARK, reason=MARK))
    desk.write(appeal, name, Appeal(f"a-{MARK}", AppealSource.AUTHOR, statement=f"{MARK}!"), BY)
    desk.write(record, name, MEASURE, BY)
    number = desk.write(hold, lead, name, f"court file {MARK}")
    desk.write(release_hold, lead, number)
    desk.write(raise_page, bob, 2)
    return name


def test_nothing_of_an_erased_item_is_left_in_any_table(desk: Desk, item: str) -> None:
    assert _tables_that_tell(desk) == {
        "items", "tasks", "notices", "decisions", "appeals", "measures", "holds", "outbox",
    }  # fmt: skip
    _deliver(desk)
    assert desk.write(erase, item, PLATFORM) is Erasure.ERASED
    assert _tables_that_tell(desk) == set()


def test_the_log_knew_neither_words_nor_names_and_stays_whole(desk: Desk, item: str) -> None:
    before = [row.body for row in rows(desk, log)]
    desk.write(erase, item, PLATFORM)
    after = rows(desk, log)
    assert [row.body for row in after][: len(before)] == before
    assert after[-1].action == "item.erased"
    assert desk.store.read(lambda tx: verify(tx, desk.context.key, read_head(tx))).whole


def test_salt_scores_and_bands_go_and_figures_stay(desk: Desk, item: str) -> None:
    desk.write(erase, item, PLATFORM)
    (left,) = rows(desk, items)
    gone = {"platform_id", "posted_at", "text", "thread", "community", "reach", "hint", "salt", "assessment"}
    assert {name for name in gone if left._mapping[name] is not None} == set()
    assert (left.level, left.language, left.erased_at) == ("review", "en", START)
    assert rows(desk, near_bands) == []
    assert [row.verdict for row in rows(desk, decisions)] == ["escalate", "confirm"]


def test_no_task_of_an_erased_item_waits(desk: Desk, item: str, bob: Reviewer, lead: Reviewer) -> None:
    desk.write(erase, item, PLATFORM)
    assert {row.state for row in rows(desk, tasks)} == {"done"}
    assert desk.jot(claim_next, lead) is None
    assert sum(one.open for one in desk.read(count_queues)) == 0
    assert [one.item for one in desk.read(list_pages)] == [None]


def test_a_message_that_waits_keeps_its_body_until_it_is_delivered(desk: Desk, item: str) -> None:
    desk.write(erase, item, PLATFORM)
    assert all(row.body for row in rows(desk, outbox, outbox.c.state == "waiting"))
    _deliver(desk)
    assert {(row.state, row.body) for row in rows(desk, outbox)} == {("delivered", None)}


def test_what_was_delivered_before_loses_its_body(desk: Desk, item: str) -> None:
    _deliver(desk)
    assert all(row.body for row in rows(desk, outbox))
    desk.write(erase, item, PLATFORM)
    assert {row.body for row in rows(desk, outbox)} == {None}


def test_a_claim_on_an_erased_item_is_worth_nothing(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    task, claim = claimed(desk, alice)
    desk.write(erase, "p1", PLATFORM)
    with pytest.raises(UnknownError):
        desk.write(decide, alice, claim, CONFIRM)
    with pytest.raises(UnknownError):
        desk.read(find_alike, alice, claim)
    assert desk.read(history, task.number).task.item is None


def test_an_erased_item_is_unknown_and_its_id_new_again(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", "A soup."))
    decided(desk, alice)
    desk.write(erase, "p1", PLATFORM)
    for work in (lambda: desk.write(erase, "p1", PLATFORM), lambda: desk.read(item_history, "p1")):
        with pytest.raises(UnknownError):
            work()
    (receipt,) = handed_in(desk, judged("p1", "A stew."))
    assert receipt.new
    assert [row.platform_id for row in rows(desk, items)] == [None, "p1"]
    assert decided(desk, alice, DISMISS).item_number == 2


def test_other_items_stay_as_they_are(desk: Desk, item: str, alice: Reviewer) -> None:
    handed_in(desk, judged("other", "Another soup.", community="bakers"))
    before = rows(desk, items, items.c.platform_id == "other")
    desk.write(erase, item, PLATFORM)
    assert rows(desk, items, items.c.platform_id == "other") == before
    assert len(rows(desk, near_bands)) == 8


def test_what_passed_unseen_is_erased_too(desk: Desk) -> None:
    handed_in(desk, judged(f"p-{MARK}", level="none"))
    desk.write(erase, f"p-{MARK}", Actor("system"))
    assert _tables_that_tell(desk) == set()
    assert actions(desk) == ["item.erased"]


@pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)
def test_nothing_of_an_erased_item_is_left_in_the_files_of_sqlite(
    desk: Desk, item: str, ready_url: str
) -> None:
    _deliver(desk)
    desk.write(erase, item, PLATFORM)
    desk.close()
    folder = Path(ready_url.removeprefix("sqlite:///")).parent
    assert not [one.name for one in folder.iterdir() if one.is_file() and MARK.encode() in one.read_bytes()]


def _tables_that_tell(desk: Desk) -> set[str]:
    """Return the tables in any column of which, whatever its type, the mark stands."""
    return {
        table.name
        for table in metadata.sorted_tables
        for row in rows(desk, table)
        if any(MARK in str(value) or MARK.encode() in _bytes(value) for value in row)
    }


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _deliver(desk: Desk) -> None:
    while letters := desk.write(take_due, "platform"):
        for letter in letters:
            desk.write(settle, letter, Delivered(200), random.Random(0))  # noqa: S311 - draws no secret
