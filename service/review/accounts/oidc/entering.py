"""Coming in once the identity provider has said who it is: to one's account, or to one that is taken up."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from tocsin.service.review.accounts.account import Change, account_of, keep, note
from tocsin.service.review.accounts.invitation import invitation_id, invited_by, take_up
from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.accounts.oidc.handshakes import Begun, Handshake, begin_handshake
from tocsin.service.review.accounts.sessions import (
    Session,
    SessionKind,
    begin_session,
    end_session,
    end_sessions_of,
)
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.records.reviewers import Reviewer, find_reviewer
from tocsin.service.review.store.console_tables import accounts

__all__ = ["Entered", "begin", "enter"]


@dataclass(frozen=True, slots=True)
class Entered:
    """Hold the token of a new session, and whether an account was linked for it."""

    token: str = field(repr=False)
    linked: bool


def begin(tx: Connection, context: Context, onward: str, invitation: str | None) -> Begun:
    """Return a new handshake, which takes up the invitation of a token where there is one.

    Raises UnknownError where that opens nothing, ConflictError where its account asks for codes.
    """
    if invitation is None:
        return begin_handshake(tx, context, onward)
    _refuse_codes(tx, invited_by(tx, context, invitation))
    return begin_handshake(tx, context, onward, invitation_id(invitation))


def enter(
    tx: Connection, context: Context, subject: str, handshake: Handshake, before: Session | None
) -> Entered:
    """Return a session of whoever `subject` is, in the place of the browser's session `before`.

    Raises ProviderError where no active account is theirs (UNKNOWN), or where they are to take up one and
    have another (TAKEN); UnknownError and ConflictError as `begin`, for much may have changed meanwhile.
    """
    invitation = handshake.invitation
    number = _known(tx, subject) if invitation is None else _link(tx, context, subject, invitation)
    if before is not None:
        end_session(tx, context, before.id)
    token = begin_session(tx, context, number, SessionKind.OIDC)
    by = Actor.reviewer(number)
    if invitation is not None:
        note(tx, context, number, Change.LINKED, by)
    told = {"how": SessionKind.OIDC.value, "code": False}
    append(tx, context.key, Entry(context.clock(), by, Action.SESSION_BEGUN, None, told))
    return Entered(token, invitation is not None)


def _known(tx: Connection, subject: str) -> int:
    number = tx.execute(select(accounts.c.reviewer).where(accounts.c.subject == subject)).scalar()
    if number is None or not find_reviewer(tx, number).active:
        raise ProviderError(Fault.UNKNOWN, "whoever signs in must have an active account here")
    return int(number)


def _link(tx: Connection, context: Context, subject: str, invitation: str) -> int:
    """Let `subject` be the one way into an account: its password, and who it was before, open it no more."""
    reviewer = take_up(tx, context, invitation)
    _refuse_codes(tx, reviewer)
    try:
        with tx.begin_nested():
            keep(tx, context, reviewer.number, subject=subject, password=None)
    except IntegrityError:
        raise ProviderError(Fault.TAKEN, "whoever takes up an account must have no other") from None
    end_sessions_of(tx, context, reviewer.number)
    return reviewer.number


def _refuse_codes(tx: Connection, reviewer: Reviewer) -> None:
    """Refuse an account that asks for codes: whoever has its link must not get around them."""
    if account_of(tx, reviewer.number, lock=True).asks_code:
        raise ConflictError("this account asks for codes: an admin must reset it with its codes first")
