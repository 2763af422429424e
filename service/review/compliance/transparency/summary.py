"""The whole summary of a period, from one moment of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from tocsin.service.review.compliance.transparency.automation import Automated, count_automated
from tocsin.service.review.compliance.transparency.complaints import Complaints, count_complaints
from tocsin.service.review.compliance.transparency.moderation import Moderation, count_measures
from tocsin.service.review.compliance.transparency.notices import Notices, count_notices
from tocsin.service.review.compliance.transparency.orders import Orders, count_orders
from tocsin.service.review.compliance.transparency.period import Period
from tocsin.service.review.context import Context

__all__ = ["NOT_KNOWN", "Summary", "summarise"]

NOT_KNOWN: Final = (
    "orders.by_member_state",
    "orders: when the authority was told that its order had come",
    "notices: what was decided of those that never reached this queue",
    "human_resources: who moderates, their training and support",
    "complaints: what they rest on; out-of-court disputes; suspensions for misuse",
)
"""What a report under Article 15 needs, and this queue does not know: the platform fills it in."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Hold a period's counts; nothing in it is about a person, and it is no legal advice."""

    first: date
    last: date
    made_at: datetime
    orders: Orders
    notices: Notices
    moderation: Moderation
    complaints: Complaints
    automated: Automated
    human_resources: None
    not_known: tuple[str, ...]


def summarise(tx: Connection, context: Context, period: Period) -> Summary:
    """Return the summary of a period."""
    return Summary(
        period.first,
        period.last,
        context.clock(),
        count_orders(tx, context, period),
        count_notices(tx, context, period),
        count_measures(tx, context, period),
        count_complaints(tx, context, period),
        count_automated(tx, context, period),
        None,
        NOT_KNOWN,
    )
