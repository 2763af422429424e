"""What tests of care for reviewers are made of: severe and lighter texts, and somebody who reads them."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from tocsin.assessment import Level
from tocsin.service.review.context import Context
from tocsin.service.review.contract_testing import DISMISS, claimed, handed_in, judged
from tocsin.service.review.decisions import decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.tables import items, tasks

__all__ = ["newest_task", "put_lighter", "put_severe", "reads", "reveals_some"]


def put_severe(desk: Desk, *names: str) -> list[int]:
    """Return the tasks of texts that are handed in and that the model finds urgent."""
    return _put(desk, Level.URGENT, names)


def put_lighter(desk: Desk, *names: str) -> list[int]:
    """Return the tasks of texts that are handed in and that the model finds worth a review."""
    return _put(desk, Level.REVIEW, names)


def newest_task(desk: Desk, name: str) -> int:
    """Return the latest task about an item."""
    number: int = desk.read(_newest, name)
    return number


def reveals_some(desk: Desk, by: Reviewer, task: int) -> None:
    """Reveal a word of a task's text to a reviewer."""
    desk.write(_reveal, by, task)


def reads(desk: Desk, by: Reviewer, times: int = 1, *queues: Queue) -> list[int]:
    """Return the tasks that a reviewer claims, reveals and decides, whatever comes next, one by one."""
    read = []
    for _ in range(times):
        task, claim = claimed(desk, by, *queues)
        reveals_some(desk, by, task.number)
        desk.write(decide, by, claim, DISMISS)
        read.append(task.number)
    return read


def _put(desk: Desk, level: Level, names: tuple[str, ...]) -> list[int]:
    handed_in(desk, *(judged(name, level=level) for name in names))
    return [newest_task(desk, name) for name in names]


def _newest(tx: Connection, context: Context, name: str) -> int:
    del context
    query = select(tasks.c.id).join(items, items.c.id == tasks.c.item).where(items.c.platform_id == name)
    number: int = tx.execute(query.order_by(tasks.c.id.desc()).limit(1)).scalar_one()
    return number


def _reveal(tx: Connection, context: Context, by: Reviewer, number: int) -> None:
    task = tx.execute(select(tasks).where(tasks.c.id == number)).one()
    row = {
        "task": number,
        "item": task.item,
        "reviewer": by.number,
        "claim": task.claim,
        "extent": "word",
        "part": 0,
        "severity": task.severity,
        "at": context.clock(),
    }
    tx.execute(insert(reveals), row)
