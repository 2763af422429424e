"""`tocsin review queues`: what waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import typer

from tocsin.cli.review.opening import (
    ConfigOption,
    DatabaseOption,
    JsonOption,
    StateOption,
    open_desk,
    shown_time,
)
from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from tocsin.service.review.records import QueueCount

__all__ = ["queues"]

_HEADINGS: Final = ("queue", "open", "held", "escalated", "late", "oldest", "next deadline")


def queues(
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Count what waits in every queue, and tell what is late."""
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.records import count_queues

        counted = list(map(_record, desk.read(count_queues)))
    if as_json:
        typer.echo(json.dumps(counted))
        return
    rows = [["–" if value is None else value for value in one.values()] for one in counted]
    print_table("Queues", _HEADINGS, rows)


def _record(count: QueueCount) -> dict[str, Any]:
    return {
        "queue": count.queue.value,
        "open": count.open,
        "held": count.held,
        "escalated": count.escalated,
        "late": count.late,
        "oldest": shown_time(count.oldest),
        "next_deadline": shown_time(count.next_deadline),
    }
