"""Statements as kept: one for each measure, made once, named once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.errors import InputError, SettingsError
from tocsin.service.review.compliance.building import LeftOut, build_statement, puid_of
from tocsin.service.review.compliance.measured import Measured, measured
from tocsin.service.review.compliance.tables import StatementsTable
from tocsin.service.review.context import Context
from tocsin.service.review.desk import Desk
from tocsin.service.review.records.measuring import MeasureKind
from tocsin.service.review.store.compliance_tables import statements
from tocsin.service.review.store.tables import measures

__all__ = [
    "Kept",
    "State",
    "count_states",
    "list_statements",
    "make_statements",
    "statements_table",
    "try_again",
]

_AT_A_TIME: Final = 500
_LONGEST_FAULT: Final = 500
_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class State(StrEnum):
    """Say what became of a statement."""

    FAULTY = "faulty"  # it cannot be made: the compliance file or the measure lacks something
    LEFT_OUT = "left_out"  # there is to be none
    WAITING = "waiting"  # to be sent
    SENDING = "sending"  # on its way; whether it arrived, nobody knows yet
    SENT = "sent"  # stored, with its receipt
    UNRECEIPTED = "unreceipted"  # stored, and its receipt is lost
    REFUSED = "refused"  # the transparency database took exception to it


@dataclass(frozen=True, slots=True)
class Kept:
    """Hold one statement as kept: which measure it is of, and what became of it."""

    number: int
    measure: int
    state: State
    puid: str
    fault: str | None
    made_at: datetime
    uuid: str | None
    permalink: str | None
    stored_at: str | None

    @classmethod
    def of(cls, row: Row[Any]) -> Kept:
        """Return the statement that a row holds."""
        return cls(
            row.id,
            row.measure,
            State(row.state),
            row.puid,
            row.fault,
            row.made_at,
            row.uuid,
            row.permalink,
            row.stored_at,
        )


def statements_table(context: Context) -> StatementsTable:
    """Return what the compliance file says of statements; raise SettingsError where it says nothing."""
    table = None if context.compliance is None else context.compliance.statements
    if table is None:
        raise SettingsError(
            "statements need a compliance file with a table [statements]: name it in TOCSIN_REVIEW_COMPLIANCE"
        )
    return table


def make_statements(desk: Desk) -> Counter[State]:
    """Make a statement for every measure that has come into force and has none; try faulty ones again.

    Returns how many were made, by state. Raises StoreError, SettingsError.
    """
    statements_table(desk.context)
    done: Counter[State] = Counter()
    for work in (_make_new, _make_faulty):
        after = 0
        while (step := desk.write(work, after)) is not None:
            after = step[0]
            done += step[1]
    return done


def list_statements(
    tx: Connection, context: Context, states: Sequence[State] = (), most: int = 1_000
) -> list[Kept]:
    """Return statements of some states, of any where none is named, latest first."""
    del context
    query = select(statements).order_by(statements.c.id.desc()).limit(most)
    if states:
        query = query.where(statements.c.state.in_([one.value for one in states]))
    return [Kept.of(row) for row in tx.execute(query)]


def try_again(tx: Connection, context: Context, numbers: Sequence[int] | None) -> int:
    """Make refused statements anew, all where `numbers` is None, to be sent again; return how many.

    They keep their names. Raises InputError for a number that is no refused statement's.
    """
    refused = select(statements.c.id).where(statements.c.state == State.REFUSED.value)
    if numbers is not None:
        refused = refused.where(statements.c.id.in_(numbers))
    found = list(tx.execute(refused.order_by(statements.c.id).with_for_update()).scalars())
    unknown = sorted(set(numbers or ()) - set(found))
    if unknown:
        raise InputError(f"a statement must be one that was refused, {unknown[0]} is not such a one")
    _make_again(tx, context, found)
    return len(found)


def _make_new(tx: Connection, context: Context, after: int) -> tuple[int, Counter[State]] | None:
    """Make the next statements; return the last measure's number with the counts, None where none is left."""
    table, now = statements_table(context), context.clock()
    known = select(statements.c.id).where(statements.c.measure == measures.c.id).exists()
    wanted = [
        measures.c.id > after,
        ~known,
        measures.c.kind != MeasureKind.RESTORED.value,
        measures.c.applied_at <= now,
    ]
    if table.since is not None:
        wanted.append(measures.c.applied_at >= datetime.combine(table.since, time(), UTC))
    query = select(measures.c.id).where(*wanted).order_by(measures.c.id).limit(_AT_A_TIME)
    numbers = list(tx.execute(query).scalars())
    if not numbers:
        return None
    done: Counter[State] = Counter()
    for one in measured(tx, measures.c.id.in_(numbers), words=True):
        row = _made(context, table, one)
        new = _INSERTS[tx.dialect.name](statements).values(measure=one.number, **row)
        if tx.execute(new.on_conflict_do_nothing().returning(statements.c.id)).first() is not None:
            done[State(row["state"])] += 1
    return numbers[-1], done


def _make_faulty(tx: Connection, context: Context, after: int) -> tuple[int, Counter[State]] | None:
    query = select(statements.c.id).where(
        statements.c.id > after, statements.c.state.in_((State.FAULTY.value, State.LEFT_OUT.value))
    )
    # Locked as they are chosen: what another run makes meanwhile, and sends, must not be made to wait again.
    query = query.order_by(statements.c.id).limit(_AT_A_TIME).with_for_update()
    numbers = list(tx.execute(query).scalars())
    if not numbers:
        return None
    return numbers[-1], _make_again(tx, context, numbers)


def _make_again(tx: Connection, context: Context, numbers: Sequence[int]) -> Counter[State]:
    """Make statements anew under their names, and write those that come out otherwise."""
    table = statements_table(context)
    rows = {row.measure: row for row in tx.execute(select(statements).where(statements.c.id.in_(numbers)))}
    done: Counter[State] = Counter()
    for measure in measured(tx, measures.c.id.in_(list(rows)), words=True):
        row = rows[measure.number]
        made = _made(context, table, measure) | {"puid": row.puid, "attempts": 0}
        if made["body"] is not None:
            made["body"] = {**made["body"], "puid": row.puid}
        done[State(made["state"])] += 1
        if (row.state, row.fault) != (made["state"], made["fault"]):
            tx.execute(update(statements).where(statements.c.id == row.id).values(made))
    return done


def _made(context: Context, table: StatementsTable, measure: Measured) -> dict[str, Any]:
    """Return the row of a measure's statement: its payload, or why there is none."""
    puid, at = puid_of(context.key, measure), context.clock()
    row: dict[str, Any] = {"puid": puid, "made_at": at, "due_at": at, "body": None, "fault": None}
    try:
        built = build_statement(table, measure, puid)
    except InputError as error:
        return row | {"state": State.FAULTY.value, "fault": str(error)[:_LONGEST_FAULT]}
    if isinstance(built, LeftOut):
        return row | {"state": State.LEFT_OUT.value, "fault": built.why}
    return row | {"state": State.WAITING.value, "body": built}


def count_states(tx: Connection, context: Context) -> dict[State, int]:
    """Return how many statements are in each state."""
    del context
    query = select(statements.c.state, func.count().label("known")).group_by(statements.c.state)
    found = {row.state: row.known for row in tx.execute(query)}
    return {state: found.get(state.value, 0) for state in State}
