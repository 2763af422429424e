"""Whether the log's rows about one item are as they were sealed, and the tables as the log says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection

from tocsin.service.review.context import Context
from tocsin.service.review.log import Action, Finding, Row, disagreements, read_head
from tocsin.service.review.log.rows import read_rows
from tocsin.service.review.log.verify import verify_rows
from tocsin.service.review.replay.kept import Kept

__all__ = ["Logged", "Seal", "check_seal", "read_logged"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Of each kind of row: what logs it, under which name, and which of its columns the log has too.
_TOLD: Final[Mapping[Action, tuple[str, str, tuple[str, ...]]]] = {
    Action.NOTICED: ("notices", "notice", ("kind", "source", "task")),
    Action.APPEALED: ("appeals", "appeal", ("decision", "source", "task")),
    Action.MEASURED: ("measures", "measure", ("kind", "decision")),
    Action.PAGED: ("pages", "page", ("task", "why")),
    Action.HELD: ("holds", "hold", ()),
}
_DECIDING: Final = {Action.DECIDED.value, Action.UNDONE.value}
_LOOK: Final = ("task", "extent", "part")


@dataclass(frozen=True, slots=True)
class Logged:
    """Hold one row of the log as far as it can be read: whoever tampered may have left anything in it."""

    row: int
    at: datetime | None
    actor: str
    action: str
    body: Mapping[str, Any]

    @classmethod
    def of(cls, row: Row) -> Logged:
        """Return what a row says."""
        try:
            body = json.loads(row.body)
            at = _EPOCH + timedelta(microseconds=row.at)
        except (TypeError, ValueError, OverflowError, RecursionError):
            body, at = {}, None
        return cls(row.seq, at, str(row.actor), str(row.action), body if isinstance(body, dict) else {})


@dataclass(frozen=True, slots=True)
class Seal:
    """Say whether the log's rows about an item are whole.

    `rows` is how many the log has, `own` how many tell of the item. `findings` are what is wrong with any row
    of the log, for of a row that is gone nobody can tell whose it was; `own_findings` what is wrong with the
    item's, and where its tables say another thing. `text_is_same` compares the text with its digest, None
    where no text is kept.
    """

    rows: int
    own: int
    findings: Sequence[Finding]
    own_findings: Sequence[Finding]
    text_is_same: bool | None

    @property
    def whole(self) -> bool:
        """Say whether nothing is wrong."""
        return not (self.findings or self.own_findings or self.text_is_same is False)


def read_logged(
    tx: Connection, context: Context, item: int, progress: Callable[[int], None]
) -> tuple[int, list[Finding], list[Logged]]:
    """Return how many rows the log has, what is wrong with any, and those of one item, in their order."""
    own: list[Row] = []
    count = 0

    def rows() -> Iterator[Row]:
        nonlocal count
        for row in read_rows(tx, progress):
            count += 1
            if row.item == item:
                own.append(row)
            yield row

    stream = rows()
    found = verify_rows(stream, context.key, read_head(tx))
    for _ in stream:  # it stops where it has found enough: the item's rows may follow
        pass
    return count, list(found.findings), list(map(Logged.of, own))


def check_seal(
    tx: Connection, kept: Kept, rows: int, findings: Sequence[Finding], logged: Sequence[Logged]
) -> Seal:
    """Return whether what the log and the tables say of an item is whole, and one."""
    numbers = {one.row for one in logged}
    own = [one for one in findings if one.seq in numbers]
    broken = {one.seq for one in own}
    if not any(one.row in broken and one.action in _DECIDING for one in logged):  # or a body may be anything
        own += disagreements(tx, kept.number)
    own += [*_unmatched(kept, logged), *_other_texts(kept, logged)]
    return Seal(rows, len(logged), findings, own, kept.text_is_same)


def _unmatched(kept: Kept, logged: Sequence[Logged]) -> list[Finding]:
    found: list[Finding] = []
    for action, (table, name, columns) in _TOLD.items():
        told = {_number(one, name): one for one in logged if one.action == action.value}
        rows = getattr(kept, table)
        for number, row in rows.items():
            one = told.get(number)
            if one is None:
                found.append(Finding(0, f"{name} {number} stands in no row of the log"))
            elif any(one.body.get(column, value) != value for column, value in _said(row, columns)):
                found.append(Finding(one.row, f"{name} {number} is not as it was logged"))
        gone = {number: one for number, one in told.items() if number not in rows}
        found += [Finding(one.row, f"{name} {number} is gone") for number, one in gone.items()]
    return found + _unlogged_looks(kept, logged)


def _number(one: Logged, name: str) -> int:
    found = one.body.get(name)
    return found if isinstance(found, int) else -one.row


def _said(row: Any, columns: Sequence[str]) -> list[tuple[str, Any]]:
    return [(column, getattr(row, column)) for column in columns]


def _unlogged_looks(kept: Kept, logged: Sequence[Logged]) -> list[Finding]:
    seen = Counter(
        (one.actor, *(str(one.body.get(name)) for name in _LOOK), one.at)
        for one in logged
        if one.action == Action.VIEWED.value
    )
    looks = Counter(
        (f"reviewer:{row.reviewer}", *(str(getattr(row, name)) for name in _LOOK), row.at)
        for row in kept.reveals.values()
    )
    missing = (looks - seen).total()
    return [Finding(0, f"{missing} looks at the text stand in no row of the log")] if missing else []


def _other_texts(kept: Kept, logged: Sequence[Logged]) -> list[Finding]:
    own = kept.item.digest.hex()
    return [
        Finding(one.row, "this row is about another text than the item's")
        for one in logged
        if one.body.get("digest", own) != own
    ]
