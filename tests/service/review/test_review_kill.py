"""Killed at every step of a transaction: what it does is stored whole, or not at all, and once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from signal import SIGKILL
from typing import Any, Final
from zlib import crc32

import pytest
from sqlalchemy import func, select

from tocsin.service.review.care import page_pressing
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    KEY,
    START,
    FixedClock,
    claimed,
    endpoint,
    hand_in,
    judged,
    recipe,
    reviewer,
)
from tocsin.service.review.decisions import decide, decide_together, find_alike, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ReviewError
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource, take_in
from tocsin.service.review.log import read_head, verify
from tocsin.service.review.records import Reviewer
from tocsin.service.review.store.tables import decisions, metadata, outbox, tasks
from tocsin.service.review.worker_testing import ENDPOINTS, PATIENCE_S, die_at, processes

Work = tuple[Callable[..., Any], Sequence[Any]]
BANDS: Final = "near_bands"  # as many as a text happens to have


@dataclass(frozen=True)
class Case:
    """Hold what prepares a piece of work, what it stores, and whether asking again is answered as before."""

    prepared: Callable[[Desk, Reviewer, str], Work]
    stored: Mapping[str, int]
    answers_again: bool = True


def a_decision(desk: Desk, me: Reviewer, name: str) -> Work:
    hand_in(desk, judged(name))
    return decide, (me, claimed(desk, me)[1], CONFIRM)


def an_undoing(desk: Desk, me: Reviewer, name: str) -> Work:
    hand_in(desk, judged(name))
    made = desk.write(decide, me, claimed(desk, me)[1], CONFIRM)
    return undo, (me, made.number)


def a_decision_on_three(desk: Desk, me: Reviewer, name: str) -> Work:
    text = recipe(crc32(name.encode()))
    hand_in(desk, *(judged(f"{name}-{copy}", text) for copy in range(3)))
    claim = claimed(desk, me)[1]
    alike = [one.task for one in desk.read(find_alike, me, claim)]
    return decide_together, (me, claim, alike, CONFIRM)


def a_notice(desk: Desk, me: Reviewer, name: str) -> Work:
    del desk, me
    told = Notice("n-1", NoticeKind.NOTICE, NoticeSource.USER, statement="too much salt", threat_to_life=True)
    return take_in, ([judged(name, notice=told)], BY)


def a_deadline(desk: Desk, me: Reviewer, name: str) -> Work:
    del me
    late = START - timedelta(hours=2)
    order = Notice("o-1", NoticeKind.ORDER, NoticeSource.AUTHORITY, received_at=late)
    hand_in(desk, judged(name, level="urgent", notice=order))
    return page_pressing, ()


TOLD: Final = {f"outbox {name}": 1 for name in ENDPOINTS}
CASES: Final = {
    "a decision": Case(a_decision, {"decisions": 1, "tasks done": 1, "log": 1, **TOLD}),
    "an undoing": Case(
        an_undoing, {"decisions undone": 1, "tasks done": -1, "log": 1, **TOLD}, answers_again=False
    ),
    "a decision on three copies": Case(
        a_decision_on_three,
        {"decisions": 3, "tasks done": 3, "log": 3, **dict.fromkeys(TOLD, 3)},
    ),
    "a notice of a threat": Case(
        a_notice, {"items": 1, "flags": 1, "tasks": 1, "notices": 1, "pages": 1, "log": 2, **TOLD}
    ),
    "a page over a deadline": Case(a_deadline, {"pages": 1, "log": 1, **TOLD}),
}


def tally(desk: Desk) -> Counter[str]:
    """Return how many rows there are, of each table and of what matters in it."""
    counted = {table.name: select(func.count()).select_from(table) for table in metadata.sorted_tables}
    counted["tasks done"] = counted["tasks"].where(tasks.c.state == "done")
    counted["decisions undone"] = counted["decisions"].where(decisions.c.undone_at.is_not(None))
    posted = counted.pop("outbox")
    counted |= {f"outbox {name}": posted.where(outbox.c.endpoint == name) for name in ENDPOINTS}
    del counted[BANDS]
    once = select(*(query.scalar_subquery().label(name) for name, query in counted.items()))
    return Counter(desk.store.read(lambda tx: dict(tx.execute(once).one()._mapping)))


def more(desk: Desk, before: Counter[str]) -> dict[str, int]:
    """Return what there is more than before, and what less."""
    after = tally(desk)
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def ended(last: int, url: str, clock: FixedClock, work: Work) -> int | None:
    """Let a process do the work until step `last`; return how it ended."""
    process = processes().Process(target=die_at, args=(last, url, clock, *work), daemon=True)
    process.start()
    process.join(PATIENCE_S)
    return process.exitcode


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_killed_at_any_step_work_is_stored_whole_or_not_at_all_and_once_when_asked_again(
    make_desk: Callable[..., Desk], ready_url: str, clock: FixedClock, case: Case
) -> None:
    desk = make_desk(endpoints=[endpoint(name) for name in ENDPOINTS], claims_each=1_000)
    me = reviewer(desk)
    whole: list[bool] = []
    end = None
    while end != 0:
        work, given = case.prepared(desk, me, f"dish {len(whole)}")
        before = tally(desk)
        desk.store.close()  # whoever is killed has the database alone, and leaves it to new connections

        end = ended(len(whole) + 1, ready_url, clock, (work, given))

        assert end in (0, -SIGKILL)
        stored = more(desk, before)
        assert stored in ({}, case.stored)
        with pytest.raises(ReviewError) if stored and not case.answers_again else nullcontext():
            desk.write(work, *given)
        assert more(desk, before) == case.stored
        assert desk.store.read(lambda tx: verify(tx, KEY, read_head(tx))).whole
        whole.append(bool(stored))
    # Nothing shows until it is committed: only who was killed after that, and who was not at all, stored it.
    assert whole == [False] * (len(whole) - 2) + [True] * 2
    assert len(whole) > 10


def test_a_claim_outlives_whoever_is_killed_with_it_until_its_lease_ends(
    make_desk: Callable[..., Desk], ready_url: str, clock: FixedClock
) -> None:
    desk = make_desk(lease_seconds=60)
    hand_in(desk, judged("dish"))
    first, second = reviewer(desk, "alice"), reviewer(desk, "bob")
    task, claim = claimed(desk, first)

    assert ended(1, ready_url, clock, (decide, (first, claim, CONFIRM))) == -SIGKILL
    with pytest.raises(AssertionError, match="there is none"):
        claimed(desk, second)
    clock.advance(60)

    assert claimed(desk, second)[0].number == task.number
    with pytest.raises(ReviewError, match="not lapsed into another's"):
        desk.write(decide, first, claim, CONFIRM)
