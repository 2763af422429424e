"""Messages on their way: at least once, in their order, and never lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from tocsin.errors import InputError
from tocsin.service.review.contract_testing import (
    CONFIRM,
    FixedClock,
    claimed,
    decided,
    endpoint,
    handed_in,
    judged,
    recipe,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import decide, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.log import Actor
from tocsin.service.review.outbox import Event
from tocsin.service.review.records import Reviewer, erase, page_again, raise_page
from tocsin.service.review.store.tables import outbox, pages
from tocsin.service.review.webhooks import ATTEMPTS, Delivered, Endpoint, Failed, Sent, verify
from tocsin.service.review.webhooks.courier import Couriers, deliver
from tocsin.service.review.webhooks.delivering import list_dead, resend, take_due, waiting_for

DAYS = 24 * 3_600


class Postbox:
    """Answer as told, and remember what came."""

    def __init__(self, *answers: Sent) -> None:
        self._answers = list(answers)
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    def __call__(self, to: Endpoint, headers: dict[str, str], body: bytes) -> Sent:
        self.got.append((to.name, headers, body))
        return self._answers.pop(0) if self._answers else Delivered(200)

    @property
    def events(self) -> list[str]:
        return [json.loads(body)["type"] for _, _, body in self.got]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for _, headers, _ in self.got]


AWAY = Failed("https://platform.example: must answer 200 to 299, was 503", permanent=False)
GONE = Failed("https://platform.example: endpoint says gone (410)", permanent=True)
TO = endpoint()


def test_a_message_is_sent_once_signed_and_without_a_text(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    handed_in(desk, judged("p-1"))
    made = decided(desk, alice)
    box = Postbox()

    counts = [deliver(desk, TO, box), deliver(desk, TO, box)]

    assert counts == [1, 0]
    (_, headers, body) = box.got[0]
    assert verify(TO.secrets, headers, body, clock()) == headers["webhook-id"]
    told = json.loads(body)
    assert told["type"] == "decision.made"
    assert told["data"]["item"] == "p-1"
    assert told["data"]["decision"] == made.number
    assert recipe(1)[:8] not in body.decode()
    assert alice.name not in body.decode()


def test_a_message_that_fails_comes_again_later_under_the_same_id_until_it_is_dead(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    handed_in(desk, judged("p-1"))
    decided(desk, alice)
    box = Postbox(*[AWAY] * ATTEMPTS)

    for _ in range(ATTEMPTS):
        assert deliver(desk, TO, box) == 1
        assert deliver(desk, TO, box) == 0  # not before its time
        clock.advance(2 * DAYS)

    assert len(set(box.ids)) == 1
    assert len(box.ids) == ATTEMPTS
    (dead,) = desk.read(list_dead)
    assert (dead.attempts, dead.fault) == (ATTEMPTS, AWAY.why)


def test_an_endpoint_that_is_gone_is_not_tried_again_but_can_be_told_to(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p-1"))
    decided(desk, alice)
    box = Postbox(GONE)
    deliver(desk, TO, box)
    (dead,) = desk.read(list_dead)

    with pytest.raises(InputError, match="must be dead"):
        desk.write(resend, [dead.number, 99])
    assert desk.write(resend, [dead.number]) == 1
    assert deliver(desk, TO, box) == 1

    assert len(set(box.ids)) == 1
    assert desk.read(list_dead) == []
    assert desk.write(resend, None) == 0


def test_one_items_messages_come_in_their_order_and_hold_up_no_other_items(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    handed_in(desk, judged("p-1", priority=0.9), judged("p-2", priority=0.1))
    first = decided(desk, alice)
    desk.write(undo, alice, first.number)
    desk.write(decide, alice, claimed(desk, alice)[1], CONFIRM)
    box = Postbox(AWAY)

    while deliver(desk, TO, box):
        pass
    told = [json.loads(body)["data"]["item"] for _, _, body in box.got]
    assert told == ["p-1", "p-2"]  # the first failed, so that it was undone must wait

    clock.advance(DAYS)
    while deliver(desk, TO, box):
        pass
    assert box.events == ["decision.made", "decision.made", "decision.made", "decision.reversed"]


def test_whoever_takes_a_message_and_dies_loses_nothing(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    handed_in(desk, judged("p-1"))
    decided(desk, alice)
    box = Postbox()

    taken = desk.write(take_due, TO.name)  # and then the process is gone
    assert deliver(desk, TO, box) == 0
    clock.advance(minutes=5)
    assert deliver(desk, TO, box) == 1

    assert box.ids == [taken[0].message]


def test_each_endpoint_hears_of_what_it_wants_and_one_that_fails_holds_up_no_other(
    make_desk: Callable[..., Desk],
) -> None:
    both = [endpoint("all"), endpoint("pages", Event.LEAD_PAGED)]
    desk = make_desk(endpoints=both)
    alice = reviewer(desk)
    handed_in(desk, judged("p-1"))
    task, claim = claimed(desk, alice)
    desk.write(decide, alice, claim, CONFIRM)
    desk.write(raise_page, alice, task.number)
    box = Postbox(AWAY)

    deliver(desk, both[0], box)
    deliver(desk, both[1], box)

    assert [(name, json.loads(body)["type"]) for name, _, body in box.got] == [
        ("all", "lead.paged"),
        ("all", "decision.made"),
        ("pages", "lead.paged"),
    ]


def test_messages_for_a_webhook_that_there_is_not_any_more_wait(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p-1"))
    decided(desk, alice)

    assert deliver(desk, endpoint("another"), Postbox()) == 0

    assert desk.read(waiting_for) == {"platform": 1}


def test_a_message_about_an_erased_item_is_delivered_and_then_forgotten(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p-1"))
    decided(desk, alice)
    desk.write(erase, "p-1", Actor.key("k"))
    box = Postbox()

    deliver(desk, TO, box)

    assert json.loads(box.got[0][2])["data"]["item"] == "p-1"
    assert [row.body for row in rows(desk, outbox)] == [None]


def test_a_dead_message_about_an_erased_item_has_nothing_left_to_send(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p-1"))
    decided(desk, alice)
    desk.write(erase, "p-1", Actor.key("k"))
    deliver(desk, TO, Postbox(GONE))

    assert desk.write(resend, None) == 0


def test_couriers_deliver_page_again_and_stop(make_desk: Callable[..., Desk], clock: FixedClock) -> None:
    """Its endpoint has a name that nobody resolves: the attempt fails, and is noted."""
    desk = make_desk(endpoints=[endpoint()])
    alice = reviewer(desk)
    handed_in(desk, judged("p-1"))
    desk.write(raise_page, alice, claimed(desk, alice)[0].number)
    clock.advance(minutes=6)
    couriers = Couriers(desk, poll_s=0.01)

    couriers.start()
    until = time.monotonic() + 60
    while not _paged_and_tried(desk) and time.monotonic() < until:
        time.sleep(0.02)
    couriers.stop()

    assert _paged_and_tried(desk)


def _paged_and_tried(desk: Desk) -> bool:
    (message,), (page,) = rows(desk, outbox), rows(desk, pages)
    return bool(message.attempts and page.paged_at > page.raised_at)


def test_a_page_waits_behind_no_other_message_and_is_tried_again_when_leads_are_paged_again(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    handed_in(desk, judged("p-1"))
    task, claim = claimed(desk, alice)
    desk.write(decide, alice, claim, CONFIRM)
    box = Postbox(AWAY, AWAY, AWAY, AWAY)
    deliver(desk, TO, box)
    desk.write(raise_page, alice, task.number)
    for _ in range(3):
        so_far = len(box.events)
        deliver(desk, TO, box)
        assert box.events[so_far] == "lead.paged"
        clock.advance(minutes=5)
        desk.write(page_again)

    assert len(set(box.ids)) == 2  # one page, however often it was tried


def test_what_was_taken_and_not_sent_is_due_again_at_once(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p-1"), judged("p-2"))
    for _ in range(2):
        decided(desk, alice)
    stops = iter([False, True])
    box = Postbox()

    deliver(desk, TO, box, lambda: next(stops))
    assert len(box.got) == 1
    assert deliver(desk, TO, box) == 1
