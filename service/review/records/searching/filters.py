"""What tasks are searched by, as addresses write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum, StrEnum
from typing import Any, Final

from tocsin.assessment import Reason
from tocsin.errors import InputError
from tocsin.service.review.errors import ForbiddenError
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.searching.reading import (
    read_date,
    read_flag,
    read_name,
    read_number,
    read_one_of,
    read_policy,
)
from tocsin.service.review.role import Role
from tocsin.service.review.severity import Severity

__all__ = ["READERS", "Filters", "Judgement", "State"]


class State(StrEnum):
    """Say whether a task waits or is done."""

    OPEN = "open"
    DONE = "done"
    ANY = "any"


class Judgement(StrEnum):
    """Name what the model made of an item: the highest level of all policies, or that it could not tell."""

    URGENT = "urgent"
    REVIEW = "review"
    NONE = "none"
    UNJUDGED = "unjudged"


_VERDICTS: Final = {"confirm": "confirm", "dismiss": "dismiss"}
READERS: Final[Mapping[str, Any]] = {
    "state": read_one_of({one.value: one for one in State}),
    "queue": read_one_of({one.value: one for one in Queue}),
    "verdict": read_one_of(_VERDICTS),
    "flagged": read_policy,
    "confirmed": read_policy,
    "level": read_one_of({one.value: one for one in Judgement}),
    "reason": read_one_of({one.value: one for one in Reason}),
    "language": read_name,
    "community": read_name,
    "severity": read_one_of({one.name.lower(): one for one in Severity}),
    "role": read_one_of({one.word: one for one in Role}),
    "late": read_flag,
    "holder": read_number,
    "decider": read_number,
    "item": read_name,
    "begins": read_name,
    "created_from": read_date,
    "created_until": read_date,
    "decided_from": read_date,
    "decided_until": read_date,
}
"""What each filter is read by."""
_OF_DECISIONS: Final = ("verdict", "confirmed", "decider", "decided_from", "decided_until")
_OF_LEADS: Final = ("holder", "decider")
_SPANS: Final = (("created_from", "created_until"), ("decided_from", "decided_until"))


@dataclass(frozen=True, slots=True)
class Filters:
    """Hold what a task must meet, all of it; None and False ask for nothing.

    `flagged` is a policy that the model flagged the item for, `confirmed` one that the decision that stands
    confirms. `role` is whom the task needs at least, `late` that its deadline passed before it was decided.
    `item` is the platform's whole id, `begins` how one begins. Dates are days in UTC, the last one included.
    Raises InputError where they exclude each other.
    """

    state: State = State.OPEN
    queue: Queue | None = None
    verdict: str | None = None
    flagged: str | None = None
    confirmed: str | None = None
    level: Judgement | None = None
    reason: Reason | None = None
    language: str | None = None
    community: str | None = None
    severity: Severity | None = None
    role: Role | None = None
    late: bool = False
    holder: int | None = None
    decider: int | None = None
    item: str | None = None
    begins: str | None = None
    created_from: date | None = None
    created_until: date | None = None
    decided_from: date | None = None
    decided_until: date | None = None

    def __post_init__(self) -> None:
        for name in _OF_DECISIONS:
            if self.state is State.OPEN and getattr(self, name) is not None:
                raise InputError(f"{name} must go with the state done or any, for what waits is not decided")
        if self.holder is not None and self.state is State.DONE:
            raise InputError("holder must go with the state open or any, for what is done nobody holds")
        if self.confirmed is not None and self.verdict == "dismiss":
            raise InputError("confirmed must go with the verdict confirm, for who dismisses confirms nothing")
        if self.reason is not None and self.level not in {None, Judgement.UNJUDGED}:
            raise InputError("reason must go with the level unjudged, for it says why there is no other")
        if self.item is not None and self.begins is not None:
            raise InputError("an item must be named by its whole id or by how it begins, not by both")
        for first, last in _SPANS:
            start, end = getattr(self, first), getattr(self, last)
            if start is not None and end is not None and start > end:
                raise InputError(f"{first} must not be after {last}, was {start} and {end}")

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> Filters:
        """Return the filters of a query; what is empty asks for nothing. Raises InputError."""
        unknown = sorted(set(query) - set(READERS))
        if unknown:
            raise InputError(f"a filter must be one of {', '.join(READERS)}, was {unknown[0][:40]!r}")
        given = {name: value.strip() for name, value in query.items() if value.strip()}
        return cls(**{name: READERS[name](name, value) for name, value in given.items()})

    def to_query(self) -> dict[str, str]:
        """Return the query that these are parsed from, without what asks for nothing."""
        usual = Filters()
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: _written(value) for name, value in told.items() if value != getattr(usual, name)}

    def check(self, role: Role) -> None:
        """Raise ForbiddenError where a role may not search by them.

        To all but leads no golden item differs from others, and what a colleague did is not theirs to search.
        """
        if role >= Role.LEAD:
            return
        for name in _OF_LEADS:
            if getattr(self, name) is not None:
                raise ForbiddenError(f"only leads search by {name}")
        if self.queue is Queue.GOLDEN:
            raise ForbiddenError("only leads search the queue golden")


def _written(value: Any) -> str:
    if isinstance(value, Role | Severity):
        return value.name.lower()
    if isinstance(value, Enum):
        return str(value.value)
    return "yes" if value is True else str(value)
