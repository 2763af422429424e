"""The sealed log, for leads: its head to keep elsewhere, and whether its latest rows are what was written."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from tocsin.service.api.console import wording
from tocsin.service.api.console.answer import Shown
from tocsin.service.api.console.asked import Asked
from tocsin.service.api.console.page import Page
from tocsin.service.api.console.visit import Visit
from tocsin.service.review.context import Context
from tocsin.service.review.log import read_head, verify_latest
from tocsin.service.review.role import Role

__all__ = ["LOG_PAGES"]

LATEST: Final = 10_000
"""As many rows are verified while somebody waits; all of them are by the command."""


def _log(tx: Connection, context: Context, visit: Visit, asked: Asked) -> Shown:
    del visit
    head = read_head(tx)
    wanted = asked.query.get("verify") == "latest"
    values = {
        "head": head,
        "exported": head.export(context.key, context.clock()),
        "verified": verify_latest(tx, context.key, head, LATEST) if wanted else None,
        "latest": LATEST,
        "words": wording,
    }
    return Shown("log.html", values)


LOG_PAGES: Final = (Page("GET", "/review/log", "console_log", Role.LEAD, _log),)
