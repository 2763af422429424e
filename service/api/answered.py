"""What is known of a request once it was answered: never its text, never its key."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Answered"]


@dataclass(frozen=True, slots=True)
class Answered:
    """Hold what logs and metrics may know of one request.

    `path` is the operation's own, without query. `key` is the key's id, None where there was none.
    `why` is the reason of a refusal. `texts` counts the texts it had judged.
    """

    face: str
    operation: str
    method: str
    path: str
    status: int
    seconds: float
    texts: int
    key: str | None
    why: str | None
