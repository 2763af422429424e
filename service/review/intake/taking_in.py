"""Taking texts in: each once, however often it is handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.service.review.context import Context
from tocsin.service.review.digest import digest, new_salt
from tocsin.service.review.errors import ConflictError, ReviewError
from tocsin.service.review.intake.keeping import keep_bands, keep_chance, keep_flags, kept
from tocsin.service.review.intake.noticing import add_notice
from tocsin.service.review.intake.placing import Placement, place
from tocsin.service.review.intake.receipt import Receipt, State
from tocsin.service.review.intake.submission import Judged, Submission
from tocsin.service.review.log import Entry, append
from tocsin.service.review.queue import Queue
from tocsin.service.review.store.correction_tables import corrections
from tocsin.service.review.store.phrases import standing
from tocsin.service.review.store.sample_tables import sampled
from tocsin.service.review.store.tables import decisions, items, tasks
from tocsin.service.review.tasks.opening import open_task

__all__ = ["receipt_of", "take_in"]

_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
# For them nothing waits: what was decided holds.
_LEARNING: Final = "learning"  # what is drawn for it says nothing of the audit's draw
_OUR_OWN: Final = [Queue.SECOND.value, Queue.ADJUDICATION.value]


def take_in(
    tx: Connection, context: Context, judged: Sequence[Judged], by: str
) -> list[Receipt | ReviewError]:
    """Return one receipt a submission, in order, or the error in its place; `by` names whose key it came by.

    Handing in a text again changes nothing. The same id with another text is an error: what people decided of
    is not to be exchanged under them.
    """
    # In one order everywhere, or two requests with the same ids would wait for each other.
    order = sorted(range(len(judged)), key=lambda place: judged[place].submission.id)
    receipts: dict[int, Receipt | ReviewError] = {}
    entries: list[Entry] = []
    for number in order:
        try:
            receipts[number], logged = _take(tx, context, judged[number], by)
        except ReviewError as error:
            receipts[number], logged = error, []
        entries += logged
    # Last: who holds the log's head must wait for nobody, or a batch and a decision wait for each other.
    for entry in entries:
        append(tx, context.key, entry)
    return [receipts[number] for number in range(len(judged))]


def receipt_of(tx: Connection, number: int, platform_id: str, *, new: bool) -> Receipt:
    """Return where an item stands."""
    query = select(tasks.c.queue, tasks.c.priority, tasks.c.deadline)
    waiting = tx.execute(
        query.where(tasks.c.item == number, tasks.c.state == "open", tasks.c.queue.not_in(_OUR_OWN))
        .order_by(tasks.c.serve_by)
        .limit(1)
    ).first()
    if waiting is not None:
        queue = Queue(waiting.queue)
        return Receipt(platform_id, new, State.WAITING, queue, waiting.priority, waiting.deadline)
    decided = tx.execute(select(decisions.c.id).where(*standing(number)).limit(1)).first()
    return Receipt(platform_id, new, State.PASSED if decided is None else State.DECIDED)


def _take(
    tx: Connection, context: Context, judged: Judged, by: str
) -> tuple[Receipt | ReviewError, list[Entry]]:
    """Return where the item stands, and what is to be logged."""
    submission, at = judged.submission, context.clock()
    drawn, learn = context.key.draw(submission.id), context.key.draw(submission.id, _LEARNING)
    placement = place(submission, judged.assessment, drawn, context.rules, learn)
    known, new = _entered(tx, judged, placement, at)
    if not new:
        _check_same(tx, known, submission)
    entries: list[Entry] = []
    if submission.notice is not None:
        entries = add_notice(tx, context, known, judged, placement, by, new)
    elif new and placement.queue is not None:
        open_task(
            tx,
            context,
            known.id,
            placement.queue,
            placement.priority,
            inclusion=placement.audited,
            shown=placement.shown,
        )
    return receipt_of(tx, known.id, submission.id, new=new), entries


def _entered(tx: Connection, judged: Judged, placement: Placement, at: datetime) -> tuple[Row[Any], bool]:
    """Return the item, which nobody else changes until this is done, and whether it is new."""
    while True:
        new = _insert(tx, judged, placement, at) is not None
        if (known := _locked(tx, judged.submission)) is not None:
            return known, new
        # It was erased between the two statements: its id is free again.


def _insert(tx: Connection, judged: Judged, placement: Placement, at: datetime) -> int | None:
    """Return the number of a new item, None where its id is known."""
    submission, assessment = judged.submission, judged.assessment
    salt = new_salt()
    level = assessment.level
    row: dict[str, Any] = {
        "platform_id": submission.id,
        "received_at": at,
        "salt": salt,
        "digest": digest(salt, submission.id, submission.text),
        "assessment": assessment.to_dict(),
        "language": assessment.language,
        "level": None if level is None else level.value,
        "priority": assessment.priority,
        "inclusion": placement.inclusion,
        "expected": None if submission.expected is None else {"policy": submission.expected.policy},
    }
    if placement.queue is not None or placement.drawn:
        row |= kept(submission)
    statement = _INSERTS[tx.dialect.name](items).on_conflict_do_nothing(index_elements=["platform_id"])
    number: int | None = tx.execute(statement.returning(items.c.id), row).scalar()
    if number is None:
        return None
    if placement.queue is not None:
        keep_bands(tx, number, submission.text)
    keep_flags(tx, number, assessment)
    keep_chance(tx, number, placement)
    return number


def _locked(tx: Connection, submission: Submission) -> Row[Any] | None:
    query = select(items).where(items.c.platform_id == submission.id)
    return tx.execute(query.with_for_update(key_share=True)).first()


def _check_same(tx: Connection, known: Row[Any], submission: Submission) -> None:
    for table, what in ((sampled, "a post of an audit's sample"), (corrections, "a correction")):
        if tx.execute(select(table.c.item).where(table.c.item == known.id)).first() is not None:
            raise ConflictError(f"an id must be the platform's own, this one names {what}")
    if digest(known.salt, submission.id, submission.text) != known.digest:
        raise ConflictError("an id must stand for one text, this one is known with another")
    if submission.expected is None:
        return
    if known.expected is None:
        raise ConflictError("a golden item must be new, this id is known")
    if known.expected != {"policy": submission.expected.policy}:
        raise ConflictError("a golden item must keep its answer, this one is known with another")
