"""What became of one attempt to deliver."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Delivered", "Failed", "Sent"]


@dataclass(frozen=True, slots=True)
class Delivered:
    """Say that the endpoint took the message, with a status of 200 to 299."""

    status: int


@dataclass(frozen=True, slots=True)
class Failed:
    """Say why it did not, in words that may be shown, and whether trying again is in vain."""

    why: str
    permanent: bool


Sent = Delivered | Failed
