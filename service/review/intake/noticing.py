"""Taking in notices and orders: a task of their own, or the one that waits served sooner."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from tocsin.service.review.context import Context
from tocsin.service.review.intake.keeping import keep_text
from tocsin.service.review.intake.placing import Placement
from tocsin.service.review.intake.submission import Judged, Notice, NoticeKind
from tocsin.service.review.log import Action, Actor, Entry
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.paging import page_lead
from tocsin.service.review.rules import serve_by
from tocsin.service.review.store.phrases import freed
from tocsin.service.review.store.tables import notices, tasks
from tocsin.service.review.tasks.opening import open_task

__all__ = ["add_notice"]

_QUEUES: Final = {NoticeKind.NOTICE: Queue.NOTICES, NoticeKind.ORDER: Queue.ORDERS}
_QUIET: Final = (Queue.RANDOM, Queue.LEARNING)
# Which tasks a notice joins, and which of these move to its queue: an order outranks what is urgent.
_JOINED: Final = {
    NoticeKind.NOTICE: (Queue.REVIEW, Queue.UNSCORABLE, *_QUIET),
    NoticeKind.ORDER: (Queue.REVIEW, Queue.UNSCORABLE, *_QUIET, Queue.NOTICES, Queue.URGENT),
}
# Each is about something else than the notice.
_LEFT_ALONE: Final = [
    one.value for one in (Queue.APPEALS, Queue.ADJUDICATION, Queue.SECOND, Queue.SAMPLE, Queue.GOLDEN)
]


def add_notice(
    tx: Connection,
    context: Context,
    item: Row[Any],
    judged: Judged,
    placement: Placement,
    by: str,
    new: bool,
) -> list[Entry]:
    """Keep a notice about `item`, whose row this transaction has locked; nothing where it is known.

    Returns what the caller is to log.
    """
    notice = judged.submission.notice
    if notice is None or _is_known(tx, item.id, notice):
        return []
    at = context.clock()
    if item.text is None:
        keep_text(tx, item.id, judged.submission)
    deadline = _deadline(context, notice, at)
    task = _joined(tx, context, item.id, notice, deadline, at)
    if task is None:
        audited = placement.audited if new else None
        queue = placement.queue or _QUEUES[notice.kind]
        task = open_task(
            tx, context, item.id, queue, placement.priority, deadline=deadline, inclusion=audited
        )
    number = _keep(tx, item.id, task, notice, deadline, at)
    actor = Actor.key(by)
    entries = page_lead(tx, context, item.id, task, actor)[1] if notice.threat_to_life else ()
    body = {"notice": number, "kind": notice.kind.value, "source": notice.source.value, "task": task}
    return [*entries, Entry(at, actor, Action.NOTICED, item.id, body)]


def _is_known(tx: Connection, item: int, notice: Notice) -> bool:
    query = select(notices.c.id).where(
        notices.c.item == item,
        notices.c.kind == notice.kind.value,
        notices.c.reference == notice.reference,
    )
    return tx.execute(query).first() is not None


def _deadline(context: Context, notice: Notice, at: datetime) -> datetime | None:
    """Return when it must be met: an order's clock starts with its receipt, not with ours."""
    if notice.deadline is not None or notice.kind is NoticeKind.NOTICE:
        return notice.deadline
    return (notice.received_at or at) + context.rules.order_after


def _joined(
    tx: Connection, context: Context, item: int, notice: Notice, deadline: datetime | None, at: datetime
) -> int | None:
    """Return the open task that the notice joins, moved forward; None where there is none."""
    query = select(tasks).where(
        tasks.c.item == item, tasks.c.state == "open", tasks.c.queue.not_in(_LEFT_ALONE)
    )
    found = tx.execute(query.order_by(tasks.c.serve_by).limit(1).with_for_update()).first()
    if found is None:
        return None
    queue = Queue(found.queue)
    queue = _QUEUES[notice.kind] if queue in _JOINED[notice.kind] else queue
    soonest = min((one for one in (found.deadline, deadline) if one is not None), default=None)
    due = serve_by(queue, found.priority, at, soonest, context.rules)
    values = {
        "queue": queue.value,
        "shown": queue.value,
        "deadline": soonest,
        "serve_by": min(found.serve_by, due),
    }
    if notice.kind is NoticeKind.ORDER:  # its hour runs: whoever holds the task may be away
        values |= freed(at)
    tx.execute(update(tasks).where(tasks.c.id == found.id).values(values))
    number: int = found.id
    return number


def _keep(
    tx: Connection, item: int, task: int, notice: Notice, deadline: datetime | None, at: datetime
) -> int:
    row = {
        "item": item,
        "task": task,
        "kind": notice.kind.value,
        "reference": notice.reference,
        "source": notice.source.value,
        "policy": notice.policy,
        "statement": notice.statement,
        "threat_to_life": notice.threat_to_life,
        "received_at": notice.received_at or at,
        "deadline": deadline,
    }
    number: int = tx.execute(insert(notices).returning(notices.c.id), row).scalar_one()
    return number
