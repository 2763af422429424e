"""Tries that failed: after a few of them one waits, longer each time, and no row says who it was."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

from sqlalchemy import Connection, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.service.review.context import Context
from tocsin.service.review.log.key import LogKey
from tocsin.service.review.store.console_tables import attempts

__all__ = ["Failure", "Marks", "count_failure", "forgive", "marks_of", "name_key", "wait_of"]

_FREE_OF_NAME: Final = 5
_FREE_OF_ADDRESS: Final = 20  # a whole team may sit behind one
_FIRST: Final = timedelta(seconds=30)
_LONGEST: Final = timedelta(minutes=15)
_DOUBLINGS: Final = 5  # from the first wait to beyond the longest
_FORGOTTEN: Final = timedelta(hours=24)
_LONGEST_NAME: Final = 512  # longer than any that there is
_NETWORK_BITS: Final = 64  # of IPv6: what one household or machine has
_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Marks:
    """Stand for a name and an address (None: not known) under the log's key."""

    name: str
    address: str | None

    @property
    def inside(self) -> Marks:
        """Return what counts for somebody who has a session: not what strangers do at their address."""
        return Marks(self.name, None)

    @property
    def both(self) -> tuple[tuple[str, int], ...]:
        """Return each with the failures that cost no wait, always in this order: rows are locked in it."""
        by_name = ((self.name, _FREE_OF_NAME),)
        return by_name if self.address is None else (*by_name, (self.address, _FREE_OF_ADDRESS))


@dataclass(frozen=True, slots=True)
class Failure:
    """Hold what a failure comes to: how often the name failed, and how long it, and whoever tries, waits."""

    failures: int
    name_waits: timedelta
    wait: timedelta | None


def name_key(name: str) -> str:
    """Return a name as it is compared: without regard to case, width, and blanks around it."""
    return unicodedata.normalize("NFKC", name[:_LONGEST_NAME]).strip().casefold()


def marks_of(key: LogKey, name: str, address: str) -> Marks:
    """Return what stands for a name, known or not, and an address, "" where there is none."""
    by_address = key.mark("address", _network(address)).hex() if address else None
    return Marks(key.mark("name", name_key(name)).hex(), by_address)


def wait_of(tx: Connection, context: Context, marks: Marks, *, lock: bool = False) -> timedelta | None:
    """Return how long nobody may try under these marks; None where they may.

    `lock` keeps others from counting until the transaction ends.
    """
    now, waits = context.clock(), [timedelta(0)]
    for who, _ in marks.both:
        query = select(attempts.c.closed_until).where(attempts.c.who == who)
        until: datetime | None = tx.execute(query.with_for_update() if lock else query).scalar()
        waits.append(until - now if until is not None else timedelta(0))
    longest = max(waits)
    return longest if longest > timedelta(0) else None


def count_failure(tx: Connection, context: Context, marks: Marks) -> Failure:
    """Count a try that failed, and say how long to wait; what is older than a day counts no more."""
    now = context.clock()
    tx.execute(delete(attempts).where(attempts.c.last_at < now - _FORGOTTEN))
    counts = [_count(tx, now, who) for who, _ in marks.both]
    waits = [_wait(count, free) for count, (_, free) in zip(counts, marks.both, strict=True)]
    for (who, _), wait in zip(marks.both, waits, strict=True):
        closed = now + wait if wait else None
        tx.execute(update(attempts).where(attempts.c.who == who).values(closed_until=closed))
    return Failure(counts[0], waits[0], max(waits) or None)


def forgive(tx: Connection, context: Context, marks: Marks) -> None:
    """Forget a name's failures once it has signed in; of its address, so many."""
    del context
    query = select(attempts.c.failures).where(attempts.c.who == marks.name)
    count = tx.execute(query.with_for_update()).scalar()
    if count is None:
        return
    tx.execute(delete(attempts).where(attempts.c.who == marks.name))
    if marks.address is not None:
        left = case((attempts.c.failures > count, attempts.c.failures - count), else_=0)
        tx.execute(update(attempts).where(attempts.c.who == marks.address).values(failures=left))


def _count(tx: Connection, now: datetime, who: str) -> int:
    given = _INSERTS[tx.dialect.name](attempts).values(who=who, failures=1, last_at=now)
    counted = given.on_conflict_do_update(
        index_elements=["who"], set_={"failures": attempts.c.failures + 1, "last_at": now}
    )
    return int(tx.execute(counted.returning(attempts.c.failures)).scalar_one())


def _wait(failures: int, free: int) -> timedelta:
    if failures < free:
        return timedelta(0)
    return min(_FIRST * (1 << min(failures - free, _DOUBLINGS)), _LONGEST)


def _network(address: str) -> str:
    """Return what changes address at will: of IPv6 the network, for its owner has all that is in it."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, _NETWORK_BITS), strict=False))
    return str(parsed)
