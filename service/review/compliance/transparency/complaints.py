"""Complaints against decisions, counted (Article 15(1)(d))."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select

from tocsin.service.review.compliance.transparency.period import Period
from tocsin.service.review.compliance.transparency.took import Took, took
from tocsin.service.review.context import Context
from tocsin.service.review.store.phrases import is_standing
from tocsin.service.review.store.tables import appeals, decisions

__all__ = ["Complaints", "count_complaints"]

_AGAINST: Final = {"confirm": "a_confirmation", "dismiss": "a_dismissal"}


@dataclass(frozen=True, slots=True)
class Complaints:
    """Hold the complaints received in a period.

    `against` says what the decision was that they object to, `outcomes` what the other reviewer came to:
    `upheld`, `reversed`, `other_policy` where another was found to be broken, or `open`.
    """

    received: int
    by_source: Mapping[str, int]
    against: Mapping[str, int]
    outcomes: Mapping[str, int]
    to_decision: Took


def count_complaints(tx: Connection, context: Context, period: Period) -> Complaints:
    """Return the counts of a period's complaints."""
    del context
    latest = (
        select(func.max(decisions.c.id))
        .where(decisions.c.task == appeals.c.task, *is_standing())
        .correlate(appeals)
        .scalar_subquery()
    )
    first, made = decisions.alias("first"), decisions.alias("made")
    query = (
        select(
            appeals.c.source,
            appeals.c.received_at,
            first.c.verdict.label("was"),
            first.c.policy.label("was_of"),
            made.c.verdict.label("became"),
            made.c.policy.label("became_of"),
            made.c.made_at,
        )
        .select_from(appeals)
        .join(first, first.c.id == appeals.c.decision)
        .outerjoin(made, made.c.id == latest)
        .where(appeals.c.received_at >= period.since, appeals.c.received_at < period.until)
    )
    found = tx.execute(query).all()
    waited = [
        row.made_at - row.received_at
        for row in found
        if row.made_at is not None and row.made_at >= row.received_at
    ]
    return Complaints(
        len(found),
        dict(Counter(row.source for row in found)),
        dict(Counter(_AGAINST[row.was] for row in found)),
        dict(Counter(_outcome(row) for row in found)),
        took(waited),
    )


def _outcome(row: Any) -> str:
    if row.became is None:
        return "open"
    if row.became != row.was:
        return "reversed"
    return "upheld" if row.became_of == row.was_of else "other_policy"
