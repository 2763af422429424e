"""What waits at the queue, as metrics; every one is in docs/reference/metrics.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Gauge

from tocsin.service.review.records import count_queues, count_unanswered
from tocsin.service.review.webhooks.delivering import count_messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.service.review.desk import Desk

__all__ = ["Gauges"]


class Gauges:
    """Tell what waits, for how long, and what is late; brought up to date by `refresh` alone.

    All workers look at one database: of several that tell, the latest counts.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
            return Gauge(
                f"tocsin_review_{name}",
                meaning,
                labels,
                registry=registry,
                multiprocess_mode="livemostrecent",
            )

        self._open = gauge("open_tasks", "Tasks that wait or are held.", ("queue",))
        self._late = gauge("late_tasks", "Open tasks past their deadline.", ("queue",))
        self._oldest = gauge("oldest_seconds", "Age of the oldest open task.", ("queue",))
        self._messages = gauge("messages", "Messages that wait to be delivered, or could not be.", ("state",))
        self._pages = gauge("unanswered_pages", "Pages that no lead has acknowledged.")

    def refresh(self, desk: Desk) -> None:
        """Look at the database; raises StoreError."""
        now = desk.context.clock()
        for count in desk.read(count_queues):
            self._open.labels(count.queue.value).set(count.open)
            self._late.labels(count.queue.value).set(count.late)
            age = 0.0 if count.oldest is None else (now - count.oldest).total_seconds()
            self._oldest.labels(count.queue.value).set(age)
        for state, messages in desk.read(count_messages).items():
            self._messages.labels(state).set(messages)
        self._pages.set(desk.read(count_unanswered))
