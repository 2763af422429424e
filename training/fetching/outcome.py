"""What became of a file that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tocsin.training.fetching.wanted import Wanted

__all__ = ["IN_PLACE", "Outcome", "State"]


class State(StrEnum):
    """Say what became of a file: `missing` has no source, `failed` has one and is not in place."""

    PRESENT = "present"
    FETCHED = "fetched"
    COPIED = "copied"
    MISSING = "missing"
    FAILED = "failed"


IN_PLACE: Final[frozenset[State]] = frozenset({State.PRESENT, State.FETCHED, State.COPIED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what became of one file; `reason` is None where it is in place."""

    wanted: Wanted
    state: State
    reason: str | None = None

    @property
    def in_place(self) -> bool:
        """Say whether the registered file stands in the data folder."""
        return self.state in IN_PLACE
