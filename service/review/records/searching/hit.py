"""A task that was found: what is known of it, and no text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Row, bindparam, select

from tocsin.service.review.double.blindness import adjudicated
from tocsin.service.review.queue import Queue
from tocsin.service.review.role import Role
from tocsin.service.review.severity import Severity
from tocsin.service.review.store.phrases import is_standing
from tocsin.service.review.store.tables import decisions, items, tasks

__all__ = ["Hit", "hits_of"]

_NUMBERS: Final[BindParameter[Sequence[int]]] = bindparam("numbers", expanding=True)
_TOLD: Final = (
    select(tasks, items.c.platform_id).join(items, items.c.id == tasks.c.item).where(tasks.c.id.in_(_NUMBERS))
)
# Not in order: PostgreSQL would go through every decision in that order. A task has one that stands.
_DECIDED: Final = select(
    decisions.c.task, decisions.c.verdict, decisions.c.policy, decisions.c.reviewer
).where(decisions.c.task.in_(_NUMBERS), *is_standing())


@dataclass(frozen=True, slots=True)
class Hit:
    """Hold one task; `queue` is what whoever searches may know of it, `item` None once it is erased.

    `level` is None where the model could not judge the item. `verdict` and `policy` are of the decision that
    stands; `holder` and `decider` are told to leads alone.
    """

    number: int
    item: str | None
    queue: Queue
    state: str
    level: str | None
    language: str | None
    community: str | None
    severity: Severity
    least_role: Role
    created_at: datetime
    deadline: datetime | None
    late: bool
    held: bool
    done_at: datetime | None
    verdict: str | None
    policy: str | None
    holder: int | None
    decider: int | None


def hits_of(tx: Connection, numbers: Sequence[int], now: datetime, *, leads: bool) -> list[Hit]:
    """Return the tasks of these numbers, in this order."""
    if not numbers:
        return []
    given = {"numbers": list(numbers)}
    decided = {row.task: row for row in tx.execute(_DECIDED, given)}
    found = {row.id: row for row in tx.execute(_TOLD, given)}
    unnamed = adjudicated(tx, {row.item for row in found.values()}) if leads else frozenset[int]()
    hits = (_hit(found[number], decided.get(number), now, leads) for number in numbers)
    return [replace(one, decider=None) if found[one.number].item in unnamed else one for one in hits]


def _hit(row: Row[Any], decision: Any, now: datetime, leads: bool) -> Hit:
    held = row.state == "open" and row.claimed_by is not None and row.available_at > now
    return Hit(
        number=row.id,
        item=row.platform_id,
        queue=Queue(row.queue if leads else row.shown),
        state=row.state,
        level=row.level,
        language=row.language,
        community=row.community,
        severity=Severity(row.severity),
        least_role=Role(row.least_role),
        created_at=row.created_at,
        deadline=row.deadline,
        late=row.deadline is not None and row.deadline < (row.done_at or now),
        held=held,
        done_at=row.done_at,
        verdict=None if decision is None else decision.verdict,
        policy=None if decision is None else decision.policy,
        holder=row.claimed_by if held and leads else None,
        decider=decision.reviewer if decision is not None and leads else None,
    )
