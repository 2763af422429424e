"""A key as the service knows it: never the secret itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tocsin.service.keys.scope import Scope

__all__ = ["ANONYMOUS", "Key"]


@dataclass(frozen=True, slots=True)
class Key:
    """Hold what is known of one key.

    `digest` is the SHA-256 of the secret in hex, "" where there is none. `per_minute` bounds the
    texts it may have judged in a minute, None: the server's default. Times are in UTC.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    digest: str
    created: datetime | None = None
    per_minute: int | None = None
    expires: datetime | None = None

    def may(self, scope: Scope) -> bool:
        """Say whether this key was given `scope`."""
        return scope in self.scopes


ANONYMOUS = Key(id="anonymous", name="whoever reaches this machine", scopes=frozenset(Scope), digest="")
