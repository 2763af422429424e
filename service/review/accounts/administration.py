"""What admins, and whoever is at the command line, do with accounts that are not their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from tocsin.service.review.accounts.account import Account, Change, account_of, keep, note
from tocsin.service.review.accounts.attempts import forgive, marks_of
from tocsin.service.review.accounts.invitation import invite
from tocsin.service.review.accounts.own import least_of
from tocsin.service.review.accounts.password import check_password, hash_password
from tocsin.service.review.accounts.sessions import end_sessions_of
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError, ForbiddenError
from tocsin.service.review.log import Actor
from tocsin.service.review.records.reviewers import Reviewer, add_reviewer, find_reviewer, list_reviewers
from tocsin.service.review.role import Role

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk

__all__ = ["Invited", "Listed", "add_by_invitation", "add_with_password", "list_accounts", "reset"]


@dataclass(frozen=True, slots=True)
class Invited:
    """Hold somebody and the token by which they choose a password."""

    reviewer: Reviewer
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """Hold a reviewer and how they sign in."""

    reviewer: Reviewer
    account: Account


def list_accounts(tx: Connection, context: Context) -> list[Listed]:
    """Return every reviewer, the inactive included."""
    return [Listed(one, account_of(tx, one.number)) for one in list_reviewers(tx, context)]


def add_by_invitation(tx: Connection, context: Context, name: str, role: Role, *, by: Actor) -> Invited:
    """Return a new reviewer, who chooses a password; raise as `add_reviewer` does."""
    made = add_reviewer(tx, context, name, role, key=None, by=by)
    return Invited(made, invite(tx, context, made.number, by=by))


def add_with_password(desk: Desk, name: str, role: Role, password: str, *, by: Actor) -> Reviewer:
    """Return a new reviewer who has this password; raise as `add_reviewer` and `check_password` do.

    Raises ForbiddenError where there are no passwords, StoreAwayError where too many are being worked out.
    """
    if desk.context.settings.oidc_only:
        raise ForbiddenError("people sign in here through the identity provider alone: invite them")
    check_password(password, name, least_of(desk.context))
    return desk.write(_add, name, role, hash_password(password), by)


def _add(tx: Connection, context: Context, name: str, role: Role, kept: str, by: Actor) -> Reviewer:
    made = add_reviewer(tx, context, name, role, key=None, by=by)
    keep(tx, context, made.number, password=kept)
    note(tx, context, made.number, Change.PASSWORD, by)
    return made


def reset(tx: Connection, context: Context, number: int, *, codes: bool, by: Actor) -> Invited:
    """Take a reviewer's password back, and with `codes` their codes, and invite them to choose a new one.

    Whoever an identity provider says they are opens their account no more either.
    Every session of theirs ends now. Raises UnknownError; ConflictError where they are not active, or where
    somebody would do it to themselves, who has a page for that.
    """
    if by == Actor.reviewer(number):
        raise ConflictError("one's own password is changed under Security")
    reviewer = find_reviewer(tx, number)
    gone = {"totp": None, "totp_since": None, "totp_step": None} if codes else {}
    keep(tx, context, number, password=None, subject=None, **gone)
    forgive(tx, context, marks_of(context.key, reviewer.name, ""))
    end_sessions_of(tx, context, number)
    token = invite(tx, context, number, by=by)
    note(tx, context, number, Change.RESET_WITH_CODES if codes else Change.RESET, by)
    return Invited(reviewer, token)
