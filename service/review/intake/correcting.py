"""Taking in corrections: what clients of the server would have scored otherwise waits for a person to say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.assessment import Assessment
from tocsin.errors import MalformedRowError
from tocsin.service.api.validation import first_fault
from tocsin.service.review.context import Context
from tocsin.service.review.desk import Desk
from tocsin.service.review.digest import digest, new_salt
from tocsin.service.review.intake.correction import NAMED, Correction, CorrectionBody
from tocsin.service.review.intake.importing import Record, Taken, assessed, take_rows
from tocsin.service.review.intake.keeping import keep_bands, keep_flags, kept
from tocsin.service.review.intake.placing import priority
from tocsin.service.review.intake.receipt import Receipt, State
from tocsin.service.review.log import OPERATOR, Action, Entry, append
from tocsin.service.review.queue import Queue
from tocsin.service.review.store.correction_tables import corrections
from tocsin.service.review.store.tables import items, notices
from tocsin.service.review.tasks.opening import open_task
from tocsin.service.scan import Assessor

__all__ = ["known_marks", "put_corrections", "take_corrections"]

_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_SOURCE: Final = "client"


def take_corrections(
    desk: Desk, assessor: Assessor, source: str, records: Iterable[Record]
) -> Iterator[Taken]:
    """Yield one outcome a line of the feedback box, in order, each batch once it is stored.

    A line that was taken before is known, decided, waiting or erased, and is not scored again. Passes an
    InputError on after what came before it. Raises StoreError and ScoringError: what was yielded is stored.
    """
    rows = (_read(desk.context, source, record) for record in records)
    yield from take_rows(rows, partial(_taken, desk, assessor))


def known_marks(tx: Connection, context: Context, marks: Sequence[str]) -> frozenset[str]:
    """Return those of some marks whose corrections were taken."""
    del context
    return frozenset(tx.execute(select(corrections.c.mark).where(corrections.c.mark.in_(marks))).scalars())


def put_corrections(
    tx: Connection, context: Context, given: Sequence[tuple[Correction, Assessment]]
) -> list[bool]:
    """Put corrections into the queue, each an item of its own; return of each whether it is new."""
    known = set(known_marks(tx, context, [one.mark for one, _ in given]))
    made: dict[int, bool] = {}
    entries: list[Entry] = []
    # In one order everywhere, or two who take the same box would wait for each other.
    for place in sorted(range(len(given)), key=lambda place: given[place][0].mark):
        correction, assessment = given[place]
        entry = None if correction.mark in known else _put(tx, context, correction, assessment)
        made[place] = entry is not None
        known.add(correction.mark)
        entries += [] if entry is None else [entry]
    for entry in entries:  # last: see `take_in`
        append(tx, context.key, entry)
    return [made[place] for place in range(len(given))]


def _read(context: Context, source: str, record: Record) -> tuple[int, Correction] | MalformedRowError:
    if isinstance(record, MalformedRowError):
        return record
    number, fields = record
    try:
        return number, CorrectionBody.model_validate(fields).correction(context.key)
    except ValidationError as error:
        return MalformedRowError(source, number, first_fault(error))


def _taken(desk: Desk, assessor: Assessor, rows: Sequence[tuple[int, Correction]]) -> Iterator[Taken]:
    given = [correction for _, correction in rows]
    known = desk.read(known_marks, [one.mark for one in given]) if given else frozenset[str]()
    fresh = list({one.mark: one for one in given if one.mark not in known}.values())
    found = assessed(assessor, fresh)
    put = desk.write(put_corrections, list(zip(fresh, found, strict=True))) if fresh else []
    new = {one.mark for one, is_new in zip(fresh, put, strict=True) if is_new}
    for one in given:
        yield Receipt(one.id, one.mark in new, State.WAITING, Queue.CORRECTIONS)
        new.discard(one.mark)


def _put(tx: Connection, context: Context, one: Correction, assessment: Assessment) -> Entry | None:
    """Return what is to be logged; None where another took it meanwhile."""
    at, salt, level = context.clock(), new_salt(), assessment.level
    row = {
        **kept(one),
        "platform_id": one.id,
        "received_at": at,
        "salt": salt,
        "digest": digest(salt, one.id, one.text),
        "assessment": assessment.to_dict(),
        "language": assessment.language,
        "level": None if level is None else level.value,
        "priority": assessment.priority,
    }
    statement = _INSERTS[tx.dialect.name](items).on_conflict_do_nothing(index_elements=["platform_id"])
    number: int | None = tx.execute(statement.returning(items.c.id), row).scalar()
    if number is None:
        return None
    tx.execute(insert(corrections), {"item": number, "mark": one.mark})
    keep_bands(tx, number, one.text)
    keep_flags(tx, number, assessment)
    weight = priority(assessment, None, context.rules.reach_weight)
    task = open_task(tx, context, number, Queue.CORRECTIONS, weight)
    told = {
        "item": number,
        "task": task,
        "kind": NAMED,
        "reference": one.id,
        "source": _SOURCE,
        "statement": one.statement,
        "threat_to_life": False,
        "received_at": one.suggested_at,
    }
    notice: int = tx.execute(insert(notices).returning(notices.c.id), told).scalar_one()
    body = {"notice": notice, "kind": NAMED, "source": _SOURCE, "task": task}
    return Entry(at, OPERATOR, Action.NOTICED, number, body)
