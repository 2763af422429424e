"""What a made-up platform, its users and an authority do: report, order, act, object, erase."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from tocsin.service.review.compliance.testing import TERMS
from tocsin.service.review.contract_testing import BY, PLATFORM, FixedClock
from tocsin.service.review.decisions import Appeal, AppealSource, appeal
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import NoticeSource
from tocsin.service.review.month_testing.ledger import Acted, Asked, Ledger, Objected, Spoken
from tocsin.service.review.month_testing.people import ACTS, NOTICED, OBJECTS
from tocsin.service.review.month_testing.platform import OFFSIDE, SOUP, Post
from tocsin.service.review.month_testing.staff import DECIDES_S, Staff
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import (
    Automation,
    Erasure,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    erase,
    record,
)

__all__ = ["LAW", "Public"]

LAW: Final = "Soup Act, § 2"
_KINDS: Final = (MeasureKind.REMOVED, MeasureKind.DISABLED, MeasureKind.DEMOTED, MeasureKind.LABELLED)
_SOURCES: Final = {
    NoticeSource.USER: MeasureSource.NOTICE,
    NoticeSource.TRUSTED_FLAGGER: MeasureSource.TRUSTED_FLAGGER,
}
_ALLEGED: Final = (SOUP, OFFSIDE, None, "cold tea")  # the last is no policy of the platform's
_TRUSTED: Final = 0.2  # of notices
_BY_ITSELF: Final = 0.2  # of what is urgent on arrival, which the platform demotes before anybody looks
_AT_ONCE: Final = 0.003  # of all posts, which their authors erase before anybody looks
_LATER: Final = 0.003
_OBJECTED_AFTER: Final = 2  # days
_ERASED_AFTER: Final = 5


class Public:
    """Hold those outside of the desk; all that they do is in the ledger."""

    def __init__(
        self, desk: Desk, clock: FixedClock, draw: random.Random, ledger: Ledger, begins: datetime
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._draw = draw
        self._ledger = ledger
        self._begins = begins
        self._objections: list[tuple[int, str, AppealSource]] = []
        self._to_erase: list[tuple[int, str]] = []

    def notices(self, posts: Sequence[Post]) -> list[dict[str, Any]]:
        """Return posts that users report, each with its notice."""
        found = []
        for one in posts:
            if self._draw.random() < NOTICED[one.kind.breaks is not None]:
                trusted = self._draw.random() < _TRUSTED
                source = NoticeSource.TRUSTED_FLAGGER if trusted else NoticeSource.USER
                policy = self._draw.choice(_ALLEGED)
                received = self._clock() - timedelta(minutes=self._draw.randint(1, 50))
                told = Asked(f"n-{one.id}", one.id, source, policy, received)
                self._ledger.notices.append(told)
                found.append({**one.record(), "notice": _notice(told, "notice", "I do not like it.")})
        return found

    def ordered(self, posts: Sequence[Post]) -> Post | None:
        """Return a post that an authority orders to be removed: one that nobody is to look at, if any."""
        noticed = {one.item for one in self._ledger.notices}
        quiet = [
            one
            for one in posts
            if self._ledger.queues[one.id] is None
            and one.id not in noticed | self._ledger.erased
            and (one.kind.breaks or self._draw.random() < 0.01)
        ]
        return self._draw.choice(quiet) if quiet else None

    def order(self, post: Post) -> dict[str, Any]:
        """Return a post with the order that came a moment ago."""
        at = self._clock() - timedelta(seconds=self._draw.randint(10, 600))
        told = Asked(f"o-{post.id}", post.id, NoticeSource.AUTHORITY, SOUP, at)
        self._ledger.orders.append(told)
        return {**post.record(), "notice": _notice(told, "order", None)}

    def meet_order(self, post: Post, staff: Staff) -> None:
        """Have an order decided, and the post removed, now and then too late."""
        spoken = staff.answer_order(self._draw.uniform(60, 1_500))
        asked = self._ledger.orders[-1]
        looked = spoken.at - timedelta(seconds=DECIDES_S)
        self._ledger.orders[-1] = Asked(*_fields(asked), viewed_at=looked)
        if spoken.policy is not None:
            self._clock.advance(self._draw.choice((120, 600, 4_000)))
            self._measure(post.id, MeasureKind.REMOVED, MeasureSource.ORDER, spoken)

    def demote_by_itself(self, posts: Sequence[Post]) -> None:
        """Demote some of what is urgent at once, with no person's decision."""
        for one in posts:
            if self._ledger.queues[one.id] is Queue.URGENT and self._draw.random() < _BY_ITSELF:
                self._measure(one.id, MeasureKind.DEMOTED, MeasureSource.OWN_INITIATIVE, None)

    def act(self, day: int) -> None:
        """Act on what was confirmed on the day before, and take back what was dismissed on an appeal."""
        for item, said in list(self._settled_on(day - 1)):
            if said.queue is Queue.APPEALS:
                if said.policy is None and self._restricted(item):
                    self._restore(item)
            elif said.policy is None:
                self._may_object(item, AppealSource.NOTIFIER, day)
            elif self._draw.random() < ACTS:
                source = self._source(item)
                self._measure(item, self._draw.choice(_KINDS), source, said)
                self._may_object(item, AppealSource.AUTHOR, day)

    def object(self, day: int) -> None:
        """Hand in the appeals of the day."""
        for when, item, source in self._objections:
            if when == day and item not in self._ledger.erased:
                standing = self._ledger.standing(item)
                was = standing.policy if standing else None
                self._ledger.appeals.append(Objected(item, source, was, self._clock()))
                self._desk.write(appeal, item, Appeal(f"a-{item}", source, statement="Look again."), BY)

    def erase_some(self, posts: Sequence[Post], day: int) -> None:
        """Erase some of the day's posts at once, and remember others for later."""
        for one in posts:
            drawn = self._draw.random()
            if drawn < _AT_ONCE:
                self._erase(one.id)
            elif drawn < _AT_ONCE + _LATER:
                self._to_erase.append((day + _ERASED_AFTER, one.id))

    def erase_due(self, day: int) -> None:
        """Erase what is due on a day."""
        for when, item in self._to_erase:
            if when == day:
                self._erase(item)

    def _settled_on(self, day: int) -> Iterator[tuple[str, Spoken]]:
        since = self._begins + timedelta(days=day)
        for item in self._ledger.posts:
            said = self._ledger.standing(item)
            if said is None or item in self._ledger.erased or said.queue is Queue.ORDERS:
                continue
            if since <= said.at < since + timedelta(days=1):
                yield item, said

    def _may_object(self, item: str, source: AppealSource, day: int) -> None:
        if source is AppealSource.NOTIFIER and item not in {one.item for one in self._ledger.notices}:
            return
        broken = self._ledger.posts[item].kind.breaks is not None
        if self._draw.random() < OBJECTS[source.value][broken]:
            self._objections.append((day + _OBJECTED_AFTER, item, source))

    def _source(self, item: str) -> MeasureSource:
        noticed = (one.source for one in self._ledger.notices if one.item == item)
        found = next(noticed, None)
        return MeasureSource.OWN_INITIATIVE if found is None else _SOURCES[found]

    def _restricted(self, item: str) -> bool:
        return any(one.measure.automation is Automation.NONE for one in self._ledger.acts_on(item))

    def _restore(self, item: str) -> None:
        taken = next(one for one in self._ledger.acts_on(item) if one.measure.automation is Automation.NONE)
        measure = taken.measure
        self._record(item, MeasureKind.RESTORED, measure.ground, measure.source, None)

    def _measure(self, item: str, kind: MeasureKind, source: MeasureSource, said: Spoken | None) -> None:
        lawful = said is not None and said.policy == SOUP and self._draw.random() < 0.5
        self._record(item, kind, Ground.ILLEGAL if lawful else Ground.INCOMPATIBLE, source, said)

    def _record(
        self, item: str, kind: MeasureKind, ground: Ground, source: MeasureSource, said: Spoken | None
    ) -> None:
        by_itself = said is None and kind is not MeasureKind.RESTORED
        measure = Measure(
            f"m-{len(self._ledger.acted)}",
            kind,
            ground,
            LAW if ground is Ground.ILLEGAL else TERMS,
            source,
            Automation.FULL if by_itself else Automation.NONE,
            self._clock(),
            decision=None if said is None else said.number,
        )
        found = self._ledger.queues[item] in {Queue.URGENT, Queue.REVIEW}
        self._ledger.acted.append(Acted(item, measure, said.policy if said else None, found))
        self._desk.write(record, item, measure, BY)

    def _erase(self, item: str) -> None:
        outcome = self._desk.write(erase, item, PLATFORM)
        (self._ledger.erased if outcome is Erasure.ERASED else self._ledger.asked).add(item)


def _notice(told: Asked, kind: str, statement: str | None) -> dict[str, Any]:
    return {
        "id": told.reference,
        "kind": kind,
        "source": told.source.value,
        "received": told.at.isoformat(),
        "policy": told.policy,
        "statement": statement,
    }


def _fields(asked: Asked) -> tuple[str, str, NoticeSource, str | None, datetime]:
    return asked.reference, asked.item, asked.source, asked.policy, asked.at
