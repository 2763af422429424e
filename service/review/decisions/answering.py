"""Answering: what a decision on a text that is read blind must say, and what that then weighs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from tocsin.errors import InputError
from tocsin.service.review.decisions.decision import Said
from tocsin.service.review.queue import Queue
from tocsin.service.review.severity import Severity
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.sample_tables import sampled, samples
from tocsin.service.review.store.tables import pages
from tocsin.service.review.verdict import Verdict

__all__ = ["answered", "check_answers", "weigh"]

_ASKED: Final = (
    select(samples.c.policies)
    .join(sampled, sampled.c.sample == samples.c.id)
    .where(sampled.c.item == bindparam("item"))
)


def answered(
    verdict: Verdict,
    breaks: Iterable[str] = (),
    unsure: Iterable[str] = (),
    reason: str | None = None,
    note: str | None = None,
) -> Said:
    """Return what is said of a sampled text: the policies that it breaks, and those left open.

    It keeps all others. The same said in another order is the same.
    """
    broken, left_open = sorted(set(breaks)), sorted(set(unsure))
    policy = broken[0] if broken and verdict is Verdict.CONFIRM else None
    return Said(verdict, policy, reason, note, tuple(broken), tuple(left_open))


def check_answers(tx: Connection, task: Row[Any], said: Said) -> None:
    """Raise InputError where what is said of a task does not answer what it asks.

    Of a sampled text it must answer every policy of its audit, of any other none but the one that it breaks.
    """
    if not Queue(task.queue).asks_all:
        if said.verdict is Verdict.ESCALATE and Queue(task.queue) is Queue.SECOND:
            raise InputError("a second reading must be decided or skipped: nothing hangs on it to escalate")
        if said.policies or said.unsure:
            raise InputError("policies must be answered of sampled texts alone: name the one that it breaks")
        return
    if said.verdict is Verdict.CONFIRM and not said.policies:
        raise InputError("every policy that a sampled text breaks must be named in policies, none was")
    if said.verdict is not Verdict.CONFIRM and said.policies:
        raise InputError(f"policies must be named to confirm, were with the verdict {said.verdict.value}")
    if not said.verdict.final and said.unsure:
        raise InputError(f"unsure must come with a decision, came with the verdict {said.verdict.value}")
    asked: Sequence[str] = tx.execute(_ASKED, {"item": task.item}).scalar_one()
    for name in (*said.policies, *said.unsure):
        if name not in asked:
            raise InputError(f"a policy must be one of {', '.join(asked)}, was {name[:64]!r}")
    both = sorted(set(said.policies) & set(said.unsure))
    if both:
        raise InputError(f"a policy must be broken or unsure, not both, was {both[0]!r}")


def weigh(tx: Connection, task: Row[Any], *, broken: bool) -> None:
    """Have a text that is read blind count as severe for those who read it, where it breaks a policy.

    Before, nobody knows: what the model knows is not asked, or a budget would tell it.
    """
    if not Queue(task.queue).blind:
        return
    paged = select(pages.c.id).where(pages.c.task == task.id).limit(1)
    if not broken and tx.execute(paged).first() is not None:
        return  # somebody said that a life may be in danger: that it stays
    severity = Severity.SEVERE if broken else Severity.UNKNOWN
    tx.execute(update(reveals).where(reveals.c.task == task.id).values(severity=int(severity)))
