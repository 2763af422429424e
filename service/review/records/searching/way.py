"""In which order tasks are gone through: each by an index that nothing but its order decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, literal, literal_column, select, tuple_

from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.queue import Queue
from tocsin.service.review.records.searching.conditions import day_after, day_of
from tocsin.service.review.records.searching.filters import Filters, State
from tocsin.service.review.store.tables import tasks

__all__ = ["Position", "Way", "way_of"]

Position = Sequence[Any]
"""Where one stands on a way: the values of its keys, of which the last is a task's number."""

# Written out, not bound: a plan that PostgreSQL keeps for any value cannot use an index of some tasks alone.
_IS: Final = {
    state: tasks.c.state == literal_column(f"'{state.value}'") for state in (State.OPEN, State.DONE)
}


@dataclass(frozen=True, slots=True)
class Way:
    """Hold which tasks are gone through, and by which keys: from the least on, `down` from the greatest."""

    among: Sequence[ColumnElement[bool]]
    keys: Sequence[ColumnElement[Any]]
    down: bool

    def begin(self, tx: Connection, after: int | None) -> Position | None:
        """Return where one goes on after a task, None at the beginning.

        Raises UnknownError, and ConflictError where the task has left the way.
        """
        if after is None:
            return None
        found = tx.execute(select(*self.keys).where(tasks.c.id == after)).first()
        if found is None:
            raise UnknownError(f"there is no task {after}")
        if None in found:
            raise ConflictError(f"task {after} waits again: begin the search anew")
        return tuple(found)

    def ahead(self, chosen: Select[Any], after: Position | None, columns: Sequence[Any]) -> Select[Any]:
        """Return a query with what lies after a position alone, in order; `columns` are its keys."""
        if after is not None:
            here = tuple_(*columns)
            there = tuple_(*(literal(one, key.type) for one, key in zip(after, self.keys, strict=True)))
            chosen = chosen.where(here < there if self.down else here > there)
        return chosen.order_by(*(key.desc() if self.down else key for key in columns))

    def look(self, after: Position | None, most: int) -> Select[Any]:
        """Return the next `most` tasks, whatever they are."""
        return self.ahead(select(tasks).where(*self.among), after, self.keys).limit(most)

    def end_of_look(self, tx: Connection, after: Position | None, most: int) -> Position | None:
        """Return where a look ends, None where it reaches the way's own end."""
        keys = self.ahead(select(*self.keys).where(*self.among), after, self.keys)
        found = tx.execute(keys.limit(1).offset(most - 1)).first()
        return None if found is None else tuple(found)


def way_of(filters: Filters) -> Way:
    """Return the way to search by filters: of what waits the soonest first, else the latest."""
    if filters.state is State.OPEN:
        among = [_IS[State.OPEN]]
        if filters.queue not in {None, Queue.GOLDEN}:
            among.append(tasks.c.shown == str(filters.queue))
        return Way(among, (tasks.c.serve_by, tasks.c.id), down=False)
    if filters.state is State.DONE:
        among = [_IS[State.DONE]]
        if filters.decided_from is not None:
            among.append(tasks.c.done_at >= day_of(filters.decided_from))
        if filters.decided_until is not None:
            among.append(tasks.c.done_at < day_after(filters.decided_until))
        return Way(among, (tasks.c.done_at, tasks.c.id), down=True)
    return Way((), (tasks.c.id,), down=True)
