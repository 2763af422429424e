"""Accounts to try signing in with: passwords that are quickly hashed, and apps that show codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from unittest.mock import patch

from argon2.profiles import CHEAPEST
from sqlalchemy import Connection

from tocsin.service.review.accounts import password as hashing
from tocsin.service.review.accounts.account import account_of, keep, start_codes
from tocsin.service.review.accounts.totp import code_at
from tocsin.service.review.context import Context
from tocsin.service.review.desk import Desk
from tocsin.service.review.records.reviewers import Reviewer

__all__ = [
    "ADDRESS",
    "OTHER_PASSWORD",
    "PASSWORD",
    "code_of",
    "hashing_quickly",
    "with_codes",
    "with_password",
]

PASSWORD: Final = "leek soup on a rainy day"  # noqa: S105 - opens nothing outside a test
OTHER_PASSWORD: Final = "forty barley loaves, please"  # noqa: S105
ADDRESS: Final = "192.0.2.7"


@contextmanager
def hashing_quickly() -> Iterator[None]:
    """Hash with the least that Argon2 can do, while the block lasts: tests have many passwords to hash."""
    with patch.object(hashing, "_PARAMETERS", CHEAPEST):
        yield


def with_password(desk: Desk, reviewer: Reviewer, password: str = PASSWORD) -> Reviewer:
    """Return the reviewer, who has this password now."""
    kept = hashing.hash_password(password)
    desk.write(lambda tx, context: keep(tx, context, reviewer.number, password=kept))
    return reviewer


def with_codes(desk: Desk, reviewer: Reviewer) -> Reviewer:
    """Return the reviewer, whose account asks for codes now."""

    def begin(tx: Connection, context: Context) -> None:
        start_codes(tx, context, reviewer.number)
        keep(tx, context, reviewer.number, totp_since=context.clock())

    desk.write(begin)
    return reviewer


def code_of(desk: Desk, reviewer: Reviewer) -> str:
    """Return the code that the reviewer's app shows now."""

    def secret(tx: Connection, context: Context) -> str:
        return account_of(tx, reviewer.number).secret(context)

    return code_at(desk.read(secret), desk.context.clock())
