"""How one reviewer signs in: what is kept of it, read and changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, case, null, select
from sqlalchemy.dialects import postgresql, sqlite

from tocsin.service.review.accounts.attempts import name_key
from tocsin.service.review.accounts.totp import new_seed, secret_of
from tocsin.service.review.context import Context
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.records.reviewers import Reviewer, find_reviewer
from tocsin.service.review.store.console_tables import accounts
from tocsin.service.review.store.tables import reviewers

__all__ = ["Account", "Change", "account_of", "keep", "note", "reviewer_named", "start_codes"]

_INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_WAYS_IN: Final = frozenset({"password", "subject"})
_STARTED: Final = timedelta(minutes=10)


class Change(StrEnum):
    """Name what was changed about an account, as the log tells it."""

    PASSWORD = "password"  # noqa: S105 - a word of ours
    CODES_ON = "codes.on"
    CODES_OFF = "codes.off"
    LINKED = "linked"
    RESET = "reset"
    RESET_WITH_CODES = "reset.with.codes"


@dataclass(frozen=True, slots=True)
class Account:
    """Hold how a reviewer signs in: `password` is its hash, `subject` who an identity provider says they are.

    `totp` is the seed of their codes, in use since `totp_since`, begun but not in use where that is None;
    `totp_step` is the last time step whose code was used.
    """

    reviewer: int
    password: str | None = field(default=None, repr=False)
    totp: str | None = field(default=None, repr=False)
    totp_since: datetime | None = None
    totp_step: int | None = None
    subject: str | None = field(default=None, repr=False)
    changed_at: datetime | None = None

    @property
    def asks_code(self) -> bool:
        """Say whether a password alone does not do."""
        return self.totp is not None and self.totp_since is not None

    def secret(self, context: Context) -> str:
        """Return the secret that codes are made from; raise LookupError where there is none."""
        if self.totp is None:
            raise LookupError("the account has no codes")
        return secret_of(context.key, self.reviewer, self.totp)

    def is_starting(self, context: Context) -> bool:
        """Say whether codes were begun a short while ago, and a first one is still owed."""
        begun = self.totp is not None and self.totp_since is None and self.changed_at is not None
        return begun and context.clock() - (self.changed_at or context.clock()) <= _STARTED


def account_of(tx: Connection, reviewer: int, *, lock: bool = False) -> Account:
    """Return a reviewer's account, empty where nothing is kept; `lock` it until the transaction ends."""
    query = select(accounts).where(accounts.c.reviewer == reviewer)
    row = tx.execute(query.with_for_update() if lock else query).first()
    return Account(reviewer) if row is None else Account(**row._mapping)


def keep(tx: Connection, context: Context, reviewer: int, **values: Any) -> None:
    """Keep these values of a reviewer's account, and that it was changed now.

    Codes that were begun and never used go with another password: somebody else may have begun them.
    """
    values["changed_at"] = context.clock()
    given = _INSERTS[tx.dialect.name](accounts).values(reviewer=reviewer, **values)
    if not values.keys().isdisjoint(_WAYS_IN) and "totp" not in values:
        values["totp"] = case((accounts.c.totp_since.is_(None), null()), else_=accounts.c.totp)
    tx.execute(given.on_conflict_do_update(index_elements=["reviewer"], set_=values))


def start_codes(tx: Connection, context: Context, reviewer: int) -> None:
    """Begin codes with a new seed: they count once a first one was shown."""
    keep(tx, context, reviewer, totp=new_seed(), totp_since=None, totp_step=None)


def note(tx: Connection, context: Context, reviewer: int, change: Change, by: Actor) -> None:
    """Log what was changed about an account; call it last, as `append`."""
    told = {"reviewer": reviewer, "what": change.value}
    append(tx, context.key, Entry(context.clock(), by, Action.ACCOUNT_CHANGED, None, told))


def reviewer_named(tx: Connection, name: str) -> Reviewer | None:
    """Return the active reviewer of this name; None where there is none, or several but for capitals."""
    named = tx.execute(select(reviewers.c.id, reviewers.c.name).where(reviewers.c.active))
    wanted = name_key(name)
    alike = [one for one in named if name_key(one.name) == wanted]
    found = [one for one in alike if one.name == name.strip()] or alike
    return find_reviewer(tx, found[0].id) if len(found) == 1 else None
