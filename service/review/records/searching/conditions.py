"""What filters ask of the tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, Text, and_, cast, exists, func, literal, or_

from tocsin.service.review.double.blindness import is_adjudicated
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.searching.filters import Filters, Judgement
from tocsin.service.review.store.moment import Moment
from tocsin.service.review.store.phrases import is_standing
from tocsin.service.review.store.tables import decisions, flags, items

__all__ = ["begins", "conditions", "day_after", "day_of"]

_Condition = ColumnElement[bool]
_DAY: Final = timedelta(days=1)
_LAST: Final = "\U0010ffff"  # no id holds it: it comes after all that begin alike


def conditions(
    filters: Filters, looked: FromClause, now: datetime, dialect: str, *, leads: bool
) -> Iterator[_Condition]:
    """Yield what must hold of `looked`, rows of tasks, but for their state; leads know a task's own queue."""
    task = looked.c
    for name, ask in _ASKED.items():
        value = getattr(filters, name)
        if value is not None:
            yield ask(task, value)
    if any(getattr(filters, name) is not None for name in _OF_THE_MODEL):
        yield task.queue.not_in([one.value for one in Queue if one.blind])  # of these nothing of it is told
    if filters.queue is not None:
        yield (task.queue if leads else task.shown) == filters.queue.value
    if filters.decider is not None:
        yield ~is_adjudicated(task.item)  # who decided must not count there
    if filters.late:
        yield task.deadline < func.coalesce(task.done_at, literal(now, Moment()))
    if filters.holder is not None:
        yield and_(task.state == "open", task.claimed_by == filters.holder, task.available_at > now)
    if filters.begins is not None:
        yield exists().where(items.c.id == task.item, begins(filters.begins, dialect))
    if (decided := _decided(filters)) is not None:
        yield exists().where(decisions.c.task == task.id, *decided)


def begins(prefix: str, dialect: str) -> _Condition:
    """Return what holds of an item whose platform's id begins so: as each database's index can tell."""
    name = items.c.platform_id
    if dialect == "postgresql":
        return name.startswith(prefix, autoescape=True)
    return and_(name >= prefix, name < prefix + _LAST)


def day_of(day: date) -> datetime:
    """Return when a day begins, in UTC."""
    return datetime.combine(day, time(), UTC)


def day_after(day: date) -> datetime:
    """Return when a day is over, in UTC."""
    return day_of(day) + _DAY


def _flagged(task: Any, policy: str) -> _Condition:
    return exists().where(flags.c.item == task.item, flags.c.policy == policy)


def _judged(task: Any, level: Judgement) -> _Condition:
    unjudged: _Condition = task.level.is_(None)
    return unjudged if level is Judgement.UNJUDGED else task.level == level.value


def _unscorable(task: Any, reason: Any) -> _Condition:
    said = items.c.assessment["reason"].as_string() == reason.value
    return and_(task.level.is_(None), exists().where(items.c.id == task.item, said))


_ASKED: Final[Mapping[str, Callable[[Any, Any], _Condition]]] = {
    "item": lambda task, name: exists().where(items.c.id == task.item, items.c.platform_id == name),
    "level": _judged,
    "severity": lambda task, severity: task.severity == int(severity),
    "role": lambda task, role: task.least_role == int(role),
    "language": lambda task, language: task.language == language,
    "community": lambda task, community: task.community == community,
    "created_from": lambda task, day: task.created_at >= day_of(day),
    "created_until": lambda task, day: task.created_at < day_after(day),
    "flagged": _flagged,
    "reason": _unscorable,
}


_OF_THE_MODEL: Final = ("level", "flagged", "reason", "severity", "language")


def _confirmed(policy: str) -> _Condition:
    """Return what holds of a decision that names a policy; of a sampled text, among others."""
    named = cast(decisions.c.policies, Text).contains(json.dumps(policy), autoescape=True)
    return or_(decisions.c.policy == policy, named)


_ASKED_OF_DECISIONS: Final[Mapping[str, Callable[[Any], _Condition]]] = {
    "verdict": lambda verdict: decisions.c.verdict == verdict,
    "confirmed": _confirmed,
    "decider": lambda reviewer: decisions.c.reviewer == reviewer,
    "decided_from": lambda day: decisions.c.made_at >= day_of(day),
    "decided_until": lambda day: decisions.c.made_at < day_after(day),
}


def _decided(filters: Filters) -> tuple[_Condition, ...] | None:
    """Return what must hold of the decision that stands on a task; None where nothing must."""
    asked = {name: getattr(filters, name) for name in _ASKED_OF_DECISIONS}
    found = [_ASKED_OF_DECISIONS[name](value) for name, value in asked.items() if value is not None]
    return (*found, *is_standing()) if found else None
