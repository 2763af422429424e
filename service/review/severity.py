"""How hard a text may be to read, as far as anybody can know before it is read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from tocsin.assessment import Level

__all__ = ["Severity"]


class Severity(IntEnum):
    """Rank what a text may hold by the level that the model found; of what it could not judge, nothing."""

    UNKNOWN = 0
    MODERATE = 1
    SEVERE = 2

    @classmethod
    def of(cls, level: Level | None) -> Severity:
        """Return the severity of a level."""
        return _BY_LEVEL.get(level, cls.UNKNOWN)


_BY_LEVEL: Final[Mapping[Level | None, Severity]] = {
    Level.REVIEW: Severity.MODERATE,
    Level.URGENT: Severity.SEVERE,
}
