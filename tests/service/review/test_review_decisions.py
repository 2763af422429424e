"""Decisions: each is made once, logged with it, and told to whoever wants to hear of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event

from tocsin.errors import InputError
from tocsin.service.review.contract_testing import (
    CONFIRM,
    DISMISS,
    ESCALATE,
    POLICY,
    SKIP,
    actions,
    claimed,
    decided,
    endpoint,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import Said, decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.log import read_head, verify
from tocsin.service.review.outbox import Event
from tocsin.service.review.records import Reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import decisions, exclusions, log, outbox, tasks
from tocsin.service.review.tasks import claim_next
from tocsin.service.review.verdict import Verdict

FINAL = [pytest.param(CONFIRM, id="confirmed"), pytest.param(DISMISS, id="dismissed")]
OTHERWISE = [
    pytest.param(DISMISS, id="another verdict"),
    pytest.param(Said(Verdict.CONFIRM, "salad"), id="another policy"),
    pytest.param(replace(CONFIRM, note="too hot"), id="another note"),
]


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        pytest.param(Said(Verdict.CONFIRM), "policy", id="confirmed without a policy"),
        pytest.param(Said(Verdict.DISMISS, POLICY), "policy", id="dismissed with a policy"),
        pytest.param(Said(Verdict.ESCALATE), "reason", id="escalated without a reason"),
        pytest.param(Said(Verdict.SKIP, reason=" \n"), "reason", id="skipped with a blank reason"),
        pytest.param(replace(CONFIRM, note="x" * 10_001), "10,000", id="a note too long"),
    ],
)
def test_what_breaks_a_rule_is_not_stored(desk: Desk, alice: Reviewer, said: Said, rule: str) -> None:
    handed_in(desk, judged("p1"))
    _, claim = claimed(desk, alice)
    with pytest.raises(InputError, match=rule):
        desk.write(decide, alice, claim, said)
    assert rows(desk, decisions) == rows(desk, outbox) == []


@pytest.mark.parametrize("said", FINAL)
def test_a_decision_ends_its_task_and_is_logged_and_told_once(
    desk: Desk, alice: Reviewer, said: Said
) -> None:
    handed_in(desk, judged("p1"))
    made = decided(desk, alice, said)
    assert [(row.state, row.done_at) for row in rows(desk, tasks)] == [("done", made.made_at)]
    assert actions(desk) == ["decision.made"]
    (message,) = rows(desk, outbox)
    assert (message.event, message.endpoint, message.state) == ("decision.made", "platform", "waiting")
    assert _is_whole(desk)


@pytest.mark.parametrize(
    "said", [*FINAL, pytest.param(ESCALATE, id="escalated"), pytest.param(SKIP, id="skipped")]
)
def test_the_same_request_again_is_the_same_decision(desk: Desk, alice: Reviewer, said: Said) -> None:
    handed_in(desk, judged("p1"))
    _, claim = claimed(desk, alice)
    made = desk.write(decide, alice, claim, said)
    assert [desk.write(decide, alice, claim, said) for _ in range(3)] == [made] * 3
    assert len(rows(desk, decisions)) == len(actions(desk)) == 1


def test_the_same_request_at_once_is_one_decision(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    _, claim = claimed(desk, alice)
    at_once = Barrier(4)

    def ask(_: int) -> Any:
        at_once.wait()
        return desk.write(decide, alice, claim, CONFIRM)

    with ThreadPoolExecutor(4) as pool:
        assert len({made.number for made in pool.map(ask, range(4))}) == 1
    assert len(rows(desk, outbox)) == len(actions(desk)) == 1


@pytest.mark.parametrize("said", OTHERWISE)
def test_the_same_claim_with_other_words_is_a_conflict(desk: Desk, alice: Reviewer, said: Said) -> None:
    handed_in(desk, judged("p1"))
    _, claim = claimed(desk, alice)
    desk.write(decide, alice, claim, CONFIRM)
    with pytest.raises(ConflictError):
        desk.write(decide, alice, claim, said)


def test_a_claim_that_never_was_is_unknown(desk: Desk, alice: Reviewer) -> None:
    with pytest.raises(UnknownError):
        desk.write(decide, alice, "f4", CONFIRM)


def test_anothers_decision_is_not_told_to_who_asks_with_their_claim(
    desk: Desk, alice: Reviewer, bob: Reviewer
) -> None:
    handed_in(desk, judged("p1"))
    _, claim = claimed(desk, alice)
    desk.write(decide, alice, claim, CONFIRM)
    with pytest.raises(UnknownError):
        desk.write(decide, bob, claim, CONFIRM)


@pytest.mark.parametrize("said", [ESCALATE, SKIP], ids=["escalated", "skipped"])
def test_what_is_passed_on_waits_again_for_somebody_else_and_nobody_is_told(
    desk: Desk, alice: Reviewer, said: Said
) -> None:
    handed_in(desk, judged("p1"))
    decided(desk, alice, said)
    (task,) = rows(desk, tasks)
    assert (task.state, task.claim, task.claimed_by) == ("open", None, None)
    assert [(row.reviewer, row.task) for row in rows(desk, exclusions)] == [(alice.number, task.id)]
    assert rows(desk, outbox) == []
    assert actions(desk) == ["decision.made"]


def test_the_first_skip_passes_to_a_peer_and_the_second_to_a_senior(
    desk: Desk, alice: Reviewer, bob: Reviewer, senior: Reviewer
) -> None:
    handed_in(desk, judged("p1"))
    decided(desk, alice, SKIP)
    decided(desk, bob, SKIP)
    assert desk.jot(claim_next, reviewer(desk, "carl")) is None
    assert claimed(desk, senior)[0].least_role is Role.SENIOR


@pytest.mark.parametrize(
    ("role", "above"), [(Role.REVIEWER, Role.SENIOR), (Role.SENIOR, Role.LEAD)], ids=["reviewer", "senior"]
)
def test_what_is_escalated_needs_the_next_role(desk: Desk, role: Role, above: Role) -> None:
    handed_in(desk, judged("p1"))
    decided(desk, reviewer(desk, role=role), ESCALATE)
    assert [row.least_role for row in rows(desk, tasks)] == [above]


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADMIN])
def test_a_lead_decides_and_does_not_escalate(desk: Desk, role: Role) -> None:
    handed_in(desk, judged("p1"))
    one = reviewer(desk, role=role)
    _, claim = claimed(desk, one)
    with pytest.raises(ForbiddenError):
        desk.write(decide, one, claim, ESCALATE)
    assert desk.write(decide, one, claim, CONFIRM).task == 1


def test_a_message_goes_to_each_endpoint_that_wants_the_event_and_to_no_other(
    make_desk: Callable[..., Desk],
) -> None:
    hearing = [endpoint("a"), endpoint("b", Event.DECISION_MADE), endpoint("c", Event.LEAD_PAGED)]
    desk = make_desk(endpoints=hearing)
    handed_in(desk, judged("p1"))
    decided(desk, reviewer(desk))
    told = rows(desk, outbox)
    assert [row.endpoint for row in told] == ["a", "b"]
    assert len({row.message for row in told}) == 2


def test_a_message_says_what_was_decided_and_neither_text_nor_name(desk: Desk, alice: Reviewer) -> None:
    notice = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER, statement="It is Marker.")
    handed_in(desk, judged("p1", "A Marker soup.", notice=notice, community="Marker", thread=("Marker",)))
    said = replace(CONFIRM, reason="Marker", note="Marker")
    made = decided(desk, alice, said)
    (message,) = rows(desk, outbox)
    assert "Marker" not in message.body
    assert "alice" not in message.body
    body = json.loads(message.body)
    assert (body["type"], body["timestamp"]) == ("decision.made", "2026-03-02T09:00:00Z")
    assert body["data"] == {
        "item": "p1",
        "decision": made.number,
        "verdict": "confirm",
        "policy": POLICY,
        "queue": "notices",
        "replaces": None,
        "together_with": None,
        "notices": [{"kind": "notice", "id": "n1"}],
        "appeals": [],
    }


@pytest.mark.parametrize("table", ["outbox", "log", "log_head"])
def test_a_decision_that_cannot_be_told_and_logged_is_not_made(
    desk: Desk, alice: Reviewer, table: str
) -> None:
    handed_in(desk, judged("p1"))
    _, claim = claimed(desk, alice)

    def break_down(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith((f"INSERT INTO {table} ", f"UPDATE {table} ")):
            raise RuntimeError("the oven is broken")

    event.listen(desk.store.engine, "before_cursor_execute", break_down)
    with pytest.raises(RuntimeError, match="oven"):
        desk.write(decide, alice, claim, CONFIRM)
    event.remove(desk.store.engine, "before_cursor_execute", break_down)
    assert rows(desk, decisions) == rows(desk, outbox) == []
    assert actions(desk) == []
    assert desk.write(decide, alice, claim, CONFIRM).task == 1
    assert _is_whole(desk)


def test_the_log_pins_the_text_that_was_decided_of_without_telling_it(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", "A Marker soup."))
    decided(desk, alice)
    (row,) = rows(desk, log, log.c.action == "decision.made")
    assert set(json.loads(row.body)) == {"decision", "task", "verdict", "policy", "digest"}
    assert "Marker" not in row.body


def _is_whole(desk: Desk) -> bool:
    return desk.store.read(lambda tx: verify(tx, desk.context.key, read_head(tx))).whole


def test_only_a_policy_of_the_platforms_file_is_confirmed(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(policies=frozenset({"soup", "stew"}))
    alice = reviewer(desk)
    handed_in(desk, judged("p1"))
    _, claim = claimed(desk, alice)
    with pytest.raises(InputError, match="a policy must be one of soup, stew, was 'salad'"):
        desk.write(decide, alice, claim, Said(Verdict.CONFIRM, "salad"))
    assert desk.write(decide, alice, claim, Said(Verdict.CONFIRM, "stew")).said.policy == "stew"
