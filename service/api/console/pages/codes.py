"""Codes that were begun, as an app takes them on: a picture, a link and a secret to copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from tocsin.service.review.accounts.totp import drawn, grouped, link

if TYPE_CHECKING:
    from tocsin.service.review.accounts.account import Account
    from tocsin.service.review.context import Context

__all__ = ["shown_codes"]


def shown_codes(context: Context, account: Account, name: str) -> dict[str, Any]:
    """Return what the template `codes.html` shows of an account's codes."""
    secret = account.secret(context)
    address = link(secret, name)
    picture = Markup(drawn(address))  # noqa: S704 - drawn by us, of squares
    return {"picture": picture, "address": address, "secret": grouped(secret)}
