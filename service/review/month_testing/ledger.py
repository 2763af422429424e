"""What was done in a made-up month, written down as it was done: what reports must come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tocsin.service.review.decisions import AppealSource
from tocsin.service.review.intake import NoticeSource
from tocsin.service.review.month_testing.platform import Post
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Automation, Ground, Measure, MeasureKind

__all__ = ["Acted", "Asked", "Ledger", "Objected", "Spoken"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """Hold one decision that was not undone; `policy` None is a dismissal. `number` is the queue's own."""

    number: int
    task: int
    queue: Queue
    by: str
    policy: str | None
    at: datetime
    aside: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold a notice or an order; `viewed_at` is when an order was first looked at."""

    reference: str
    item: str
    source: NoticeSource
    policy: str | None
    at: datetime
    viewed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Objected:
    """Hold an appeal against what was said of an item, `was`."""

    item: str
    source: AppealSource
    was: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Acted:
    """Hold a measure on an item, the policy that it rests on, and whether the model found the item."""

    item: str
    measure: Measure
    policy: str | None
    detected: bool


@dataclass
class Ledger:
    """Hold all of it; `spoken` is by item, in order. `erased`, `asked` and `held` are items."""

    posts: dict[str, Post] = field(default_factory=dict)
    queues: dict[str, Queue | None] = field(default_factory=dict)
    spoken: dict[str, list[Spoken]] = field(default_factory=dict)
    notices: list[Asked] = field(default_factory=list)
    orders: list[Asked] = field(default_factory=list)
    appeals: list[Objected] = field(default_factory=list)
    acted: list[Acted] = field(default_factory=list)
    golden: list[tuple[str | None, str]] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    undone: int = 0
    skipped: int = 0
    escalated: int = 0
    erased: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)

    def standing(self, item: str) -> Spoken | None:
        """Return the latest decision on an item that says what becomes of it, None where there is none."""
        return next((one for one in reversed(self.spoken.get(item, ())) if not one.aside), None)

    def answer(self, item: str, since: datetime, *queues: Queue) -> Spoken | None:
        """Return the first decision on an item since a moment, from some queues or any; none aside."""
        return next(
            (
                one
                for one in self.spoken.get(item, ())
                if one.at >= since and not one.aside and (not queues or one.queue in queues)
            ),
            None,
        )

    def outcome(self, notice: Asked) -> Spoken | None:
        """Return what was decided of a notice: where a second reading led to another, that one."""
        overturned = self.answer(notice.item, notice.at, Queue.ADJUDICATION)
        return overturned or self.answer(notice.item, notice.at)

    def acts_on(self, item: str) -> Sequence[Acted]:
        """Return the measures on an item, in order."""
        return [one for one in self.acted if one.item == item]

    def ended(self, item: str) -> datetime | None:
        """Return when the last decision on an item was made, second readings aside."""
        told = [one.at for one in self.spoken.get(item, ()) if one.queue is not Queue.SECOND]
        return max(told, default=None)

    def restricting(self) -> Sequence[Acted]:
        """Return the measures that restrict somebody."""
        return [one for one in self.acted if one.measure.kind is not MeasureKind.RESTORED]

    def grounds(self, asked: Asked) -> frozenset[Ground]:
        """Return on which grounds the platform acted on a notice."""
        about = [one.measure for one in self.acts_on(asked.item)]
        return frozenset(
            one.ground
            for one in about
            if one.source.value in {"notice", "trusted_flagger"}
            and one.kind is not MeasureKind.RESTORED
            and one.automation is Automation.NONE
            and one.applied_at >= asked.at
        )
