"""Those who review: a name, a role, and the key that their requests bear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, false, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from tocsin.errors import InputError
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import accounts, invitations, sessions
from tocsin.service.review.store.phrases import freed
from tocsin.service.review.store.tables import reviewers, tasks

__all__ = [
    "Reviewer",
    "add_reviewer",
    "change_reviewer",
    "ensure_reviewer",
    "find_reviewer",
    "list_reviewers",
    "reviewer_of_key",
]

_LONGEST_NAME = 256


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Hold one reviewer; `key` is the id of a key, None where there is none yet."""

    number: int
    name: str
    role: Role
    key: str | None
    active: bool
    created_at: datetime

    @classmethod
    def of(cls, row: Row[Any]) -> Reviewer:
        """Return the reviewer that a row holds."""
        return cls(row.id, row.name, Role(row.role), row.key, row.active, row.created_at)


def add_reviewer(
    tx: Connection, context: Context, name: str, role: Role, *, key: str | None, by: Actor
) -> Reviewer:
    """Return a new reviewer; raise ConflictError where name or key are taken, InputError for a bad name."""
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise InputError(f"a reviewer's name must have 1 to {_LONGEST_NAME} printable characters")
    at = context.clock()
    row = {"name": name.strip(), "role": int(role), "key": key, "active": True, "created_at": at}
    try:
        with tx.begin_nested():
            number = tx.execute(insert(reviewers).returning(reviewers.c.id), row).scalar_one()
    except IntegrityError:
        raise ConflictError("a reviewer's name and key must be no other's") from None
    append(
        tx, context.key, Entry(at, by, Action.REVIEWER_MADE, None, {"reviewer": number, "role": role.word})
    )
    return find_reviewer(tx, number)


def ensure_reviewer(tx: Connection, context: Context, key: str) -> Reviewer:
    """Return the reviewer whose key this is; make one who may do everything where there is none."""
    row = tx.execute(select(reviewers).where(reviewers.c.key == key)).first()
    known = None if row is None else Reviewer.of(row)
    return known or add_reviewer(tx, context, key, Role.ADMIN, key=key, by=Actor("system"))


def change_reviewer(
    tx: Connection,
    context: Context,
    number: int,
    *,
    role: Role | None = None,
    active: bool | None = None,
    key: str | None = None,
    by: Actor,
) -> Reviewer:
    """Return the reviewer with another role or key, or (de)activated; what they may not hold is free.

    With another role, or inactive, they are signed out. Raises UnknownError; ConflictError where a reviewer
    would leave no admin who can sign in.
    """
    before = find_reviewer(tx, number)
    loses = active is False or (role is not None and role < Role.ADMIN)
    if loses and before.role is Role.ADMIN and before.active and by.kind == "reviewer":
        _check_others_administer(tx, context, number)
    values: dict[str, Any] = {}
    values |= {} if role is None else {"role": int(role)}
    values |= {} if active is None else {"active": active}
    values |= {} if key is None else {"key": key}
    if values:
        tx.execute(update(reviewers).where(reviewers.c.id == number).values(values))
        _let_go(tx, context, find_reviewer(tx, number))
        if role is not None or active is not None:
            _sign_out(tx, find_reviewer(tx, number))
        told = {"reviewer": number, **values}
        append(tx, context.key, Entry(context.clock(), by, Action.REVIEWER_CHANGED, None, told))
    return find_reviewer(tx, number)


def _let_go(tx: Connection, context: Context, reviewer: Reviewer) -> None:
    """Free the tasks that a reviewer holds and may hold no longer."""
    most = int(reviewer.role) if reviewer.active else 0
    held = (tasks.c.claimed_by == reviewer.number, tasks.c.state == "open", tasks.c.least_role > most)
    tx.execute(update(tasks).where(*held).values(freed(context.clock())))


def _check_others_administer(tx: Connection, context: Context, number: int) -> None:
    """Raise ConflictError unless another admin can sign in; of two who go at once, one comes second."""
    query = select(reviewers.c.id).where(reviewers.c.role >= int(Role.ADMIN), reviewers.c.active)
    admins = tx.execute(query.order_by(reviewers.c.id).with_for_update(key_share=True)).scalars().all()
    settings = context.settings
    ways: list[ColumnElement[bool]] = [false()]
    ways += [] if settings.oidc_only else [accounts.c.password.is_not(None)]
    ways += [] if settings.oidc_issuer is None else [accounts.c.subject.is_not(None)]
    others = accounts.c.reviewer.in_([one for one in admins if one != number])
    query = select(accounts.c.reviewer).where(others, or_(*ways)).limit(1)
    if tx.execute(query).first() is None:
        raise ConflictError("one active admin who can sign in must stay: make another one first")


def _sign_out(tx: Connection, reviewer: Reviewer) -> None:
    """End a reviewer's sessions; of somebody inactive, also take back the links to choose a password by."""
    tx.execute(delete(sessions).where(sessions.c.reviewer == reviewer.number))
    if not reviewer.active:
        tx.execute(delete(invitations).where(invitations.c.reviewer == reviewer.number))


def find_reviewer(tx: Connection, number: int) -> Reviewer:
    """Return a reviewer; raise UnknownError."""
    row = tx.execute(select(reviewers).where(reviewers.c.id == number)).first()
    if row is None:
        raise UnknownError(f"there is no reviewer {number}")
    return Reviewer.of(row)


def reviewer_of_key(tx: Connection, context: Context, key: str) -> Reviewer | None:
    """Return the active reviewer whose key this is, None where there is none."""
    del context
    row = tx.execute(select(reviewers).where(reviewers.c.key == key, reviewers.c.active)).first()
    return None if row is None else Reviewer.of(row)


def list_reviewers(tx: Connection, context: Context) -> list[Reviewer]:
    """Return every reviewer, the inactive included."""
    del context
    return [Reviewer.of(row) for row in tx.execute(select(reviewers).order_by(reviewers.c.id))]
