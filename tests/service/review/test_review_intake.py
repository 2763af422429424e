"""Taking texts in: each once, where it belongs, and nothing kept that nobody needs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event

from tocsin.assessment import Assessment, Level, PolicyResult, Reason
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    PLATFORM,
    POLICY,
    assessed,
    decided,
    hand_in,
    handed_in,
    judged,
    recipe,
    rows,
    unscorable,
)
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource, Receipt, State, take_in
from tocsin.service.review.intake.placing import place
from tocsin.service.review.intake.submission import Submission
from tocsin.service.review.queue import PATIENCE_HOURS, Queue
from tocsin.service.review.records import Reviewer, erase
from tocsin.service.review.rules import Rules
from tocsin.service.review.store.tables import items, log, near_bands, tasks

NOTICE = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)
ORDER = Notice("o1", NoticeKind.ORDER, NoticeSource.AUTHORITY)
RULES = Rules(PATIENCE_HOURS, 0.5, 0, timedelta(hours=1))


def test_a_text_handed_in_again_changes_nothing(desk: Desk) -> None:
    (first,) = handed_in(desk, judged("p1", "A soup.", "review", 0.4))
    before = rows(desk, items), rows(desk, tasks)
    (again,) = handed_in(desk, judged("p1", "A soup.", "urgent", 0.9, community="bakers"))
    assert (first.new, again.new) == (True, False)
    assert (again.queue, again.priority) == (Queue.REVIEW, 0.4)
    assert (rows(desk, items), rows(desk, tasks)) == before


def test_an_id_with_another_text_is_an_error_in_its_place_and_the_others_are_taken(desk: Desk) -> None:
    handed_in(desk, judged("p2", "A soup."))
    one, two, three = hand_in(desk, judged("p1"), judged("p2", "A stew."), judged("p3"))
    assert isinstance(two, ConflictError)
    assert "stew" not in str(two)
    assert isinstance(one, Receipt)
    assert isinstance(three, Receipt)
    assert [row.text for row in rows(desk, items, items.c.platform_id == "p2")] == ["A soup."]
    assert len(rows(desk, tasks)) == 3


def test_an_id_twice_in_one_batch_is_one_item(desk: Desk) -> None:
    given = (judged("b"), judged("a", "A soup."), judged("a", "A soup."), judged("a", "A stew."))
    _, first, again, other = hand_in(desk, *given)
    assert isinstance(first, Receipt)
    assert first.new
    assert isinstance(again, Receipt)
    assert not again.new
    assert isinstance(other, ConflictError)
    assert len(rows(desk, items)) == len(rows(desk, tasks)) == 2


def test_what_nobody_needs_to_see_keeps_no_text(desk: Desk) -> None:
    told: dict[str, Any] = {"community": "bakers", "reach": 7, "thread": ("Tea?",), "language": "en"}
    (receipt,) = handed_in(desk, judged("p1", "A soup.", "none", 0.1, **told))
    assert (receipt.state, receipt.queue) == (State.PASSED, None)
    (item,) = rows(desk, items)
    assert {item.text, item.thread, item.community, item.reach, item.hint, item.posted_at} == {None}
    assert (item.level, item.priority) == ("none", 0.1)
    assert not rows(desk, tasks)
    assert not rows(desk, near_bands)


@pytest.mark.parametrize(
    ("told", "assessment", "queue"),
    [
        pytest.param({}, assessed("p", "urgent"), Queue.URGENT, id="urgent"),
        pytest.param({}, assessed("p", "review"), Queue.REVIEW, id="review"),
        pytest.param({}, unscorable("p", Reason.EMPTY), Queue.UNSCORABLE, id="not judged"),
        pytest.param({"notice": NOTICE}, assessed("p", "none"), Queue.NOTICES, id="reported, not flagged"),
        pytest.param({"notice": NOTICE}, assessed("p", "review"), Queue.NOTICES, id="reported and flagged"),
        pytest.param({"notice": ORDER}, assessed("p", "none"), Queue.ORDERS, id="ordered"),
        pytest.param({"expected": Expected(POLICY)}, assessed("p", "none"), Queue.GOLDEN, id="golden"),
        pytest.param(
            {"expected": Expected(None)}, assessed("p", "urgent"), Queue.GOLDEN, id="golden, flagged"
        ),
    ],
)
def test_an_item_goes_where_it_belongs(
    desk: Desk, told: dict[str, Any], assessment: Assessment, queue: Queue
) -> None:
    (receipt,) = handed_in(desk, judged("p", "A soup.", assessment=assessment, **told))
    assert (receipt.state, receipt.queue) == (State.WAITING, queue)
    assert [row.text for row in rows(desk, items)] == ["A soup."]


def test_the_highest_level_of_several_policies_counts() -> None:
    assert _place(Level.NONE, Level.URGENT, Level.REVIEW) is Queue.URGENT


def test_what_no_policy_could_judge_is_unscorable_and_not_passed() -> None:
    assert _place(None, None) is Queue.UNSCORABLE


def test_what_one_policy_could_not_judge_goes_by_the_others() -> None:
    assert _place(None, Level.NONE) is None


def test_a_golden_item_must_be_new_and_keep_its_answer(desk: Desk) -> None:
    handed_in(desk, judged("p1"), judged("p2", expected=Expected(None)))
    known, other, same, plain = hand_in(
        desk,
        judged("p1", expected=Expected(None)),
        judged("p2", expected=Expected(POLICY)),
        judged("p2", expected=Expected(None)),
        judged("p2"),
    )
    assert isinstance(known, ConflictError)
    assert isinstance(other, ConflictError)
    assert isinstance(same, Receipt)
    assert isinstance(plain, Receipt)


def test_a_receipt_says_when_a_person_has_decided(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    decided(desk, alice, CONFIRM)
    (receipt,) = handed_in(desk, judged("p1"))
    assert (receipt.state, receipt.queue) == (State.DECIDED, None)


def test_texts_handed_in_by_two_at_once_are_one_item_each(desk: Desk) -> None:
    batches = [[judged(f"p{number}") for number in range(40)]] * 4
    at_once = Barrier(len(batches))

    def hand(number: int) -> list[Any]:
        at_once.wait()
        return desk.write(take_in, batches[number][:: 1 if number % 2 else -1], BY)

    with ThreadPoolExecutor(len(batches)) as pool:
        receipts = [one for told in pool.map(hand, range(len(batches))) for one in told]
    assert sum(one.new for one in receipts) == len(rows(desk, items)) == len(rows(desk, tasks)) == 40


@pytest.mark.parametrize("ready_url", ["postgresql"], indirect=True)
def test_an_item_erased_while_it_is_handed_in_again_is_taken_as_new(
    desk: Desk, make_desk: Callable[..., Desk]
) -> None:
    handed_in(desk, judged("p1"))
    other = make_desk()
    erased: list[Any] = []

    def erase_between(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO items") and not erased:
            erased.append(other.write(erase, "p1", PLATFORM))

    event.listen(desk.store.engine, "after_cursor_execute", erase_between)
    (receipt,) = handed_in(desk, judged("p1"))
    assert erased
    assert receipt.new
    assert receipt.state is State.WAITING


def test_the_log_tells_nothing_of_what_the_model_sent_in(desk: Desk) -> None:
    handed_in(desk, judged("p1"), judged("p2", level="none"))
    assert rows(desk, log) == []


def test_a_text_of_any_length_and_alphabet_comes_back_as_it_was(desk: Desk) -> None:
    texts = ["", " ", "Кулеш\r\n", "a🍲" * 40_000, recipe(1, 1)]
    handed_in(desk, *(judged(f"p{place}", text) for place, text in enumerate(texts)))
    assert [row.text for row in rows(desk, items)] == texts


def _place(*levels: Level | None) -> Queue | None:
    results = tuple(
        PolicyResult(str(place), None if level is None else 0.5, level, certified=True)
        for place, level in enumerate(levels)
    )
    return place(Submission("p", "A soup."), replace(assessed("p"), policies=results), 0.9, RULES).queue
