"""Orders of authorities, counted (Article 15(1)(a))."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from tocsin.service.review.compliance.order_clock import Order, list_orders
from tocsin.service.review.compliance.transparency.period import Period
from tocsin.service.review.compliance.transparency.policies import known_policies, policy_word
from tocsin.service.review.compliance.transparency.took import Took, took
from tocsin.service.review.context import Context

__all__ = ["Orders", "count_orders"]


@dataclass(frozen=True, slots=True)
class Orders:
    """Hold the orders received in a period; `by_member_state` is None, for no order says which it is from.

    `to_first_view` is how soon somebody looked, counted from receipt: whether the authority was told that the
    order had come is the platform's to know.
    """

    received: int
    by_source: Mapping[str, int]
    by_policy: Mapping[str, int]
    by_member_state: None
    within_hour: int
    later: int
    dismissed: int
    open: int
    to_first_view: Took
    to_decision: Took
    to_measure: Took


def count_orders(tx: Connection, context: Context, period: Period) -> Orders:
    """Return the counts of a period's orders."""
    found, known = list_orders(tx, context, period.since, period.until), known_policies(tx, context)
    dismissed = sum(one.applied_at is None and one.verdict == "dismiss" for one in found)
    met = [one.within_hour for one in found if one.applied_at is not None]
    return Orders(
        len(found),
        dict(Counter(one.source for one in found)),
        dict(Counter(policy_word(one.policy, known) for one in found)),
        None,
        met.count(True),
        met.count(False),
        dismissed,
        len(found) - len(met) - dismissed,
        _from_receipt([(one, one.first_view_at) for one in found]),
        _from_receipt([(one, one.decided_at) for one in found]),
        _from_receipt([(one, one.applied_at) for one in found]),
    )


def _from_receipt(pairs: Sequence[tuple[Order, datetime | None]]) -> Took:
    return took([at - one.received_at for one, at in pairs if at is not None and at >= one.received_at])
