"""A link by which somebody chooses a password: it works once, for a day."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tocsin.service.review.accounts.account import Change, keep, note
from tocsin.service.review.accounts.attempts import forgive, marks_of
from tocsin.service.review.accounts.own import least_of
from tocsin.service.review.accounts.password import check_password, hash_password
from tocsin.service.review.accounts.sessions import end_sessions_of, new_token
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, ForbiddenError, UnknownError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.records.reviewers import Reviewer, find_reviewer
from tocsin.service.review.store.console_tables import invitations

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk

__all__ = ["LASTS", "accept", "invitation_id", "invite", "invited_by", "path_of", "take_up"]

LASTS: Final = timedelta(hours=24)
_OVER: Final = "this link was used, has run out, or never was: ask for a new one"


def path_of(token: str) -> str:
    """Return where in the console an invitation is taken up."""
    return f"/review/welcome/{token}"


def invite(tx: Connection, context: Context, number: int, *, by: Actor) -> str:
    """Return the token of a new invitation; a reviewer's earlier ones open nothing more.

    Nothing else changes until it is taken up: then the password is new, and every session ends. Raises
    UnknownError, ConflictError where the reviewer is not active, or invites themselves.
    """
    if by == Actor.reviewer(number):
        raise ConflictError("one's own password is changed under Security")
    if not find_reviewer(tx, number).active:
        raise ConflictError("whoever is invited must be active")
    at, token = context.clock(), new_token()
    tx.execute(delete(invitations).where(invitations.c.reviewer == number))
    row = {"id": invitation_id(token), "reviewer": number, "made_at": at, "ends_at": at + LASTS}
    tx.execute(insert(invitations), row)
    append(tx, context.key, Entry(at, by, Action.ACCOUNT_INVITED, None, {"reviewer": number}))
    return token


def invited_by(tx: Connection, context: Context, token: str) -> Reviewer:
    """Return who may choose a password by this token; raise UnknownError, the same for every reason."""
    return _invited(tx, context, invitation_id(token))


def accept(desk: Desk, token: str, password: str) -> Reviewer:
    """Return whose password this is from now on; every session of theirs ends, codes stay asked for.

    It is the one way in: an identity provider opens the account no more. Raises UnknownError where the link
    opens nothing, ForbiddenError where there are no passwords, InputError where this one may not be chosen,
    StoreAwayError where too many are being worked out.
    """
    if desk.context.settings.oidc_only:
        raise ForbiddenError("people sign in here through the identity provider alone")
    reviewer = desk.read(invited_by, token)
    check_password(password, reviewer.name, least_of(desk.context))
    return desk.write(_take_up, token, hash_password(password))


def take_up(tx: Connection, context: Context, invitation: str) -> Reviewer:
    """Return whom the invitation of this id is for, and let it open nothing more; raise as `invited_by`."""
    reviewer = _invited(tx, context, invitation)
    used = update(invitations).where(*_open(context, invitation)).values(used_at=context.clock())
    if tx.execute(used).rowcount != 1:  # somebody was quicker
        raise UnknownError(_OVER)
    return reviewer


def invitation_id(token: str) -> str:
    """Return what is kept of a token."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def _invited(tx: Connection, context: Context, invitation: str) -> Reviewer:
    query = select(invitations.c.reviewer).where(*_open(context, invitation))
    number = tx.execute(query).scalar()
    found = None if number is None else find_reviewer(tx, number)
    if found is None or not found.active:
        raise UnknownError(_OVER)
    return found


def _take_up(tx: Connection, context: Context, token: str, kept: str) -> Reviewer:
    reviewer = take_up(tx, context, invitation_id(token))
    number = reviewer.number
    keep(tx, context, number, password=kept, subject=None)
    forgive(tx, context, marks_of(context.key, reviewer.name, ""))
    end_sessions_of(tx, context, number)
    note(tx, context, number, Change.PASSWORD, Actor.reviewer(number))
    return reviewer


def _open(context: Context, invitation: str) -> tuple[ColumnElement[bool], ...]:
    kept = invitations.c
    return kept.id == invitation, kept.used_at.is_(None), kept.ends_at > context.clock()
