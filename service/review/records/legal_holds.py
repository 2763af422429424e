"""Legal holds: what must be kept, whatever is asked."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from tocsin.errors import InputError
from tocsin.service.review.context import Context
from tocsin.service.review.errors import UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.records.erasing import erase_now, is_kept
from tocsin.service.review.records.reviewers import Reviewer
from tocsin.service.review.store.phrases import item_number
from tocsin.service.review.store.tables import holds, items

__all__ = ["hold", "release_hold"]

_LONGEST = 500


def hold(tx: Connection, context: Context, lead: Reviewer, item: str, reason: str) -> int:
    """Return the number of a hold on an item, once for a reason; raise UnknownError, InputError."""
    if not reason.strip() or len(reason) > _LONGEST:
        raise InputError(f"a hold's reason must have 1 to {_LONGEST} characters, had {len(reason):,}")
    number = item_number(tx, item, lock=True, sampled=True)
    same = (holds.c.item == number, holds.c.reason == reason, holds.c.released_at.is_(None))
    known: int | None = tx.execute(select(holds.c.id).where(*same)).scalar()
    if known is not None:
        return known
    at = context.clock()
    row = {"item": number, "reason": reason, "placed_by": lead.number, "placed_at": at}
    placed: int = tx.execute(insert(holds).returning(holds.c.id), row).scalar_one()
    append(tx, context.key, Entry(at, Actor.reviewer(lead.number), Action.HELD, number, {"hold": placed}))
    return placed


def release_hold(tx: Connection, context: Context, lead: Reviewer, number: int) -> None:
    """Release a hold, and with the last one erase what was asked to be; raise UnknownError."""
    found = tx.execute(select(holds).where(holds.c.id == number)).first()
    if found is None:
        raise UnknownError(f"there is no hold {number}")
    item = tx.execute(
        select(items.c.id, items.c.erase_asked_at).where(items.c.id == found.item).with_for_update()
    ).one()
    at, actor = context.clock(), Actor.reviewer(lead.number)
    let_go = update(holds).where(holds.c.id == number, holds.c.released_at.is_(None))
    if not tx.execute(let_go.values(released_by=lead.number, released_at=at)).rowcount:
        return
    erases = item.erase_asked_at is not None and not is_kept(tx, context, item.id)
    if erases:
        erase_now(tx, context, item.id)
    append(tx, context.key, Entry(at, actor, Action.RELEASED, item.id, {"hold": number}))
    if erases:
        append(tx, context.key, Entry(at, actor, Action.ERASED, item.id))
