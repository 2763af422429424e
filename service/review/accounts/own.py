"""What reviewers change about their own accounts: the password, and whether a code is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from tocsin.service.review.accounts.account import Change, account_of, keep, note, start_codes
from tocsin.service.review.accounts.attempts import forgive, marks_of, wait_of
from tocsin.service.review.accounts.password import LEAST, LEAST_ALONE, check_password, hash_password
from tocsin.service.review.accounts.proving import Proof, Refused, fail, prove, settle
from tocsin.service.review.accounts.sessions import (
    Session,
    begin_session,
    end_session,
    end_sessions_of,
    sessions_of,
)
from tocsin.service.review.accounts.totp import step_of
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.records.reviewers import find_reviewer

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk

__all__ = ["ask_codes", "change_password", "confirm_codes", "end_others", "least_of", "stop_codes"]


def least_of(context: Context) -> int:
    """Return how many characters a new password must have: more where it may stand alone."""
    return LEAST if context.settings.require_totp else LEAST_ALONE


def change_password(desk: Desk, session: Session, old: str, new: str) -> str | Refused:
    """Return the token of a session that takes the place of all others; the password is `new` now.

    Raises InputError where `new` may not be chosen, before anything is tried; StoreAwayError as `prove` does.
    """
    check_password(new, session.reviewer.name, least_of(desk.context))
    proof = _prove(desk, session, old)
    if isinstance(proof, Refused):
        return proof
    return desk.write(_keep_password, proof, session, hash_password(new))


def ask_codes(desk: Desk, session: Session, password: str) -> Refused | None:
    """Begin codes for whoever shows their password; they are in use once `confirm_codes` took a first one.

    Raises ConflictError where they are in use already.
    """
    proof = _prove(desk, session, password)
    return proof if isinstance(proof, Refused) else desk.write(_start, proof)


def confirm_codes(tx: Connection, context: Context, session: Session, code: str) -> Refused | None:
    """Have codes asked for from now on, where this is the first one; every other session ends.

    Raises ConflictError where none were begun, or too long ago.
    """
    number, marks = session.reviewer.number, marks_of(context.key, session.reviewer.name, "")
    if wait := wait_of(tx, context, marks, lock=True):
        return Refused(wait)
    account = account_of(tx, number, lock=True)
    if not account.is_starting(context):
        raise ConflictError("the code was begun too long ago: begin again")
    step = step_of(account.secret(context), code, context.clock(), account.totp_step)
    if step is None:
        return fail(tx, context, marks, session.reviewer)
    keep(tx, context, number, totp_since=context.clock(), totp_step=step)
    forgive(tx, context, marks)
    end_sessions_of(tx, context, number, but=session.id)
    note(tx, context, number, Change.CODES_ON, Actor.reviewer(number))
    return None


def stop_codes(desk: Desk, session: Session, password: str, code: str) -> Refused | None:
    """Ask no more codes of whoever shows their password and one last code; every other session ends.

    Where everybody owes codes this session ends too: the next sign-in begins new ones.
    """
    proof = _prove(desk, session, password)
    return proof if isinstance(proof, Refused) else desk.write(_stop, proof, session, code)


def end_others(tx: Connection, context: Context, session: Session, only: str | None = None) -> int:
    """End all other sessions of whoever has this one, or `only` the one of this id; return how many.

    What is somebody else's stays.
    """
    number = session.reviewer.number
    others = {one.id for one in sessions_of(tx, context, number)} - {session.id}
    ended = [one for one in others if only in (None, one)]
    for one in ended:
        end_session(tx, context, one)
    if ended:
        by, told = Actor.reviewer(number), {"sessions": len(ended)}
        append(tx, context.key, Entry(context.clock(), by, Action.SESSION_ENDED, None, told))
    return len(ended)


def _prove(desk: Desk, session: Session, password: str) -> Proof | Refused:
    reviewer = session.reviewer
    return prove(desk, lambda tx: find_reviewer(tx, reviewer.number), reviewer.name, password, "")


def _keep_password(
    tx: Connection, context: Context, proof: Proof, session: Session, kept: str
) -> str | Refused:
    account = settle(tx, context, proof)
    if isinstance(account, Refused):
        return account
    number = account.reviewer
    keep(tx, context, number, password=kept)
    forgive(tx, context, proof.marks)
    end_sessions_of(tx, context, number)
    token = begin_session(tx, context, number, session.how)
    note(tx, context, number, Change.PASSWORD, Actor.reviewer(number))
    return token


def _start(tx: Connection, context: Context, proof: Proof) -> Refused | None:
    account = settle(tx, context, proof)
    if isinstance(account, Refused):
        return account
    if account.asks_code:
        raise ConflictError("codes are asked for already")
    start_codes(tx, context, account.reviewer)
    forgive(tx, context, proof.marks)
    return None


def _stop(tx: Connection, context: Context, proof: Proof, session: Session, code: str) -> Refused | None:
    account = settle(tx, context, proof)
    if isinstance(account, Refused):
        return account
    if not account.asks_code:
        raise ConflictError("no codes are asked for")
    number, at = account.reviewer, context.clock()
    if step_of(account.secret(context), code, at, account.totp_step) is None:
        return fail(tx, context, proof.marks, session.reviewer)
    keep(tx, context, number, totp=None, totp_since=None, totp_step=None)
    forgive(tx, context, proof.marks)
    end_sessions_of(tx, context, number, but=None if context.settings.require_totp else session.id)
    note(tx, context, number, Change.CODES_OFF, Actor.reviewer(number))
    return None
