"""The first page: what waits in each queue, what one has in hand, and for leads whom nobody answered yet."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from tocsin.service.api.console import wording
from tocsin.service.api.console.answer import HOME, Onward, Shown
from tocsin.service.api.console.asked import Asked
from tocsin.service.api.console.last_decision import last_decision
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.visit import Visit
from tocsin.service.review.context import Context
from tocsin.service.review.records import Cause, acknowledge, count_queues, list_unanswered
from tocsin.service.review.role import Role
from tocsin.service.review.tasks import held_by

__all__ = ["QUEUES_PAGES"]

_CAUSES: Final = {
    Cause.LIFE: "A life may be in danger",
    Cause.DEADLINE: "A deadline comes near, and nobody took the task",
}


_ALARMS: Final = 20


def _queues(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    del asked
    me = visit.reviewer
    is_lead = me.role >= Role.LEAD
    counts = count_queues(tx, context, shown=not is_lead)
    alarms = list_unanswered(tx, context) if is_lead else []
    values = {
        "alarms": alarms[:_ALARMS],
        "further": max(0, len(alarms) - _ALARMS),
        "causes": _CAUSES,
        "held": held_by(tx, context, me),
        "counts": counts,
        "waiting": sum(one.open for one in counts),
        "words": wording,
        **last_decision(tx, context, me),
    }
    return Shown("queues.html", values)


def _acknowledge(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Onward:
    acknowledge(tx, context, visit.reviewer, asked.number("page"))
    return Onward(HOME, "acknowledged")


QUEUES_PAGES: Final = (
    Page("GET", HOME, "console_queues", Role.REVIEWER, _queues),
    Page("POST", "/review/pages/{page}/acknowledge", "console_acknowledge", Role.LEAD, _acknowledge),
)
