"""Which columns of an input hold the text, the id and the language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tocsin.errors import InputError
from tocsin.service.scan.display import cut, reveal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Columns"]

DEFAULT_ID: Final = "id"
DEFAULT_LANGUAGE: Final = "language"
LISTED_COLUMNS: Final = 20
LISTED_CHARACTERS: Final = 30


@dataclass(frozen=True, slots=True)
class Columns:
    """Name the columns to read; None for the id or the language means the default, where present."""

    text: str = "text"
    id: str | None = None
    language: str | None = None

    @property
    def id_name(self) -> str:
        """Return the name under which ids are looked up."""
        return DEFAULT_ID if self.id is None else self.id

    @property
    def language_name(self) -> str:
        """Return the name under which language hints are looked up."""
        return DEFAULT_LANGUAGE if self.language is None else self.language

    @property
    def names(self) -> tuple[str, ...]:
        """Return every column that a scan may read."""
        return (self.text, self.id_name, self.language_name)

    def check_header(self, source: str, found: Sequence[str]) -> None:
        """Refuse a header without a column that was asked for, or with two of the same name."""
        for wanted in (self.text, self.id, self.language):
            if wanted is not None and wanted not in found:
                raise InputError(f"{source}: must have a column {wanted!r}; its columns are {_listed(found)}")
        if len(set(found)) < len(found):
            raise InputError(f"{source}: column names must differ; its columns are {_listed(found)}")


def _listed(found: Sequence[str]) -> str:
    # A file without a header has a post where the names should be: show little of it.
    names = [reveal(cut(name, LISTED_CHARACTERS)) for name in found[:LISTED_COLUMNS]]
    more = len(found) - len(names)
    return (", ".join(names) or "none") + (f" and {more} more" if more else "")
