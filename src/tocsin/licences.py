"""Which corpora a bundle may be trained on, by what their licences ask of those who pass work on."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["PERMISSIVE", "Licences"]

PERMISSIVE: Final = frozenset(
    {"Apache-2.0", "CC-BY-4.0", "CC0-1.0", "MIT", "public newswire; copy under MIT"}
)


class Licences(StrEnum):
    """Name a choice of licences; what is not known to be permissive is not."""

    ALL = "all"
    PERMISSIVE = "permissive"

    def admit(self, licence: str) -> bool:
        """Say whether rows under `licence` are chosen."""
        return self is Licences.ALL or licence in PERMISSIVE
