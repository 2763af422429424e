"""What stands for a text where the text must not: a digest that says nothing once its salt is gone."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

__all__ = ["digest", "new_salt"]

_SALT_BYTES: Final = 32


def new_salt() -> bytes:
    """Return a salt for one item: without it, nobody can try texts against the digest."""
    return secrets.token_bytes(_SALT_BYTES)


def digest(salt: bytes, *parts: str) -> bytes:
    """Return the SHA-256 of `salt` and `parts`, each with its length before it."""
    hashed = hashlib.sha256(salt)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        hashed.update(len(encoded).to_bytes(8, "big"))
        hashed.update(encoded)
    return hashed.digest()
