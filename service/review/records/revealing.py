"""Reveals: a text is masked until somebody asks to see a part of it, and each part that is shown is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, insert, select, update

from tocsin.errors import InputError
from tocsin.service.review.context import Context
from tocsin.service.review.cutting import cut
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.records.viewing import Extent, Sight, log_view, sight
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import reveals
from tocsin.service.review.store.tables import appeals, notices, tasks

__all__ = ["LOOK", "Revealed", "hide", "reveal", "revealed"]

LOOK: Final = timedelta(minutes=15)
"""How long a text stays shown to a lead who does not hold its task."""

_LARGEST: Final = 2**31  # numbers that a column of parts holds are below


@dataclass(frozen=True, slots=True)
class Revealed:
    """Hold what of a task's texts is shown to somebody now: parts by their places, complaints by number."""

    whole: bool = False
    words: frozenset[int] = frozenset()
    sentences: frozenset[int] = frozenset()
    thread: frozenset[int] = frozenset()
    notices: frozenset[int] = frozenset()
    appeals: frozenset[int] = frozenset()

    def has(self, extent: Extent, part: int | None) -> bool:
        """Say whether a part is shown already; that its sentence is does not count for a word."""
        if extent in {Extent.WORD, Extent.SENTENCE, Extent.WHOLE} and self.whole:
            return True
        kept: frozenset[int] = frozenset() if extent is Extent.WHOLE else getattr(self, _KEPT[extent])
        return part in kept


_KEPT: Final[Mapping[Extent, str]] = {
    Extent.WORD: "words",
    Extent.SENTENCE: "sentences",
    Extent.THREAD: "thread",
    Extent.NOTICE: "notices",
    Extent.APPEAL: "appeals",
}


def reveal(
    tx: Connection, context: Context, reviewer: Reviewer, task: int, extent: Extent, part: int | None = None
) -> bool:
    """Show a part of a task's texts, and keep and log that it was; return False where it is shown already.

    `part` is the place of a word, a sentence or a text of the thread, or the number of a notice or appeal;
    None for the whole text. Raises what `view` does, InputError where there is no such part.
    """
    seen = sight(tx, reviewer, task)
    if (part is None) != (extent is Extent.WHOLE):
        raise InputError("a part must be named unless all of the text is asked for")
    if part is not None and not (0 <= part < _LARGEST and _CHECKS[extent](tx, seen, part)):
        raise UnknownError(f"there is no such {extent.value} to show")
    if revealed(tx, context, reviewer, task).has(extent, part):
        return False
    row = {
        "task": task,
        "item": seen.item,
        "reviewer": reviewer.number,
        "claim": seen.claim,
        "extent": extent.value,
        "part": part,
        "severity": seen.severity,
        "at": context.clock(),
    }
    tx.execute(insert(reveals), row)
    log_view(tx, context, reviewer, seen, {"extent": extent.value, "part": part})
    return True


def revealed(tx: Connection, context: Context, reviewer: Reviewer, task: int) -> Revealed:
    """Return what is shown to `reviewer` now: nothing to those who may see nothing.

    Under a claim what was revealed by it, until it is hidden or the claim ends; to a lead who holds none, for
    a quarter of an hour.
    """
    query = select(tasks.c.claim, tasks.c.claimed_by, tasks.c.state).where(tasks.c.id == task)
    found = tx.execute(query).first()
    if found is not None and found.claimed_by == reviewer.number and found.state == "open":
        return _revealed(tx, reviewer, task, reveals.c.claim == found.claim)
    if reviewer.role >= Role.LEAD:
        since = context.clock() - LOOK
        return _revealed(tx, reviewer, task, reveals.c.claim.is_(None), reveals.c.at > since)
    return Revealed()


def hide(tx: Connection, context: Context, reviewer: Reviewer, task: int) -> None:
    """Mask again all that is shown to `reviewer` of a task; where nothing is, that is done already."""
    mine = (reveals.c.task == task, reveals.c.reviewer == reviewer.number, reveals.c.hidden_at.is_(None))
    tx.execute(update(reveals).where(*mine).values(hidden_at=context.clock()))


def _revealed(tx: Connection, reviewer: Reviewer, task: int, *under: ColumnElement[bool]) -> Revealed:
    shown = (reveals.c.task == task, reveals.c.reviewer == reviewer.number, reveals.c.hidden_at.is_(None))
    kept: dict[str, set[int]] = {name: set() for name in _KEPT.values()}
    whole = False
    for row in tx.execute(select(reveals.c.extent, reveals.c.part).where(*shown, *under)):
        if row.part is None:
            whole = True
        else:
            kept[_KEPT[Extent(row.extent)]].add(row.part)
    return Revealed(whole, **{name: frozenset(parts) for name, parts in kept.items()})


def _is_complaint(table: Table) -> Callable[[Connection, Sight, int], bool]:
    def check(tx: Connection, seen: Sight, part: int) -> bool:
        if seen.second and table is appeals:
            return False
        query = select(table.c.id).where(
            table.c.id == part, table.c.item == seen.item, table.c.statement.is_not(None)
        )
        if seen.second:
            query = query.where(table.c.kind == "notice")
        return tx.execute(query).first() is not None

    return check


_CHECKS: Final[Mapping[Extent, Callable[[Connection, Sight, int], bool]]] = {
    Extent.WORD: lambda _, seen, part: part < len(cut(seen.text).words),
    Extent.SENTENCE: lambda _, seen, part: part < len(cut(seen.text).sentences),
    Extent.THREAD: lambda _, seen, part: part < len(seen.thread),
    Extent.NOTICE: _is_complaint(notices),
    Extent.APPEAL: _is_complaint(appeals),
}
