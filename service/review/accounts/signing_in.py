"""Signing in: a name and a password, then a code where the account asks for one, then a session."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection, update

from tocsin.service.review.accounts.account import (
    Account,
    Change,
    account_of,
    keep,
    note,
    reviewer_named,
    start_codes,
)
from tocsin.service.review.accounts.attempts import forgive, marks_of, wait_of
from tocsin.service.review.accounts.password import hash_password, is_outdated
from tocsin.service.review.accounts.proving import Proof, Refused, fail, prove, settle
from tocsin.service.review.accounts.sessions import (
    Session,
    SessionKind,
    SessionState,
    begin_session,
    end_half_session,
    end_session,
    end_sessions_of,
)
from tocsin.service.review.accounts.totp import step_of
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ForbiddenError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.store.console_tables import accounts

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk

__all__ = ["Next", "SignedIn", "enrol", "may_enrol", "show_code", "sign_in", "sign_out"]


class Next(StrEnum):
    """Say what is left to do."""

    NOTHING = "nothing"
    CODE = "code"
    ENROL = "enrol"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Hold the token of a new session, a half one where something is left to do."""

    token: str = field(repr=False)
    next: Next = Next.NOTHING


def sign_in(
    desk: Desk, name: str, password: str, address: str, *, instead: Session | None = None
) -> SignedIn | Refused:
    """Return a session for whoever shows their name and password, or a refusal that does not say why.

    `instead` is the session that the browser had before, which ends.
    Raises ForbiddenError where people sign in elsewhere, StoreAwayError where too many passwords are being
    checked.
    """
    if desk.context.settings.oidc_only:
        raise ForbiddenError("people sign in here through the identity provider alone")
    proof = prove(desk, lambda tx: reviewer_named(tx, name), name, password, address)
    if isinstance(proof, Refused):
        return proof
    renewed = hash_password(password) if is_outdated(proof.password) else None
    return desk.write(_begin, proof, renewed, instead)


def show_code(
    tx: Connection, context: Context, session: Session, code: str, address: str
) -> SignedIn | Refused:
    """Return a whole session for a half one whose code was shown, or a refusal.

    Wrong codes count as wrong passwords do. A code opens once, and the half session ends with it.
    """
    reviewer = session.reviewer
    marks = marks_of(context.key, reviewer.name, address)
    if wait := wait_of(tx, context, marks.inside, lock=True):
        return Refused(wait)
    account = account_of(tx, reviewer.number, lock=True)
    step = _step(context, account, code) if account.asks_code and not session.whole else None
    if step is None:
        return fail(tx, context, marks.inside, reviewer)
    if not end_half_session(tx, session):  # taken back while this waited
        return Refused()
    _use(tx, account, step)
    forgive(tx, context, marks)
    return SignedIn(_begin_whole(tx, context, account.reviewer, code=True))


def may_enrol(context: Context, session: Session, account: Account) -> bool:
    """Say whether a half session may begin codes: never where there are some, or one could do without."""
    return not session.whole and not account.asks_code and context.settings.require_totp


def enrol(tx: Connection, context: Context, session: Session, code: str, address: str) -> SignedIn | Refused:
    """Return a whole session for a half one that owed its codes and showed a first one, or a refusal."""
    reviewer = session.reviewer
    marks = marks_of(context.key, reviewer.name, address)
    if wait := wait_of(tx, context, marks.inside, lock=True):
        return Refused(wait)
    account = account_of(tx, reviewer.number, lock=True)
    may = may_enrol(context, session, account) and account.is_starting(context)
    step = _step(context, account, code) if may else None
    if step is None:
        return fail(tx, context, marks.inside, reviewer)
    if not end_half_session(tx, session):
        return Refused()
    keep(tx, context, reviewer.number, totp_since=context.clock(), totp_step=step)
    forgive(tx, context, marks)
    end_sessions_of(tx, context, reviewer.number)
    token = begin_session(tx, context, reviewer.number, SessionKind.PASSWORD)
    note(tx, context, reviewer.number, Change.CODES_ON, Actor.reviewer(reviewer.number))
    _tell_begun(tx, context, reviewer.number, code=True)
    return SignedIn(token)


def sign_out(tx: Connection, context: Context, session: Session) -> None:
    """End a session."""
    end_session(tx, context, session.id)
    if session.whole:
        by = Actor.reviewer(session.reviewer.number)
        append(tx, context.key, Entry(context.clock(), by, Action.SESSION_ENDED, None, {"sessions": 1}))


def _begin(
    tx: Connection, context: Context, proof: Proof, renewed: str | None, instead: Session | None
) -> SignedIn | Refused:
    account = settle(tx, context, proof)
    if isinstance(account, Refused):
        return account
    if instead is not None:
        end_session(tx, context, instead.id)
    if renewed is not None:
        tx.execute(update(accounts).where(accounts.c.reviewer == account.reviewer).values(password=renewed))
    if account.asks_code:
        return SignedIn(_begin_half(tx, context, account.reviewer), Next.CODE)
    if context.settings.require_totp:
        start_codes(tx, context, account.reviewer)
        return SignedIn(_begin_half(tx, context, account.reviewer), Next.ENROL)
    forgive(tx, context, proof.marks)
    return SignedIn(_begin_whole(tx, context, account.reviewer, code=False))


def _begin_half(tx: Connection, context: Context, reviewer: int) -> str:
    return begin_session(tx, context, reviewer, SessionKind.PASSWORD, SessionState.HALF)


def _begin_whole(tx: Connection, context: Context, reviewer: int, *, code: bool) -> str:
    token = begin_session(tx, context, reviewer, SessionKind.PASSWORD)
    _tell_begun(tx, context, reviewer, code=code)
    return token


def _tell_begun(tx: Connection, context: Context, reviewer: int, *, code: bool) -> None:
    told = {"how": SessionKind.PASSWORD.value, "code": code}
    by = Actor.reviewer(reviewer)
    append(tx, context.key, Entry(context.clock(), by, Action.SESSION_BEGUN, None, told))


def _step(context: Context, account: Account, code: str) -> int | None:
    return step_of(account.secret(context), code, context.clock(), account.totp_step)


def _use(tx: Connection, account: Account, step: int) -> None:
    mine = update(accounts).where(accounts.c.reviewer == account.reviewer)
    tx.execute(mine.values(totp_step=step))
