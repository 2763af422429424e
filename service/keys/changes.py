"""What an operator does with keys: make, revoke, renew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tocsin.errors import InputError
from tocsin.service.keys.key import Key
from tocsin.service.keys.secret import digest_of, make_secret

if TYPE_CHECKING:
    from tocsin.service.keys.key_file import KeyFile, Keys
    from tocsin.service.keys.scope import Scope

__all__ = ["add_key", "create_key", "revoke_key", "rotate_key"]


def create_key(
    file: KeyFile,
    name: str,
    scopes: Iterable[Scope],
    *,
    per_minute: int | None = None,
    expires: datetime | None = None,
) -> str:
    """Add a key and return its secret, which nothing can tell again."""
    with file.changing() as keys:
        return add_key(keys, name, scopes, per_minute=per_minute, expires=expires)


def add_key(
    keys: dict[str, Key],
    name: str,
    scopes: Iterable[Scope],
    *,
    per_minute: int | None = None,
    expires: datetime | None = None,
) -> str:
    """Add a key to keys that are being changed and return its secret."""
    key, secret = _made(keys, Key("", name, frozenset(scopes), "", None, per_minute, expires))
    keys[key.id] = key
    return secret


def revoke_key(file: KeyFile, key_id: str) -> None:
    """Remove a key; raise InputError where there is none of that id."""
    with file.changing() as keys:
        del keys[_known(keys, key_id).id]


def rotate_key(file: KeyFile, key_id: str, *, grace_s: float = 0) -> str:
    """Add a key like another and return its secret; the old one opens nothing after `grace_s` seconds.

    The new key has an id of its own, and with it a limit of its own. Raises InputError where there is
    no such key.
    """
    with file.changing() as keys:
        old = _known(keys, key_id)
        key, secret = _made(keys, old)
        keys[key.id] = key
        if grace_s:
            until = datetime.now(UTC) + timedelta(seconds=grace_s)
            keys[old.id] = replace(old, expires=min(until, old.expires or until))
        else:
            del keys[old.id]
    return secret


def _made(keys: Keys, like: Key) -> tuple[Key, str]:
    """Return a key like another, under an id that none has, and its secret."""
    while True:
        key_id, secret = make_secret()
        if key_id not in keys:
            return replace(like, id=key_id, digest=digest_of(secret), created=datetime.now(UTC)), secret


def _known(keys: Keys, key_id: str) -> Key:
    if key_id not in keys:
        known = ", ".join(f"{key.id} ({key.name})" for key in keys.values()) or "none"
        raise InputError(f"a key must be one of {known}, was {key_id!r}")
    return keys[key_id]
