"""Whether the tables still say what the log says of them: a seal keeps the log, not what it tells of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, select

from tocsin.service.review.digest import digest
from tocsin.service.review.log.entry import Action
from tocsin.service.review.log.verify import Finding
from tocsin.service.review.store.tables import decisions, items, log

__all__ = ["disagreements"]

_MOST: Final = 100
_ROWS_AT_A_TIME: Final = 2_000
_Logged = tuple[int, int]  # the row, and the hash of what it says: a log may tell of millions


def disagreements(tx: Connection, item: int | None = None) -> list[Finding]:
    """Return the decisions that are not as logged, and the texts that are not those that were decided of.

    At most a hundred; of one `item` alone where it is named. Presumes a log that verifies; a decision of an
    erased item has no text to compare.
    """
    made, undone = _logged(tx, item)
    found: list[Finding] = []
    for row in _kept(tx, item):
        seq, said = made.pop(row.id, (0, 0))
        what = _fault(row, said, undone) if seq else "stands in no row of the log"
        if what:
            found.append(Finding(seq, f"decision {row.id} {what}"))
        if len(found) >= _MOST:
            return found
    return found + [Finding(seq, f"decision {number} is gone") for number, (seq, _) in made.items()][:_MOST]


def _fault(row: Any, said: int, undone: dict[int, int]) -> str | None:
    by = f"reviewer:{row.reviewer}"
    answers = tuple(row.policies or ()), tuple(row.unsure or ())
    what = (row.verdict, row.policy, row.digest.hex(), bool(row.aside), row.chance)
    if _hash(row.task, row.item, by, *what, *answers) != said:
        return "is not as it was logged"
    if (row.undone_at is None) == (row.id in undone):
        return "was undone in one of log and table, not in the other"
    if row.text is not None and digest(row.salt, row.platform_id, row.text) != row.digest:
        return "is about another text now"
    return None


def _logged(tx: Connection, item: int | None) -> tuple[dict[int, _Logged], dict[int, int]]:
    query = select(log.c.seq, log.c.actor, log.c.action, log.c.item, log.c.body).where(
        log.c.action.in_([Action.DECIDED.value, Action.UNDONE.value])
    )
    query = query if item is None else query.where(log.c.item == item)
    made: dict[int, _Logged] = {}
    undone: dict[int, int] = {}
    for row in tx.execute(query.order_by(log.c.seq).execution_options(yield_per=_ROWS_AT_A_TIME)):
        body = json.loads(row.body)
        if row.action == Action.UNDONE.value:
            undone[body["decision"]] = row.seq
            continue
        answers = tuple(body.get("policies", ())), tuple(body.get("unsure", ()))
        what = (body["verdict"], body["policy"], body["digest"], body.get("aside", False), body.get("chance"))
        made[body["decision"]] = (row.seq, _hash(body["task"], row.item, row.actor, *what, *answers))
    return made, undone


def _kept(tx: Connection, item: int | None) -> Iterator[Any]:
    columns = (items.c.platform_id, items.c.text, items.c.salt, items.c.digest)
    query = select(decisions, *columns).join(items, items.c.id == decisions.c.item).order_by(decisions.c.id)
    query = query if item is None else query.where(decisions.c.item == item)
    yield from tx.execute(query.execution_options(yield_per=_ROWS_AT_A_TIME))


def _hash(*said: object) -> int:
    return hash(said)
