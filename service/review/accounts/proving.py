"""A password, shown and checked: between two transactions, for others must not wait while it is hashed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from tocsin.service.review.accounts.account import Account, account_of
from tocsin.service.review.accounts.attempts import Marks, count_failure, marks_of, wait_of
from tocsin.service.review.accounts.password import is_password
from tocsin.service.review.context import Context
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.records.reviewers import Reviewer, find_reviewer

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk

__all__ = ["Proof", "Refused", "Whom", "fail", "prove", "settle"]

_NOBODY: Final = 0  # numbers begin at one
Whom = Callable[[Connection], Reviewer | None]


@dataclass(frozen=True, slots=True)
class Refused:
    """Say that it was wrong, and nothing of why; `wait`: how long no try counts."""

    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """Hold whose password was shown, and under which marks."""

    reviewer: Reviewer
    password: str = field(repr=False)  # its hash
    marks: Marks = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Seen:
    wait: timedelta | None
    reviewer: Reviewer | None
    password: str | None


def prove(desk: Desk, whom: Whom, name: str, password: str, address: str) -> Proof | Refused:
    """Return the proof that `whom` comes to showed their password, or a refusal, which was counted.

    Nobody, somebody inactive and somebody without a password are refused as a wrong password is, and take as
    long. Raises StoreAwayError where too many passwords are being checked.
    """
    marks = marks_of(desk.context.key, name, address)
    seen = desk.read(_look, whom, marks)
    if seen.wait is not None:
        return Refused(seen.wait)
    if is_password(seen.password, password) and seen.reviewer is not None and seen.password is not None:
        return Proof(seen.reviewer, seen.password, marks)
    return desk.jot(fail, marks, seen.reviewer)


def settle(tx: Connection, context: Context, proof: Proof) -> Account | Refused:
    """Return the account as it is now, locked, where the proof still holds; else a refusal.

    Meanwhile others may have failed so often that nobody may try, or the password was taken back.
    """
    if wait := wait_of(tx, context, proof.marks, lock=True):
        return Refused(wait)
    account = account_of(tx, proof.reviewer.number, lock=True)
    if account.password != proof.password or not find_reviewer(tx, proof.reviewer.number).active:
        return Refused()
    return account


def fail(tx: Connection, context: Context, marks: Marks, reviewer: Reviewer | None) -> Refused:
    """Count a failure; where that makes a reviewer's name wait, it is in the log."""
    if wait := wait_of(tx, context, marks, lock=True):
        return Refused(wait)
    failure = count_failure(tx, context, marks)
    if failure.name_waits and reviewer is not None:
        told = {
            "reviewer": reviewer.number,
            "failures": failure.failures,
            "seconds": round(failure.name_waits.total_seconds()),
        }
        append(tx, context.key, Entry(context.clock(), Actor("system"), Action.ACCOUNT_CLOSED, None, told))
    return Refused(failure.wait)


def _look(tx: Connection, context: Context, whom: Whom, marks: Marks) -> _Seen:
    reviewer = whom(tx)
    active = reviewer is not None and reviewer.active
    account = account_of(tx, reviewer.number if reviewer is not None else _NOBODY)  # asked either way
    return _Seen(wait_of(tx, context, marks), reviewer, account.password if active else None)
