"""Passwords: the rules, and hashes that are dear to guess at."""

from __future__ import annotations

import base64
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from tocsin.errors import InputError
from tocsin.service.review.errors import StoreAwayError

__all__ = ["LEAST", "LEAST_ALONE", "LONGEST", "check_password", "hash_password", "is_outdated", "is_password"]

LEAST: Final = 12
"""Fewest characters where a code is asked for besides."""
LEAST_ALONE: Final = 15
"""Fewest characters where the password opens the console by itself (NIST SP 800-63B-4, 3.1.1.2)."""
LONGEST: Final = 1_024
_FEWEST_DIFFERENT: Final = 5
_OURS: Final = "tocsin"

# The second recommended choice of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes. So that sign-ins leave a
# process memory and processors for all else, two are worked out at a time and few wait.
_PARAMETERS: Final = RFC_9106_LOW_MEMORY
_AT_ONCE: Final = 2
_MOST_WAITING: Final = 2  # each waits in a thread of the desk's, which has others to serve
_PATIENCE_S: Final = 10.0
_PLACES: Final = BoundedSemaphore(_AT_ONCE + _MOST_WAITING)
_WORKING: Final = BoundedSemaphore(_AT_ONCE)


def check_password(password: str, name: str, least: int) -> None:
    """Raise InputError unless `name` may choose this password; the message does not show it.

    Lengths are in code points. There are no rules of composition, and no list of passwords that leaked.
    """
    if not least <= len(password) <= LONGEST or len(_plain(password)) < least:
        raise InputError(f"a password must have {least} to {LONGEST:,} characters")
    if len(set(_plain(password).casefold())) < _FEWEST_DIFFERENT:
        raise InputError(f"a password must have at least {_FEWEST_DIFFERENT} different characters")
    letters = left = _letters(password)
    for word in (_letters(name), _OURS):
        left = left.replace(word, "") if word else left
    if left != letters and len(_plain(password)) - (len(letters) - len(left)) < least // 2:
        raise InputError("a password must not be made of your own name or of this program's")


def hash_password(password: str) -> str:
    """Return the Argon2id hash to keep; raise StoreAwayError where too many are being worked out."""
    with _place():
        return _hasher().hash(_bytes(password))


def is_password(kept: str | None, password: str) -> bool:
    """Say whether this is the password that was kept.

    Where there is none it takes as long to say no, so that time does not tell. Raises StoreAwayError where
    too many are being worked out.
    """
    tried = _bytes(password) if len(password) <= LONGEST else b""  # which is nobody's
    with _place():
        try:
            return _hasher().verify(kept or _decoy(_PARAMETERS), tried)
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(kept)


def _hasher() -> PasswordHasher:
    return PasswordHasher.from_parameters(_PARAMETERS)


@contextmanager
def _place() -> Iterator[None]:
    """Wait for one's turn to use so much memory, but not in a long line."""
    if not _PLACES.acquire(blocking=False):
        raise StoreAwayError("too many passwords are being checked already: come back")
    try:
        if not _WORKING.acquire(timeout=_PATIENCE_S):
            raise StoreAwayError("too many passwords are being checked already: come back")
        try:
            yield
        finally:
            _WORKING.release()
    finally:
        _PLACES.release()


def _decoy(parameters: Parameters) -> str:
    """Return a hash of nothing in particular, which takes as long to compare with as any."""
    salt, kept = (
        base64.b64encode(secrets.token_bytes(length)).decode("ascii").rstrip("=")
        for length in (parameters.salt_len, parameters.hash_len)
    )
    costs = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    return f"$argon2id$v={parameters.version}${costs}${salt}${kept}"


def _plain(password: str) -> str:
    """Return one spelling of what keyboards write in several ways (NIST SP 800-63B, 5.1.1.2: NFKC)."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _plain(password).encode("utf-8", "surrogatepass")  # a terminal may send anything


def _letters(written: str) -> str:
    return "".join(one for one in _plain(written).casefold() if one.isalnum())
