"""Everything that happened to an item, in order: what the log says, and what the tables add."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from tocsin.service.review.log import Action
from tocsin.service.review.replay.kept import Kept
from tocsin.service.review.replay.screen import Screen, screen_at
from tocsin.service.review.replay.sealed import Logged

__all__ = ["Event", "events_of"]

_OWN: Final = ("digest",)  # said once, of the item
_LATE: Final = 9  # among what happened at one moment


@dataclass(frozen=True, slots=True)
class Event:
    """Hold one thing that happened: `row` is its row in the log, None of what the log does not hold.

    `what` is the log's word, or item.received, task.opened, task.claimed, message.made or statement.made.
    `by` is an actor as the log writes it: a number, never a name. `told` holds numbers and words of our own,
    and what the platform called things; no text. A decision comes with its screen.
    """

    at: datetime | None
    what: str
    by: str | None
    row: int | None
    told: Mapping[str, Any]
    screen: Screen | None = None


def events_of(kept: Kept, logged: Sequence[Logged]) -> list[Event]:
    """Return what happened to an item, oldest first: all that the log or a table tells of it."""
    came = {
        (name, one.body[name]): one.at
        for one in logged
        for name in ("notice", "appeal")
        if one.action in _ARRIVING and isinstance(one.body.get(name), int) and one.at is not None
    }
    seen: set[tuple[str, int]] = set()
    found = [_logged_event(kept, one, came, seen) for one in logged]
    found += _unlogged(kept, seen, came)
    found += _around(kept)
    return sorted(found, key=_order)


_ARRIVING: Final = {Action.NOTICED.value, Action.APPEALED.value}


def _logged_event(
    kept: Kept, one: Logged, came: Mapping[tuple[str, int], datetime], seen: set[tuple[str, int]]
) -> Event:
    told = {name: value for name, value in one.body.items() if name not in _OWN}
    screen = None
    if one.action in _ADDED:
        name, rows, added = _ADDED[one.action]
        number = one.body.get(name)
        row = getattr(kept, rows).get(number) if isinstance(number, int) else None
        if row is not None:
            seen.add((name, row.id))
            told |= added(row)
            screen = screen_at(kept, row, came) if one.action == Action.DECIDED.value else None
    return Event(one.at, one.action, one.actor, one.row, told, screen)


def _notice(row: Row[Any]) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "policy": row.policy,
        "threat_to_life": row.threat_to_life,
        "received": row.received_at,
        "deadline": row.deadline,
        "statement": row.statement is not None,
    }


def _appeal(row: Row[Any]) -> dict[str, Any]:
    return {"reference": row.reference, "received": row.received_at, "statement": row.statement is not None}


def _measure(row: Row[Any]) -> dict[str, Any]:
    return {
        "reference": row.reference,
        "ground": row.ground,
        "ground_text": row.ground_text,
        "source": row.source,
        "automation": row.automation,
        "territory": row.territory or [],
        "applied": row.applied_at,
        "ends": row.ends_at,
        "explanation": row.explanation is not None,
    }


def _decision(row: Row[Any]) -> dict[str, Any]:
    return {
        "replaces": row.replaces,
        "together_with": row.together_with,
        "aside": row.aside,
        "reason": row.reason is not None,
        "note": row.note is not None,
        "undone": row.undone_at,
    }


_ADDED: Final[Mapping[str, tuple[str, str, Callable[[Row[Any]], dict[str, Any]]]]] = {
    Action.NOTICED.value: ("notice", "notices", _notice),
    Action.APPEALED.value: ("appeal", "appeals", _appeal),
    Action.MEASURED.value: ("measure", "measures", _measure),
    Action.DECIDED.value: ("decision", "decisions", _decision),
}


def _unlogged(
    kept: Kept, seen: set[tuple[str, int]], came: Mapping[tuple[str, int], datetime]
) -> Iterator[Event]:
    """Yield what the tables hold and the log should, but does not."""
    for action, (name, rows, added) in _ADDED.items():
        for row in getattr(kept, rows).values():
            if (name, row.id) in seen:
                continue
            is_decision = action == Action.DECIDED.value
            at = row.made_at if is_decision else getattr(row, "received_at", None) or row.recorded_at
            own = {"verdict": row.verdict, "policy": row.policy, "task": row.task} if is_decision else {}
            screen = screen_at(kept, row, came) if is_decision else None
            by = f"reviewer:{row.reviewer}" if is_decision else None
            yield Event(at, action, by, None, {name: row.id, **own, **added(row)}, screen)


def _around(kept: Kept) -> Iterator[Event]:
    """Yield what no log is kept of."""
    yield Event(kept.item.received_at, "item.received", None, None, {})
    for task in kept.tasks.values():
        told = {
            "task": task.id,
            "queue": task.queue,
            "queue_shown": task.shown,
            "priority": task.priority,
            "deadline": task.deadline,
            "probability": task.inclusion,
        }
        yield Event(task.created_at, "task.opened", None, None, told)
        if task.claimed_at is not None:
            by = f"reviewer:{task.claimed_by}"
            yield Event(task.claimed_at, "task.claimed", by, None, {"task": task.id})
    for row in kept.messages.values():
        told = {name: getattr(row, name) for name in ("event", "endpoint", "state", "attempts")}
        yield Event(row.created_at, "message.made", None, None, {**told, "settled": row.settled_at})
    for row in kept.statements.values():
        told = {name: getattr(row, name) for name in ("measure", "puid", "state", "uuid")}
        yield Event(row.made_at, "statement.made", None, None, {**told, "settled": row.settled_at})


_FIRST: Final = {
    "item.received": 0,
    "task.opened": 1,
    Action.NOTICED.value: 2,
    "task.claimed": 5,
}  # undoing claims anew


def _order(event: Event) -> tuple[float, int, int]:
    at = 0.0 if event.at is None else event.at.timestamp()
    rank = _FIRST.get(event.what, 4 if event.row is not None else _LATE)
    return at, rank, event.row or 0
