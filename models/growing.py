"""An array that grows at its end."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Growing"]

Kind = TypeVar("Kind", bound=np.generic)

_FIRST: Final = 1024


class Growing(Generic[Kind]):
    """Hold rows that are added and never changed; what `rows` once returned stays as it was."""

    def __init__(self, kind: type[Kind], columns: int | None = None) -> None:
        self._shape = () if columns is None else (columns,)
        self._room: NDArray[Kind] = np.empty((_FIRST, *self._shape), kind)
        self._used = 0

    @property
    def rows(self) -> NDArray[Kind]:
        """Return all rows so far."""
        return self._room[: self._used]

    def add(self, rows: NDArray[Kind]) -> None:
        """Put `rows` at the end; room is doubled where it does not suffice."""
        used = self._used + len(rows)
        if used > len(self._room):
            larger = np.empty((max(used, 2 * len(self._room)), *self._shape), self._room.dtype)
            larger[: self._used] = self.rows
            self._room = larger
        self._room[self._used : used] = rows
        self._used = used
