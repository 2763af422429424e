"""Which columns of an input hold the text, the id and the language, and which travel with the row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tocsin.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.service.scan.carried import Carried

__all__ = ["Columns"]

DEFAULT_ID: Final = "id"
DEFAULT_LANGUAGE: Final = "language"
LISTED_COLUMNS: Final = 20
PLAIN_NAME: Final = re.compile(r"(?=.{1,30}$)[^\W\d][\w.-]*( [\w.-]+){0,2}")


@dataclass(frozen=True, slots=True)
class Columns:
    """Name the columns to read.

    None for the id or the language means the default, where present; "" for the language means none.
    Where `carried` is given, be it empty, items know their place in the input and bring these columns along.
    """

    text: str = "text"
    id: str | None = None
    language: str | None = None
    carried: tuple[Carried, ...] | None = None

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
        return (self.text, self.id_name, self.language_name, *self.carried_names)

    @property
    def carried_names(self) -> tuple[str, ...]:
        """Return the columns that travel with the row."""
        return tuple(one.name for one in self.carried or ())

    def check_header(self, source: str, found: Sequence[str]) -> None:
        """Refuse a header without a column that was asked for, or with two of the same name."""
        for wanted in (self.text, self.id, self.language, *self.carried_names):
            if wanted not in {None, ""} and wanted not in found:
                raise InputError(f"{source}: must have a column {wanted!r}; {_listed(found)}")
        if len(set(found)) < len(found):
            raise InputError(f"{source}: column names must differ; {_listed(found)}")


def _listed(found: Sequence[str]) -> str:
    # A file without a header has a post where the names should be: one odd name, and none is shown.
    if not all(map(PLAIN_NAME.fullmatch, found)):
        return f"it has {len(found)} columns, not all of them with plain names"
    more = len(found) - LISTED_COLUMNS
    names = ", ".join(found[:LISTED_COLUMNS]) or "none"
    return f"its columns are {names}" + (f" and {more} more" if more > 0 else "")
