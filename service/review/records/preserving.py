"""Preservation: removed terrorist content is kept for six months, whoever asks (TCO Article 6)."""

from __future__ import annotations

import calendar
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select

from tocsin.service.review.context import Context
from tocsin.service.review.records.measuring import Ground, MeasureKind, MeasureSource
from tocsin.service.review.store.tables import decisions, measures

__all__ = ["add_months", "preserved_until"]

_REMOVING: Final = (MeasureKind.REMOVED.value, MeasureKind.DISABLED.value)


def preserved_until(tx: Connection, context: Context, item: int) -> datetime | None:
    """Return until when an item must be preserved, None where it need not be, or no longer.

    What an order had removed or disabled is, and what was for being illegal under a policy that the
    compliance file names: for so many months from the latest such measure, also where it was taken back.
    """
    rules = None if context.compliance is None else context.compliance.preservation
    if rules is None:
        return None
    named = and_(measures.c.ground == Ground.ILLEGAL.value, decisions.c.policy.in_(rules.policies))
    query = (
        select(func.max(measures.c.applied_at))
        .select_from(measures.outerjoin(decisions, decisions.c.id == measures.c.decision))
        .where(measures.c.item == item, measures.c.kind.in_(_REMOVING))
        .where(or_(measures.c.source == MeasureSource.ORDER.value, named))
    )
    latest = tx.execute(query).scalar()
    if latest is None:
        return None
    until = add_months(latest, rules.months)
    return until if until > context.clock() else None


def add_months(moment: datetime, months: int) -> datetime:
    """Return the same day and time so many months later, or that month's last day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
