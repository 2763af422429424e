"""How made-up people work: they take what is served, look, and decide; some skip, escalate, undo."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Final

from tocsin.service.review.contract_testing import DISMISS, ESCALATE, SKIP, FixedClock
from tocsin.service.review.decisions import Decision, Said, decide, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.double.comparing import compare_due, is_due
from tocsin.service.review.log import Actor
from tocsin.service.review.month_testing.ledger import Ledger, Spoken
from tocsin.service.review.month_testing.people import ESCALATES, LEAD, REVIEWERS, SENIOR, Person
from tocsin.service.review.month_testing.platform import ALONE, Kind
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Extent, Reviewer, add_reviewer, view
from tocsin.service.review.tasks import Task, claim_next
from tocsin.service.review.verdict import Verdict

__all__ = ["DECIDES_S", "Staff", "drawn_from"]

_LOOKS_S: Final = 9.0
DECIDES_S: Final = 6.0
"""How long it takes from a look to a decision."""
_SKIPS: Final = 0.01
_SLIPS: Final = 0.01  # of decisions, undone at once
_FIRST: Final = frozenset((Queue.URGENT, Queue.REVIEW, Queue.NOTICES, Queue.RANDOM, Queue.UNSCORABLE))


def drawn_from(draw: random.Random, chances: Mapping[str | None, float]) -> str | None:
    """Return one of what may be, by chance."""
    return draw.choices(list(chances), list(chances.values()))[0]


class Staff:
    """Hold the people of a desk, at work; all that they do is in the ledger."""

    def __init__(self, desk: Desk, clock: FixedClock, draw: random.Random, ledger: Ledger) -> None:
        self._desk = desk
        self._clock = clock
        self._draw = draw
        self._ledger = ledger
        self._kinds: dict[str, Kind] = {}
        self._passed: set[int] = set()
        self._as: dict[str, Reviewer] = {
            one.name: desk.write(add_reviewer, one.name, one.role, key=None, by=Actor("system"))
            for one in (*REVIEWERS, SENIOR, LEAD)
        }

    @property
    def lead(self) -> Reviewer:
        """Return the lead."""
        return self._as[LEAD.name]

    def learn(self, item: str, kind: Kind) -> None:
        """Tell what an item is in truth, which people see but for their errors."""
        self._kinds[item] = kind

    def work_off(self) -> None:
        """Decide all that waits, second readings and adjudications of it too, as a day's end has it."""
        for _ in range(3):
            self._round()
            self._clock.advance(self._desk.context.settings.undo_seconds + 1)
            while self._desk.read(is_due):
                self._desk.write(compare_due)

    def answer_order(self, after_s: float) -> Spoken:
        """Have whoever is free decide the next order, after a while; return what was said."""
        person = self._draw.choice(REVIEWERS)
        self._clock.advance(after_s)
        task = self._desk.jot(claim_next, self._as[person.name], (Queue.ORDERS,))
        if task is None:
            raise AssertionError("an order must wait, none does")
        return self._decided(person, task)

    def _round(self) -> None:
        """Let reviewers take what they may, in an order of chance; then seniors what is left to them."""
        free = list(REVIEWERS)
        while free:
            person = self._draw.choice(free)
            if not self._took(person):
                free.remove(person)
        for person in (SENIOR, LEAD):
            while self._took(person):
                pass

    def _took(self, person: Person) -> bool:
        task = self._desk.jot(claim_next, self._as[person.name])
        if task is None:
            return False
        if person in REVIEWERS and task.queue in _FIRST and task.number not in self._passed:
            said = self._left()
            if said is not None:
                self._passed.add(task.number)
                self._say(person, task, said)
                return True
        self._decided(person, task)
        return True

    def _left(self) -> Said | None:
        """Return what leaves a task to others, None where it is decided."""
        drawn = self._draw.random()
        if drawn < _SKIPS:
            self._ledger.skipped += 1
            return SKIP
        if drawn < _SKIPS + ESCALATES:
            self._ledger.escalated += 1
            return ESCALATE
        return None

    def _decided(self, person: Person, task: Task) -> Spoken:
        kind = self._kinds.get(task.item or "", ALONE)
        policy = drawn_from(self._draw, person.says(kind))
        said = DISMISS if policy is None else Said(Verdict.CONFIRM, policy)
        claim = None
        if task.queue in _FIRST and self._draw.random() < _SLIPS:
            slip = DISMISS if policy else Said(Verdict.CONFIRM, "soup")
            made = self._say(person, task, slip)
            self._clock.advance(DECIDES_S)
            claim = self._desk.write(undo, self._as[person.name], made.number)
            self._ledger.undone += 1
        made = self._say(person, task, said, claim)
        spoken = Spoken(made.number, task.number, task.queue, person.name, policy, self._clock(), made.aside)
        self._ledger.spoken.setdefault(task.item or "", []).append(spoken)
        return spoken

    def _say(self, person: Person, task: Task, said: Said, claim: str | None = None) -> Decision:
        by = self._as[person.name]
        if claim is None:
            self._clock.advance(_LOOKS_S)
            self._desk.write(view, by, task.number, Extent.WHOLE)
        self._clock.advance(DECIDES_S)
        token = claim or task.claim
        if token is None:
            raise AssertionError("whoever decides must hold the task, holds none")
        return self._desk.write(decide, by, token, said)
