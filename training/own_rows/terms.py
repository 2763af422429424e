"""What a reader takes for granted, and how much it will read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tocsin.errors import InputError
from tocsin.language import primary_subtag
from tocsin.training.own_rows.faults import told

__all__ = ["Terms"]

LEAST_RECORD_BYTES: Final = 1 << 20
BYTES_A_CHARACTER: Final = 12  # JSON may write an emoji as two escapes of six


@dataclass(frozen=True, slots=True)
class Terms:
    """Say how to read a file.

    `language` is a BCP-47 tag for rows that name none. `ignore` names columns to leave out.
    `max_characters` is the longest text in code points; a longer one would never be scored.
    """

    language: str
    ignore: frozenset[str]
    max_characters: int

    def __post_init__(self) -> None:
        if primary_subtag(self.language) is None:
            raise InputError(
                f"language must be a BCP-47 tag such as 'en' or 'de-AT', was {told(self.language)}"
            )

    @property
    def record_bytes(self) -> int:
        """Return how long a record of a text file may be."""
        return max(LEAST_RECORD_BYTES, BYTES_A_CHARACTER * self.max_characters)
