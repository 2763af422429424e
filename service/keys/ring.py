"""What the server asks of keys and their limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tocsin.service.keys.key import Key

__all__ = ["KeyRing", "Limiter"]


class KeyRing(Protocol):
    """Know the keys."""

    def find(self, secret: str) -> Key | None:
        """Return the key that `secret` is, None where it is none, was revoked or has expired."""
        ...


class Limiter(Protocol):
    """Bound how many texts a key has judged in a minute, over all workers."""

    def take(self, key: Key, texts: int) -> float:
        """Charge `texts` and return 0.0, or charge nothing and return the seconds until it would pass.

        `texts` 0 asks whether any text at all would pass. Infinity: it never would.
        """
        ...

    def limit(self, key: Key) -> int | None:
        """Return how many texts a minute `key` may have judged, None for any number."""
        ...
