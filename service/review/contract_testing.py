"""A desk to try the queue on: its time stands still, its model says what it is told."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, select

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, PolicyStamp, Reason, Status, Tier
from tocsin.service.review.compliance.file import Compliance
from tocsin.service.review.context import Context
from tocsin.service.review.decisions import Decision, Said, decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ReviewError
from tocsin.service.review.intake import Judged, Receipt, Submission, take_in
from tocsin.service.review.log import Actor, LogKey
from tocsin.service.review.making import bring_up_to_date
from tocsin.service.review.outbox import Event
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, add_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.settings import review_settings
from tocsin.service.review.store import Store, parse_url
from tocsin.service.review.store.store import PATIENCE_S
from tocsin.service.review.store.tables import log
from tocsin.service.review.tasks import Task, claim_next
from tocsin.service.review.verdict import Verdict
from tocsin.service.review.webhooks import Endpoint
from tocsin.service.review.webhooks.url import WebhookUrl
from tocsin.signals import Signal

__all__ = [
    "BY",
    "CONFIRM",
    "DISMISS",
    "ESCALATE",
    "KEY",
    "PLATFORM",
    "POLICY",
    "SKIP",
    "START",
    "FixedClock",
    "actions",
    "assessed",
    "claimed",
    "decided",
    "desk_over",
    "endpoint",
    "hand_in",
    "handed_in",
    "judged",
    "open_desk_at",
    "recipe",
    "reviewer",
    "rows",
    "unscorable",
]

START: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY: Final = LogKey(bytes(range(32)))
BY: Final = "key_platform"
"""The id of the key by which texts are handed in."""
PLATFORM: Final = Actor.key(BY)
POLICY: Final = "soup"
CONFIRM: Final = Said(Verdict.CONFIRM, POLICY)
DISMISS: Final = Said(Verdict.DISMISS)
ESCALATE: Final = Said(Verdict.ESCALATE, reason="the recipe is in Zorbian")
SKIP: Final = Said(Verdict.SKIP, reason="I know the cook")

_SYLLABLES: Final = "zor bi an quel lish soup bar ley par snip saf fron len til fen nel sor rel"
_ODD: Final = 2_654_435_761


class FixedClock:
    """Tell a time that only moves when told to."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at

    def advance(self, seconds: float = 0, *, minutes: float = 0, hours: float = 0) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds, minutes=minutes, hours=hours)


def recipe(number: int, words: int = 24) -> str:
    """Return a harmless text: two of different numbers are no near-copies."""
    state, said = number + 1, [f"Recipe {number}:"]
    syllables = _SYLLABLES.split()
    for _ in range(words):
        state = (state * _ODD + 12_345) % 2**32
        said.append("".join(syllables[(state >> shift) % len(syllables)] for shift in (8, 14, 20)))
    return " ".join(said)


def assessed(item: str, level: Level | str = Level.REVIEW, priority: float = 0.5) -> Assessment:
    """Return what a model that finds this level would say of an item."""
    result = PolicyResult(POLICY, priority, Level(level), certified=True)
    return _assessment(item, Status.SCORED, None, (result,), priority)


def unscorable(item: str, reason: Reason = Reason.LANGUAGE) -> Assessment:
    """Return what a model that cannot judge an item would say of it."""
    return _assessment(item, Status.UNSCORABLE, reason, (), None)


def judged(
    item: str,
    text: str | None = None,
    level: Level | str = Level.REVIEW,
    priority: float = 0.5,
    *,
    assessment: Assessment | None = None,
    **told: Any,
) -> Judged:
    """Return a submission with what the model makes of it; `told` is the rest of the submission."""
    text = recipe(zlib.crc32(item.encode())) if text is None else text
    return Judged(Submission(item, text, **told), assessment or assessed(item, level, priority))


def desk_over(
    url: str,
    *,
    clock: Callable[[], datetime] | None = None,
    endpoints: Sequence[Endpoint] = (),
    patience_s: float = PATIENCE_S,
    policies: frozenset[str] | None = None,
    compliance: Compliance | None = None,
    **settings: Any,
) -> Desk:
    """Return a desk over the database at `url`, whatever tables it has; the caller closes it."""
    settings.setdefault("audit_share", 0.0)
    context = Context(
        review_settings(database=url, **settings),
        KEY,
        tuple(endpoints),
        clock or FixedClock(),
        policies,
        compliance,
    )
    return Desk(Store(parse_url(url), patience_s=patience_s), context)


def open_desk_at(url: str, **given: Any) -> Desk:
    """Return a desk as `desk_over` does, over tables of this version."""
    desk = desk_over(url, **given)
    bring_up_to_date(desk)
    return desk


def endpoint(name: str = "platform", *events: Event) -> Endpoint:
    """Return an endpoint that wants to hear of `events`, of all where there are none."""
    url = WebhookUrl.parse("https://platform.example/hook")
    return Endpoint(name, url, (bytes(32),), frozenset(one.value for one in events or Event))


def reviewer(desk: Desk, name: str = "alice", role: Role = Role.REVIEWER, key: str | None = None) -> Reviewer:
    """Return a new reviewer."""
    return desk.write(add_reviewer, name, role, key=key, by=Actor("system"))


def hand_in(desk: Desk, *given: Judged) -> list[Receipt | ReviewError]:
    """Return what the platform is told of texts that it hands in, errors in their places."""
    return desk.write(take_in, given, BY)


def handed_in(desk: Desk, *given: Judged) -> list[Receipt]:
    """Return the receipts of texts that are handed in; raise the first error among them."""
    receipts = []
    for one in hand_in(desk, *given):
        if isinstance(one, ReviewError):
            raise one
        receipts.append(one)
    return receipts


def claimed(desk: Desk, by: Reviewer, *queues: Queue) -> tuple[Task, str]:
    """Return the next task, claimed, and its claim."""
    task = desk.jot(claim_next, by, queues)
    if task is None or task.claim is None:
        raise AssertionError("there must be a task to claim, there is none")
    return task, task.claim


def decided(desk: Desk, by: Reviewer, said: Said = CONFIRM, *queues: Queue) -> Decision:
    """Return the decision on the next task."""
    _, claim = claimed(desk, by, *queues)
    return desk.write(decide, by, claim, said)


def rows(desk: Desk, table: Table, *conditions: Any) -> list[Row[Any]]:
    """Return a table's rows, in the order of their keys."""
    query = select(table).where(*conditions).order_by(*table.primary_key.columns)

    def work(tx: Connection, context: Context) -> list[Row[Any]]:
        del context
        return list(tx.execute(query))

    return desk.read(work)


def actions(desk: Desk) -> list[str]:
    """Return what the log says was done, in order, reviewers' making left out."""
    return [row.action for row in rows(desk, log) if not row.action.startswith("reviewer.")]


def _assessment(
    item: str,
    status: Status,
    reason: Reason | None,
    policies: tuple[PolicyResult, ...],
    priority: float | None,
) -> Assessment:
    return Assessment(
        item,
        status,
        reason,
        "en",
        dict.fromkeys(Signal),
        policies,
        priority,
        Tier.SCREEN,
        (),
        ModelStamp("kitchen", "1", "d1"),
        PolicyStamp("1", "d2"),
    )
