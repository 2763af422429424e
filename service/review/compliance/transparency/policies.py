"""Which policies a report names: those that were ever confirmed, or that statements are written for."""

from __future__ import annotations

from sqlalchemy import Connection, select

from tocsin.service.review.context import Context
from tocsin.service.review.store.tables import decisions

__all__ = ["NOT_SAID", "OTHER", "known_policies", "policy_word"]

NOT_SAID = "not_said"
OTHER = "other"


def known_policies(tx: Connection, context: Context) -> frozenset[str]:
    """Return the names: a notice may allege anything, and what it does is told as `other`."""
    found = set(
        tx.execute(select(decisions.c.policy).where(decisions.c.policy.is_not(None)).distinct()).scalars()
    )
    table = None if context.compliance is None else context.compliance.statements
    return frozenset(found | set(() if table is None else table.policies))


def policy_word(policy: str | None, known: frozenset[str]) -> str:
    """Return what a report calls a policy."""
    if policy is None:
        return NOT_SAID
    return policy if policy in known else OTHER
