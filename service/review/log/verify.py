"""Finding out whether the log is what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from tocsin.service.review.log.entry import Row
from tocsin.service.review.log.head import Head
from tocsin.service.review.log.key import LogKey
from tocsin.service.review.log.rows import read_rows
from tocsin.service.review.log.seal import same, sealed

__all__ = ["Finding", "Verified", "verify", "verify_latest", "verify_rows"]

_MOST_FINDINGS: Final = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """Say what is wrong, and at which row."""

    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Hold what was found; no findings: the log is whole up to `head`, and `since` still stands in it."""

    rows: int
    head: Head
    findings: Sequence[Finding]

    @property
    def whole(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.findings


def verify(
    tx: Connection,
    key: LogKey,
    head: Head,
    since: Sequence[Head] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Return what is wrong with the log, whose `head` the database tells, given heads kept elsewhere.

    An edit, a row taken out or put in, and rows in another order show without a head. Rows taken from the end
    show only against a head from after them, and so does an older copy of the whole database: the database's
    own head is whoever's who changed it.
    """
    return verify_rows(read_rows(tx, progress), key, head, since)


def verify_latest(tx: Connection, key: LogKey, head: Head, most: int) -> Verified:
    """Return what is wrong with the latest `most` rows, as `verify` does; the one before them is believed."""
    if head.seq <= most:
        return verify(tx, key, head)
    first = head.seq - most
    rows = read_rows(tx, since=first)
    believed = next(rows, None)
    if believed is None or believed.seq != first:
        found = head.seq + 1 if believed is None else believed.seq
        return Verified(0, head, [Finding(first, _missing(first, found))])
    return verify_rows(rows, key, head, believed=believed)


def verify_rows(
    rows: Iterable[Row],
    key: LogKey,
    head: Head,
    since: Sequence[Head] = (),
    *,
    believed: Row | None = None,
) -> Verified:
    """Return what is wrong with rows in the order of their numbers, as `verify` does.

    They are all that there are, or those that follow a row that is `believed`.
    """
    findings: list[Finding] = []
    began = (0, key.begun) if believed is None else (believed.seq, believed.mac)
    kept: dict[int, object] = dict([began])
    wanted = {one.seq for one in (*since, head)}
    before: object = began[1]
    expected, count = began[0] + 1, 0
    for row in rows:
        if row.seq != expected:
            findings.append(Finding(expected, _missing(expected, row.seq)))
        if not sealed(key, before, row):
            findings.append(Finding(row.seq, "this row, or the one before it, is not what was sealed"))
        if row.seq in wanted:
            kept[row.seq] = row.mac
        before, expected, count = row.mac, _after(row, expected), count + 1
        if len(findings) >= _MOST_FINDINGS:
            return Verified(count, head, findings)
    findings += [fault for one in since if (fault := _against(one, kept, "the head that was kept"))]
    if not findings:
        fault = _against(head, kept, "the database's head")
        if fault is None and expected - 1 != head.seq:
            fault = Finding(expected - 1, "rows follow the database's head")
        findings += [fault] if fault else []
    return Verified(count, head, findings)


def _against(head: Head, kept: Mapping[int, object], name: str) -> Finding | None:
    if head.seq not in kept:
        return Finding(head.seq, f"{name} is at row {head.seq}, which is gone")
    if not same(kept[head.seq], head.mac):
        return Finding(head.seq, f"{name} does not fit row {head.seq}: what it pinned was replaced")
    return None


def _after(row: Row, expected: int) -> int:
    return (row.seq if isinstance(row.seq, int) else expected) + 1


def _missing(expected: int, found: object) -> str:
    if not isinstance(found, int):
        return f"a row without a number stands where {expected} should"
    if found < expected:
        return f"row {found} stands where {expected} should"
    return f"row {expected} is gone" if found == expected + 1 else f"rows {expected} to {found - 1} are gone"
