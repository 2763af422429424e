"""Comparing seals, whatever lies where one should."""

from __future__ import annotations

import hmac

from tocsin.service.review.log.entry import Row
from tocsin.service.review.log.key import LogKey

__all__ = ["same", "sealed"]


def same(one: object, other: object) -> bool:
    """Say whether two seals are one, in a time that does not tell how far they agree."""
    return isinstance(one, bytes) and isinstance(other, bytes) and hmac.compare_digest(one, other)


def sealed(key: LogKey, before: object, row: Row) -> bool:
    """Say whether `row` is as it was sealed, after a row whose seal is `before`."""
    if not isinstance(before, bytes):
        return False
    try:
        return same(key.seal_row(before, row.sealed()), row.mac)
    except (TypeError, ValueError):  # a cell holds what no row of ours does: SQLite takes anything anywhere
        return False
