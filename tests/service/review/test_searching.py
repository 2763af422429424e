"""Searching: what meets every filter is found, in order, once, by all on whom the filter is open."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from tocsin.assessment import Reason
from tocsin.errors import InputError
from tocsin.service.review.contract_testing import (
    CONFIRM,
    DISMISS,
    ESCALATE,
    PLATFORM,
    POLICY,
    START,
    FixedClock,
    claimed,
    decided,
    handed_in,
    judged,
    reviewer,
    rows,
    unscorable,
)
from tocsin.service.review.decisions import undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.filling_testing import fill, fill_decided
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, erase
from tocsin.service.review.records.searching import PAGE, Filters, Hit, search
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import decisions, tasks

QUEUES = (Queue.REVIEW, Queue.URGENT, Queue.NOTICES, Queue.UNSCORABLE, Queue.RANDOM, Queue.GOLDEN)


def found(desk: Desk, who: Reviewer, **query: str) -> list[Hit]:
    """Return everything that is found, page by page."""
    hits: list[Hit] = []
    after = None
    while True:
        page = desk.read(search, who, Filters.parse(query), after)
        hits += page.found
        after = page.onward
        if after is None:
            return hits


def items_found(desk: Desk, who: Reviewer, **query: str) -> set[str | None]:
    return {hit.item for hit in found(desk, who, **query)}


@pytest.fixture
def kitchen(desk: Desk, clock: FixedClock, alice: Reviewer) -> Desk:
    """Return a desk with one task of every kind, of which three are decided."""
    handed_in(desk, judged("done-yes", priority=1.0), judged("done-no", priority=0.9))
    decided(desk, alice, CONFIRM)
    clock.advance(60)
    decided(desk, alice, DISMISS)
    clock.advance(hours=30)
    handed_in(
        desk,
        judged("urgent", level="urgent", community="big kitchen"),
        judged("review", priority=0.1),
        judged("long", assessment=unscorable("long", Reason.TOO_LONG)),
        judged("foreign", assessment=unscorable("foreign")),
        judged("order", notice=Notice("o1", NoticeKind.ORDER, NoticeSource.AUTHORITY)),
        judged("told", level="none", notice=Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)),
        judged("golden", expected=Expected(POLICY)),
    )
    clock.advance(hours=2)
    return desk


OPEN = {"urgent", "review", "long", "foreign", "order", "told", "golden"}
CASES: list[tuple[dict[str, str], set[str]]] = [
    ({}, OPEN),
    ({"state": "done"}, {"done-yes", "done-no"}),
    ({"state": "any"}, OPEN | {"done-yes", "done-no"}),
    ({"queue": "urgent"}, {"urgent"}),
    ({"queue": "orders"}, {"order"}),
    ({"queue": "appeals"}, set()),
    ({"state": "any", "verdict": "confirm"}, {"done-yes"}),
    ({"state": "done", "verdict": "dismiss"}, {"done-no"}),
    ({"state": "done", "confirmed": POLICY}, {"done-yes"}),
    ({"state": "done", "confirmed": "stew"}, set()),
    ({"flagged": POLICY}, {"urgent", "review", "order", "golden"}),
    ({"flagged": "stew"}, set()),
    ({"level": "urgent"}, {"urgent"}),
    ({"level": "none"}, {"told"}),
    ({"level": "unjudged"}, {"long", "foreign"}),
    ({"reason": "too_long"}, {"long"}),
    ({"language": "en"}, OPEN),
    ({"language": "de"}, set()),
    ({"community": "big kitchen"}, {"urgent"}),
    ({"severity": "severe"}, {"urgent"}),
    ({"severity": "unknown"}, {"long", "foreign", "told"}),
    ({"role": "reviewer"}, OPEN),
    ({"role": "senior"}, set()),
    ({"late": "yes"}, {"order"}),
    ({"item": "order"}, {"order"}),
    ({"item": "orde"}, set()),
    ({"begins": "o"}, {"order"}),
    ({"state": "any", "begins": "done-"}, {"done-yes", "done-no"}),
    ({"created_from": "2026-03-03"}, OPEN),
    ({"created_until": "2026-03-02"}, set()),
    ({"state": "any", "created_until": "2026-03-02"}, {"done-yes", "done-no"}),
    ({"state": "done", "decided_from": "2026-03-02", "decided_until": "2026-03-02"}, {"done-yes", "done-no"}),
    ({"state": "any", "decided_from": "2026-03-03"}, set()),
    ({"state": "done", "decided_until": "2026-03-01"}, set()),
]


def test_each_filter_finds_what_meets_it_and_nothing_else(kitchen: Desk, alice: Reviewer) -> None:
    came = [(query, items_found(kitchen, alice, **query)) for query, _ in CASES]
    assert came == CASES


def test_filters_are_all_met_at_once(kitchen: Desk, alice: Reviewer) -> None:
    assert items_found(kitchen, alice, flagged=POLICY, level="review", begins="r") == {"review"}


def test_what_waits_comes_as_it_should_be_served_and_what_is_done_latest_first(
    kitchen: Desk, alice: Reviewer
) -> None:
    waiting = [hit.number for hit in found(kitchen, alice)]
    due = {task.id: (task.serve_by, task.id) for task in rows(kitchen, tasks)}
    assert waiting == sorted(waiting, key=due.__getitem__)
    assert [hit.item for hit in found(kitchen, alice, state="done")] == ["done-no", "done-yes"]
    newest = [hit.number for hit in found(kitchen, alice, state="any")]
    assert newest == sorted(newest, reverse=True)


def test_a_hit_tells_what_is_known_of_the_task_and_its_decision(kitchen: Desk, alice: Reviewer) -> None:
    (hit,) = found(kitchen, alice, state="done", verdict="confirm")
    assert (hit.queue, hit.state, hit.level, hit.language) == (Queue.REVIEW, "done", "review", "en")
    assert (hit.verdict, hit.policy, hit.done_at) == ("confirm", POLICY, START)
    (order,) = found(kitchen, alice, queue="orders")
    assert (order.late, order.deadline, order.verdict) == (True, START + timedelta(hours=31, minutes=1), None)


def test_what_was_undone_is_found_no_more_as_decided(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    made = decided(desk, alice, CONFIRM)
    desk.write(undo, alice, made.number)
    assert items_found(desk, alice, state="any", verdict="confirm") == set()
    assert items_found(desk, alice) == {"p1"}


def test_what_was_escalated_is_found_by_the_role_that_it_needs(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"), judged("p2"))
    decided(desk, alice, ESCALATE)
    assert len(found(desk, alice, role="senior")) == 1


def test_of_what_was_erased_its_numbers_are_found_and_no_name(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", community="kitchen"))
    decided(desk, alice)
    desk.write(erase, "p1", PLATFORM)
    (hit,) = found(desk, alice, state="done", verdict="confirm")
    assert (hit.item, hit.community) == (None, None)
    assert found(desk, alice, state="done", community="kitchen") == []
    assert found(desk, alice, state="done", item="p1") == []


# What reviewers must not tell apart ------------------------------------------------------------------------


def test_to_reviewers_a_golden_item_lies_where_it_seems_to(kitchen: Desk, alice: Reviewer) -> None:
    assert items_found(kitchen, alice, queue="review") == {"review", "golden"}
    (hit,) = found(kitchen, alice, item="golden")
    assert hit.queue is Queue.REVIEW


def test_leads_know_it_apart(kitchen: Desk, lead: Reviewer) -> None:
    assert items_found(kitchen, lead, queue="review") == {"review"}
    assert items_found(kitchen, lead, queue="golden") == {"golden"}
    assert items_found(kitchen, lead, queue="golden", state="any") == {"golden"}
    (hit,) = found(kitchen, lead, item="golden")
    assert hit.queue is Queue.GOLDEN


@pytest.mark.parametrize(
    "query", [{"queue": "golden"}, {"holder": "1"}, {"state": "done", "decider": "1"}], ids=str
)
def test_what_is_for_leads_is_refused_to_others(
    kitchen: Desk, senior: Reviewer, query: dict[str, str]
) -> None:
    with pytest.raises(ForbiddenError, match="only leads"):
        found(kitchen, senior, **query)


def test_leads_find_who_holds_and_who_decided_and_others_are_not_told(
    kitchen: Desk, clock: FixedClock, alice: Reviewer, bob: Reviewer, lead: Reviewer
) -> None:
    task, _ = claimed(kitchen, bob)
    (hit,) = found(kitchen, lead, holder=str(bob.number))
    assert (hit.number, hit.held, hit.holder) == (task.number, True, bob.number)
    assert found(kitchen, lead, holder=str(alice.number)) == []
    assert {one.decider for one in found(kitchen, lead, state="done")} == {alice.number}
    assert items_found(kitchen, lead, state="done", decider=str(alice.number)) == {"done-yes", "done-no"}
    assert found(kitchen, lead, state="done", decider=str(bob.number)) == []
    (seen,) = found(kitchen, alice, item=str(task.item))
    assert (seen.held, seen.holder) == (True, None)
    assert {one.decider for one in found(kitchen, alice, state="done")} == {None}
    clock.advance(hours=1)
    assert found(kitchen, lead, holder=str(bob.number)) == []


# Whatever is asked -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["p%", "p_", "p\\", "%", "_", "P", "p'; --", "p*"])
def test_a_beginning_stands_for_itself_alone(desk: Desk, alice: Reviewer, prefix: str) -> None:
    handed_in(desk, judged("p1"), judged("px1"), judged(f"{prefix}1"), judged("q1"))
    assert items_found(desk, alice, begins=prefix) == {f"{prefix}1"}


@pytest.mark.parametrize("name", ["language", "community", "flagged", "item", "begins"])
def test_a_value_that_is_no_name_of_anything_finds_nothing(kitchen: Desk, alice: Reviewer, name: str) -> None:
    odd = ["' OR 1=1 --", '"', "%", "\\", "'); DROP TABLE tasks; --", ":x", "\U00013080", "a" * 256]
    for value in odd:
        assert found(kitchen, alice, **{name: value}) == [], value
        assert found(kitchen, alice, state="done", **{name: value}) == [], value


@pytest.mark.parametrize("seed", range(3))
def test_whatever_filters_are_put_together_they_find_what_looking_at_every_task_does(
    make_desk: Callable[..., Desk], clock: FixedClock, seed: int
) -> None:
    desk = make_desk()
    cooks = [reviewer(desk, f"cook {number}") for number in range(3)]
    lena = reviewer(desk, "lena", Role.LEAD)
    fill(desk, 240, QUEUES, spread=timedelta(days=9))
    fill_decided(desk, 180, [cook.number for cook in cooks], QUEUES, spread=timedelta(days=9))
    raised = update(tasks).where(tasks.c.id % 7 == 0, tasks.c.state == "open").values(least_role=2)
    desk.store.write(lambda tx: tx.execute(raised))
    truth = _truth(desk)
    draw = random.Random(seed)  # noqa: S311

    for _ in range(40):
        query = _drawn_query(draw, truth)
        hits = found(desk, lena, **query)
        numbers = [hit.number for hit in hits]
        assert len(numbers) == len(set(numbers)), query
        assert set(numbers) == {one["id"] for one in truth if _meets(one, query, clock.at)}, query


def _truth(desk: Desk) -> list[dict[str, Any]]:
    made = {row.task: row for row in rows(desk, decisions)}
    return [{**row._mapping, "decision": made.get(row.id)} for row in rows(desk, tasks)]


def _drawn_query(draw: random.Random, truth: list[dict[str, Any]]) -> dict[str, str]:
    one = draw.choice(truth)
    state = draw.choice(["open", "done", "any"])
    asks = {
        "queue": one["queue"],
        "level": one["level"] or "unjudged",
        "language": one["language"],
        "community": one["community"],
        "role": draw.choice(["reviewer", "senior"]),
        "late": "yes",
        "created_from": one["created_at"].date().isoformat(),
    }
    if state != "open":
        asks["verdict"] = draw.choice(["confirm", "dismiss"])
        asks["decided_until"] = (one["done_at"] or one["created_at"]).date().isoformat()
    chosen = draw.sample(sorted(asks), draw.randint(0, 2))
    return {"state": state, **{name: asks[name] for name in chosen}}


def _meets(task: dict[str, Any], query: dict[str, str], now: datetime) -> bool:
    decision = task["decision"]

    def day(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    checks: dict[str, Callable[[str], bool]] = {
        "state": lambda state: state in {"any", task["state"]},
        "queue": lambda queue: task["queue"] == queue,
        "level": lambda level: (task["level"] or "unjudged") == level,
        "language": lambda language: task["language"] == language,
        "community": lambda community: task["community"] == community,
        "role": lambda role: task["least_role"] == {"reviewer": 1, "senior": 2}[role],
        "late": lambda _: task["deadline"] is not None and task["deadline"] < (task["done_at"] or now),
        "created_from": lambda text: task["created_at"] >= day(text),
        "verdict": lambda verdict: decision is not None and decision.verdict == verdict,
        "decided_until": lambda text: (
            decision is not None and decision.made_at < day(text) + timedelta(days=1)
        ),
    }
    return all(checks[name](value) for name, value in query.items())


# Pages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [{}, {"queue": "review"}, {"state": "done"}, {"state": "any"}], ids=str)
def test_pages_follow_each_other_without_a_gap_and_without_a_repetition(
    make_desk: Callable[..., Desk], query: dict[str, str]
) -> None:
    desk = make_desk()
    cook = reviewer(desk, "cook")
    fill(desk, PAGE * 2)
    fill_decided(desk, PAGE * 2, [cook.number], spread=timedelta(0))  # all done at one moment
    sizes, after, seen = [], None, []
    while True:
        page = desk.read(search, cook, Filters.parse(query), after)
        sizes.append(len(page.found))
        seen += [hit.number for hit in page.found]
        after = page.onward
        if after is None:
            break
    assert sizes == [PAGE] * (4 if query.get("state") == "any" else 2)
    assert len(seen) == len(set(seen)) == sum(sizes)


def test_what_comes_and_goes_between_pages_repeats_nothing(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    fill(desk, PAGE * 2)
    first = desk.read(search, alice, Filters())
    decided(desk, alice)
    clock.advance(-100)
    handed_in(desk, judged("sooner", priority=1.0))
    second = desk.read(search, alice, Filters(), first.onward)
    assert not {hit.number for hit in first.found} & {hit.number for hit in second.found}
    assert len(second.found) == PAGE


@pytest.mark.parametrize("query", [{}, {"state": "done"}, {"state": "any"}], ids=str)
def test_a_search_without_time_says_where_to_go_on_and_comes_to_the_same(
    make_desk: Callable[..., Desk], query: dict[str, str]
) -> None:
    desk = make_desk()
    cook = reviewer(desk, "cook")
    fill(desk, 2_500, (Queue.REVIEW, Queue.URGENT))
    fill_decided(desk, 2_500, [cook.number], (Queue.REVIEW, Queue.URGENT), spread=timedelta(days=3))
    filters = Filters.parse({**query, "community": "kitchen 7", "level": "urgent"})
    whole = found(desk, cook, **filters.to_query())
    hits: list[Hit] = []
    after, unfinished = None, 0
    while True:
        page = desk.read(search, cook, filters, after, within_s=0)
        hits += page.found
        unfinished += page.unfinished
        after = page.onward
        if after is None:
            break
        assert page.looked_at >= 2_000 or len(page.found) == PAGE
    assert unfinished
    assert hits == whole


def test_a_page_after_a_task_that_is_not_there_is_refused(
    desk: Desk, clock: FixedClock, alice: Reviewer
) -> None:
    with pytest.raises(UnknownError, match="no task 99"):
        desk.read(search, alice, Filters(), 99)
    handed_in(desk, judged("p1"))
    with pytest.raises(ConflictError, match="begin the search anew"):
        desk.read(search, alice, Filters.parse({"state": "done"}), 1)


# What is written in an address -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ({"quee": "urgent"}, "a filter must be one of state, queue"),
        ({"state": "waiting"}, "state must be one of open, done, any, was 'waiting'"),
        ({"queue": "Urgent"}, "queue must be one of orders"),
        ({"verdict": "skip"}, "verdict must be one of confirm, dismiss"),
        ({"level": "high"}, "level must be one of urgent, review, none, unjudged"),
        ({"reason": "rude"}, "reason must be one of empty"),
        ({"severity": "2"}, "severity must be one of unknown, moderate, severe"),
        ({"role": "boss"}, "role must be one of reviewer"),
        ({"late": "1"}, "late must be yes or nothing"),
        ({"holder": "alice"}, "holder must be a number"),
        ({"holder": "1" * 19}, "holder must be a number"),
        ({"holder": "²"}, "holder must be a number"),
        ({"created_from": "17 May"}, "created_from must be a day like"),
        ({"created_from": "0001-01-01"}, "created_from must lie in the years 1970"),
        ({"created_from": "2026-03-02T09:00"}, "created_from must be a day like"),
        ({"created_from": "2026-03-03", "created_until": "2026-03-02"}, "created_from must not be after"),
        ({"item": "a" * 513}, "item must have at most 512"),
        ({"item": "a\0b"}, "item must have at most 512 printable"),
        ({"flagged": "a" * 257}, "flagged must have at most 256"),
        ({"item": "a", "begins": "a"}, "not by both"),
        ({"verdict": "confirm"}, "verdict must go with the state done or any"),
        ({"state": "open", "decided_from": "2026-03-02"}, "decided_from must go with the state done"),
        ({"state": "done", "holder": "1"}, "holder must go with the state open"),
        ({"state": "done", "verdict": "dismiss", "confirmed": "soup"}, "confirmed must go with"),
        ({"level": "urgent", "reason": "empty"}, "reason must go with the level unjudged"),
    ],
    ids=lambda one: str(one) if isinstance(one, dict) else "",
)
def test_what_cannot_be_meant_is_refused_with_its_rule(query: dict[str, str], rule: str) -> None:
    with pytest.raises(InputError) as refused:
        Filters.parse(query)
    assert rule in str(refused.value)


@pytest.mark.parametrize(
    ("query", "wanted"), CASES, ids=lambda one: str(one) if isinstance(one, dict) else ""
)
def test_what_filters_write_is_what_they_are_read_from(query: dict[str, str], wanted: object) -> None:
    filters = Filters.parse(query)
    assert filters.to_query() == {name: value for name, value in query.items() if (name, value) != OPEN_STATE}
    assert Filters.parse(filters.to_query()) == filters


OPEN_STATE = ("state", "open")


def test_what_is_empty_asks_for_nothing() -> None:
    assert Filters.parse({"queue": "", "item": "  ", "late": ""}) == Filters()
