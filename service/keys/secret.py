"""The secrets that clients send: made, told apart, and kept only as digests."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Final

__all__ = ["digest_of", "id_of", "is_secret_of", "make_secret"]

_SHAPE: Final = re.compile(r"tocsin_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")
_ID_BYTES: Final = 4
_SECRET_BYTES: Final = 32


def make_secret() -> tuple[str, str]:
    """Return the id of a new key and its secret, ``tocsin_<id>_<32 random bytes in base64url>``.

    The prefix lets scanners of leaked secrets know it; the id names the key in logs and metrics.
    """
    key_id = secrets.token_hex(_ID_BYTES)
    return key_id, f"tocsin_{key_id}_{secrets.token_urlsafe(_SECRET_BYTES)}"


def id_of(secret: str) -> str | None:
    """Return the id within a secret, None where it does not have the shape of one."""
    shaped = _SHAPE.fullmatch(secret)
    return shaped[1] if shaped else None


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a whole secret in hex, which is all that is kept of it.

    A slow or salted hash would add nothing: it is for passwords, which can be guessed. Nobody
    guesses 256 random bits, whatever a guess costs, and the digest is computed for each request.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret_of(secret: str, digest: str) -> bool:
    """Say whether `digest` is that of `secret`, in a time that does not depend on where they differ."""
    return hmac.compare_digest(digest_of(secret), digest)
