"""A queue filled at once, through the tables: for tests and measurements of many tasks."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    cast,
    func,
    insert,
    literal,
    select,
    true,
)

from tocsin.assessment import Assessment, Level
from tocsin.service.review.context import Context
from tocsin.service.review.contract_testing import POLICY, assessed, recipe, unscorable
from tocsin.service.review.desk import Desk
from tocsin.service.review.digest import digest, new_salt
from tocsin.service.review.queue import Queue
from tocsin.service.review.role import Role
from tocsin.service.review.rules import serve_by
from tocsin.service.review.severity import Severity
from tocsin.service.review.store.tables import decisions, flags, items, tasks

__all__ = ["fill", "fill_decided", "multiply"]

_AT_A_TIME: Final = 1_000
_SEED: Final = 20_260_302
_AUDIT_SHARE: Final = 0.005
_KITCHENS: Final = 20
_COPIES_AT_A_TIME: Final = 10
_TOKEN: Final = 28  # characters: room for the number of a copy
# What the model finds of those that lie in a queue.
_LEVELS: Final[Mapping[Queue, Level | None]] = {
    Queue.URGENT: Level.URGENT,
    Queue.RANDOM: Level.NONE,
    Queue.UNSCORABLE: None,
}
_HOURS_TO_MEET: Final = {Queue.ORDERS: 1, Queue.NOTICES: 72}
# What of a row must differ from that of its copy: numbers are moved, names get the copy's number.
_NUMBERED: Final[Mapping[Table, Sequence[str]]] = {
    items: ("id",),
    flags: ("item",),
    tasks: ("id", "item"),
    decisions: ("id", "task", "item"),
}
_NAMED: Final = ("platform_id", "claim")
_COUNTED: Final = (items, tasks, decisions)
_HOMES: Final[Mapping[str, Table]] = {"item": items, "task": tasks}


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Hold one item and its task; `by` is who decided it, `wait` after how long."""

    queue: Queue
    priority: float
    age: timedelta
    wait: timedelta = timedelta(0)
    by: int | None = None
    confirmed: bool = False

    @property
    def level(self) -> Level | None:
        return _LEVELS.get(self.queue, Level.REVIEW)

    @property
    def shown(self) -> Queue:
        return Queue.REVIEW if self.queue is Queue.GOLDEN else self.queue

    @property
    def inclusion(self) -> float | None:
        return _AUDIT_SHARE if self.level is Level.NONE else None

    def assessment(self, name: str) -> Assessment:
        level = self.level
        return unscorable(name) if level is None else assessed(name, level, self.priority)


def fill(
    desk: Desk, count: int, queues: Sequence[Queue] = (Queue.REVIEW,), *, spread: timedelta = timedelta(0)
) -> None:
    """Put `count` tasks into the queues in turn, received up to `spread` ago; no text gets its bands."""
    drawn = random.Random(_SEED)  # noqa: S311 - ages and priorities
    chosen = (queues[number % len(queues)] for number in range(count))
    _put(desk, (_Drawn(one, round(drawn.random(), 6), spread * drawn.random()) for one in chosen))


def fill_decided(
    desk: Desk, count: int, by: Sequence[int], queues: Sequence[Queue] = (Queue.REVIEW,), *, spread: timedelta
) -> None:
    """Put `count` decided tasks beside what is there, each by one of the reviewers `by`; nothing is logged.

    Of priority p, one is confirmed with probability p.
    """
    _put(desk, _decided(count, by, queues, spread))


def multiply(desk: Desk, times: int) -> None:
    """Copy every item, with its flags, tasks and decisions, until there are `times` as many.

    All keep their moments. Nothing else that hangs on them is copied.
    """
    spans = desk.store.read(_spans)
    for first in range(1, times, _COPIES_AT_A_TIME):
        last = min(times, first + _COPIES_AT_A_TIME) - 1
        desk.store.write(partial(_multiply, spans=spans, first=first, last=last))


def _decided(count: int, by: Sequence[int], queues: Sequence[Queue], spread: timedelta) -> Iterator[_Drawn]:
    drawn = random.Random(_SEED + 1)  # noqa: S311 - ages, waits and verdicts
    for number in range(count):
        age, priority = spread * drawn.random(), round(drawn.random(), 6)
        yield _Drawn(
            queues[number % len(queues)],
            priority,
            age,
            min(age, timedelta(hours=drawn.expovariate(1 / 6))),
            drawn.choice(by),
            drawn.random() < priority,
        )


def _put(desk: Desk, wanted: Iterator[_Drawn]) -> None:
    while batch := list(islice(wanted, _AT_A_TIME)):
        desk.write(_fill, batch)


def _fill(tx: Connection, context: Context, wanted: Sequence[_Drawn]) -> None:
    first = tx.execute(select(func.coalesce(func.max(items.c.id), 0))).scalar_one() + 1
    tx.execute(insert(items), [_item(context, first + place, one) for place, one in enumerate(wanted)])
    kept = _numbers(tx, items, first)
    told = [_flag(number, one) for number, one in zip(kept, wanted, strict=True)]
    if found := [one for one in told if one is not None]:
        tx.execute(insert(flags), found)
    newest = tx.execute(select(func.coalesce(func.max(tasks.c.id), 0))).scalar_one()
    tx.execute(insert(tasks), [_task(context, number, one) for number, one in zip(kept, wanted, strict=True)])
    made = zip(_numbers(tx, tasks, newest + 1), kept, wanted, strict=True)
    if rows := [_decision(context, task, item, one) for task, item, one in made if one.by is not None]:
        tx.execute(insert(decisions), rows)


def _numbers(tx: Connection, table: Table, first: int) -> Sequence[int]:
    return tx.execute(select(table.c.id).where(table.c.id >= first).order_by(table.c.id)).scalars().all()


def _item(context: Context, number: int, one: _Drawn) -> dict[str, Any]:
    name, said, salt = f"filled-{number}", recipe(number), new_salt()
    return {
        "platform_id": name,
        "received_at": context.clock() - one.age,
        "text": said,
        **_told(number, one),
        "salt": salt,
        "digest": digest(salt, name, said),
        "assessment": one.assessment(name).to_dict(),
        "priority": None if one.level is None else one.priority,
        "inclusion": one.inclusion,
        "expected": {"policy": POLICY} if one.queue is Queue.GOLDEN else None,
    }


def _told(item: int, one: _Drawn) -> dict[str, Any]:
    return {
        "level": None if one.level is None else one.level.value,
        "language": "de" if item % 10 == 0 else "en",
        "community": f"kitchen {item % _KITCHENS}",
    }


def _flag(item: int, one: _Drawn) -> dict[str, Any] | None:
    if one.level is None or one.level is Level.NONE:
        return None
    return {"item": item, "policy": POLICY, "level": one.level.value}


def _task(context: Context, item: int, one: _Drawn) -> dict[str, Any]:
    at = context.clock() - one.age
    hours = _HOURS_TO_MEET.get(one.queue)
    deadline = None if hours is None else at + timedelta(hours=hours)
    return {
        "item": item,
        "queue": one.queue.value,
        "shown": one.shown.value,
        "state": "open" if one.by is None else "done",
        "least_role": int(Role.REVIEWER),
        "priority": one.priority,
        "created_at": at,
        "serve_by": serve_by(one.queue, one.priority, at, deadline, context.rules),
        "deadline": deadline,
        "available_at": at,
        "claim": None if one.by is None else _token(),
        "claimed_by": one.by,
        "claimed_at": None if one.by is None else _made_at(at, one) - timedelta(minutes=1),
        "inclusion": one.inclusion,
        "done_at": None if one.by is None else _made_at(at, one),
        "severity": int(Severity.of(one.level)),
        **_told(item, one),
    }


def _decision(context: Context, task: int, item: int, one: _Drawn) -> dict[str, Any]:
    return {
        "task": task,
        "item": item,
        "reviewer": one.by,
        "claim": _token(),
        "verdict": "confirm" if one.confirmed else "dismiss",
        "policy": POLICY if one.confirmed else None,
        "made_at": _made_at(context.clock() - one.age, one),
    }


def _made_at(created: datetime, one: _Drawn) -> datetime:
    return created + one.wait


def _spans(tx: Connection) -> dict[Table, int]:
    """Return how far apart an original and its first copy lie."""
    return {table: tx.execute(select(func.max(table.c.id))).scalar_one() for table in _COUNTED}


def _multiply(tx: Connection, spans: Mapping[Table, int], first: int, last: int) -> None:
    copies = select(literal(first).label("copy")).cte("copies", recursive=True)
    copies = copies.union_all(select(copies.c.copy + 1).where(copies.c.copy < last))
    for table, numbered in _NUMBERED.items():
        span = {name: spans[_HOMES.get(name, table)] for name in numbered}
        moved = {name: table.c[name] + copies.c.copy * span[name] for name in numbered}
        named = {name: _named(table.c[name], copies.c.copy) for name in _NAMED if name in table.c}
        changed = {**{column.name: column for column in table.c}, **moved, **named}
        number = table.c[numbered[0]]
        rows = select(*changed.values()).select_from(table.join(copies, true()))
        rows = rows.where(number <= span[numbered[0]]).order_by(copies.c.copy, number)
        tx.execute(insert(table).from_select(list(changed), rows))
    if tx.dialect.name == "postgresql":
        for table in _COUNTED:
            counted = f"pg_get_serial_sequence('{table.name}', 'id')"
            tx.exec_driver_sql(f"SELECT setval({counted}, (SELECT max(id) FROM {table.name}))")  # noqa: S608


def _named(column: Column[Any], copy: ColumnElement[int]) -> ColumnElement[Any]:
    return column + literal("-") + cast(copy, String)


def _token() -> str:
    return uuid.uuid4().hex[:_TOKEN]
