"""How long a task may wait: what turns priorities, ages and deadlines into one order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tocsin.service.review.queue import Queue

__all__ = ["LANES_AHEAD", "ORDERS_AHEAD", "PAGES_AHEAD", "UNJUDGED", "Rules", "serve_by"]

UNJUDGED: Final = 0.5  # priority of what the model could not judge

# What the law gives an hour, and what may cost a life, waits behind no backlog: lanes of their own, ahead of
# all that could be overdue.
ORDERS_AHEAD: Final = timedelta(days=3_650)
PAGES_AHEAD: Final = timedelta(days=7_300)
# What is to be served longer ago than this lies in one of these lanes: nothing waits for years.
LANES_AHEAD: Final = timedelta(days=1_825)


@dataclass(frozen=True, slots=True)
class Rules:
    """Hold what the settings say about where items go and how long they wait; `patience` is in hours."""

    patience: Mapping[Queue, float]
    audit_share: float
    reach_weight: float
    order_after: timedelta
    learning_share: float = 0


def serve_by(
    queue: Queue, priority: float, received_at: datetime, deadline: datetime | None, rules: Rules
) -> datetime:
    """Return the moment by which a task should be served: tasks are served in the order of these.

    Of priority 1 that is its arrival; of priority 0, or `in_turn`, its queue's patience later. So priorities
    age by themselves, and nothing starves: what arrives later than a task's own patience is never served
    before it. A deadline pulls a task forward, to a quarter of the time that is left for it. Orders alone
    overtake: they are served before all other queues, the one with the soonest deadline first.
    """
    if queue is Queue.ORDERS:
        return (deadline or received_at) - ORDERS_AHEAD
    pressing = 0 if queue.in_turn else priority
    patient = received_at + timedelta(hours=rules.patience[queue]) * (1 - pressing)
    if deadline is None:
        return patient
    return min(patient, received_at + max(timedelta(0), deadline - received_at) / 4)
