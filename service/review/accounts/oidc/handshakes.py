"""Sign-ins that are at the identity provider: begun here, ended once, by the browser that began them."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.context import Context
from tocsin.service.review.store.console_tables import handshakes

__all__ = ["LASTS", "Begun", "Handshake", "Returned", "begin_handshake", "take_handshake"]

LASTS: Final = timedelta(minutes=10)
_BYTES: Final = 32
_MOST: Final = 10_000  # anybody may begin one: so much is kept of them, the latest


@dataclass(frozen=True, slots=True)
class Begun:
    """Hold what goes out: to the provider `state`, `nonce` and `challenge`, to the browser `binding`."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    challenge: str = field(repr=False)
    binding: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Handshake:
    """Hold what came back must fit: `invitation` is the id of one where it is to link an account."""

    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    onward: str
    invitation: str | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """Hold what a browser brings back from the provider, whatever its worth."""

    code: str = field(default="", repr=False)
    issuer: str | None = None
    error: str | None = None


def begin_handshake(tx: Connection, context: Context, onward: str, invitation: str | None = None) -> Begun:
    """Return a new handshake, after which the browser is sent to `onward`; those that have ended go."""
    now = context.clock()
    tx.execute(delete(handshakes).where(handshakes.c.ends_at <= now))
    oldest = select(handshakes.c.ends_at).order_by(handshakes.c.ends_at.desc()).offset(_MOST - 1).limit(1)
    tx.execute(delete(handshakes).where(handshakes.c.ends_at <= oldest.scalar_subquery()))
    state, nonce, verifier, binding = (secrets.token_urlsafe(_BYTES) for _ in range(4))
    row = {
        "id": _digest("state", state),
        "binding": _digest("binding", binding),
        "nonce": nonce,
        "verifier": verifier,
        "onward": onward,
        "invitation": invitation,
        "ends_at": now + LASTS,
    }
    tx.execute(insert(handshakes), row)
    return Begun(state, nonce, _challenge(verifier), binding)


def take_handshake(tx: Connection, context: Context, state: str, binding: str) -> Handshake:
    """Return the handshake that `state` ends in the browser of `binding`, and never again.

    Raises ProviderError (LAPSED) where there is none; one that another browser began stays.
    """
    mine = (
        handshakes.c.id == _digest("state", state),
        handshakes.c.binding == _digest("binding", binding),
        handshakes.c.ends_at > context.clock(),
    )
    columns = (handshakes.c.nonce, handshakes.c.verifier, handshakes.c.onward, handshakes.c.invitation)
    row = tx.execute(delete(handshakes).where(*mine).returning(*columns)).first()
    if row is None:
        raise ProviderError(Fault.LAPSED, "a sign-in must end once, in time, in the browser that began it")
    return Handshake(row.nonce, row.verifier, row.onward, row.invitation)


def _digest(purpose: str, token: str) -> str:
    return sha256(f"tocsin oidc {purpose} 1:{token}".encode("utf-8", "replace")).hexdigest()


def _challenge(verifier: str) -> str:
    """Return what the provider is told of a verifier before it sees it (RFC 7636, S256)."""
    return urlsafe_b64encode(sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")
