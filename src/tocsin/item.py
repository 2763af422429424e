"""One text to judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

__all__ = ["Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """Hold one text to judge and what the platform knows of it.

    `language` is the platform's own hint, an ISO 639-1 code ("en") or a BCP-47 tag
    ("en-GB"); it wins over detection. `time` and `community` travel with the item and
    are never scored.
    """

    id: str
    text: str = field(repr=False)  # reports, logs and errors carry ids
    language: str | None = None
    time: datetime | None = None
    community: str | None = None
