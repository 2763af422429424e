"""One row of the log, and the bytes that its seal is made over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

__all__ = ["OPERATOR", "Action", "Actor", "Entry", "Row"]

_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Action(StrEnum):
    """Name what was done."""

    DECIDED = "decision.made"
    UNDONE = "decision.undone"
    VIEWED = "text.viewed"
    REASSIGNED = "task.reassigned"
    NOTICED = "notice.received"
    APPEALED = "appeal.received"
    SAMPLED = "sample.received"
    MEASURED = "measure.recorded"
    PAGED = "lead.paged"
    ACKNOWLEDGED = "page.acknowledged"
    HELD = "hold.placed"
    RELEASED = "hold.released"
    ERASE_ASKED = "erasure.asked"
    ERASED = "item.erased"
    EXPORTED = "labels.exported"
    REPLAYED = "item.replayed"
    FORGOTTEN = "complaint.erased"
    REVIEWER_MADE = "reviewer.made"
    REVIEWER_CHANGED = "reviewer.changed"
    SESSION_BEGUN = "session.begun"
    SESSION_ENDED = "session.ended"
    ACCOUNT_INVITED = "account.invited"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_CLOSED = "account.closed"


@dataclass(frozen=True, slots=True)
class Actor:
    """Name who did it: a reviewer by number, a key by its id, the operator, or the system itself.

    Never a person's name.
    """

    kind: str
    id: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind

    @classmethod
    def reviewer(cls, number: int) -> Actor:
        """Return a reviewer."""
        return cls("reviewer", str(number))

    @classmethod
    def key(cls, key_id: str) -> Actor:
        """Return the bearer of a key: the platform."""
        return cls("key", key_id)


OPERATOR: Final = Actor("operator")
"""Whoever is at the command line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold what is to be logged.

    `item` is the item's number here, never the platform's id of it. `body` holds plain JSON types: numbers
    and words of our own, and digests; no text, note, name or address, for nothing here can ever be erased.
    """

    at: datetime
    actor: Actor
    action: Action
    item: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one row as it lies in the log."""

    seq: int
    at: int  # microseconds since 1970
    actor: str
    action: str
    item: int | None
    body: str
    mac: bytes

    def sealed(self) -> bytes:
        """Return the bytes that the seal is made over: a JSON list, so that no two rows share them."""
        return canonical([self.seq, self.at, self.actor, self.action, self.item, self.body]).encode()

    @classmethod
    def of(cls, seq: int, entry: Entry) -> Row:
        """Return the row of an entry, not yet sealed."""
        return cls(
            seq,
            (entry.at - _EPOCH) // timedelta(microseconds=1),
            str(entry.actor),
            entry.action.value,
            entry.item,
            canonical(entry.body),
            b"",
        )


def canonical(value: Any) -> str:
    """Return JSON that is the same wherever it is written."""
    return _ENCODER.encode(value)
