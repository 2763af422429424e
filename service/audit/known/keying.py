"""How a normalised text becomes a digest: by SHA-256, or by HMAC under a key that only some know."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tocsin.errors import InputError
from tocsin.service.audit.known.records import HashAlgorithm

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["LEAST_KEY_BYTES", "NORMALISER", "Keying", "read_key"]

# A test holds what it makes of some texts: raise it when that changes, for lists made before match no more.
NORMALISER: Final = "tocsin-1"
LEAST_KEY_BYTES: Final = 32
_MOST_KEY_BYTES: Final = 4096
_CHECKED: Final = b"tocsin hash list, key check"
_MARK_DIGITS: Final = 16


@dataclass(frozen=True, slots=True, repr=False)
class Keying:
    """Make digests, keyed where there is a key."""

    key: bytes | None = None

    @property
    def algorithm(self) -> HashAlgorithm:
        """Return how digests are made."""
        return HashAlgorithm.SHA256 if self.key is None else HashAlgorithm.HMAC_SHA256

    @property
    def mark(self) -> str | None:
        """Return what tells this key from others, and nothing else of it; None without a key."""
        if self.key is None:
            return None
        return hmac.digest(self.key, _CHECKED, "sha256").hex()[:_MARK_DIGITS]

    def digest(self, normalised: str) -> bytes:
        """Return the 32 bytes that stand for a normalised text."""
        content = normalised.encode("utf-8", "surrogatepass")
        if self.key is None:
            return hashlib.sha256(content).digest()
        return hmac.digest(self.key, content, "sha256")


def read_key(path: Path) -> Keying:
    """Return the key in a file, white space around it aside; raise InputError where it is none."""
    try:
        with path.open("rb") as stream:
            key = stream.read(_MOST_KEY_BYTES + 1).strip()
    except OSError as error:
        raise InputError(f"{path}: must be readable: {error.strerror}") from error
    if not LEAST_KEY_BYTES <= len(key) <= _MOST_KEY_BYTES:
        raise InputError(
            f"{path}: a key must have {LEAST_KEY_BYTES} to {_MOST_KEY_BYTES} bytes, has"
            f" {'more' if len(key) > _MOST_KEY_BYTES else len(key)}: make one with"
            " 'openssl rand -hex 32'"
        )
    return Keying(key)
