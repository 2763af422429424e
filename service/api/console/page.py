"""One page of the console, or one form, with who may have it: there is none without."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from tocsin.service.api.console.answer import Onward, Shown
from tocsin.service.api.console.asked import Asked
from tocsin.service.api.console.visit import Visit
from tocsin.service.api.review.route import Keeps
from tocsin.service.review.context import Context
from tocsin.service.review.desk import Desk

if TYPE_CHECKING:
    from tocsin.service.review.role import Role

__all__ = ["Page", "Steps", "Work"]

Work = Callable[[Connection, Context, Visit, Asked], Shown | Onward]
Steps = Callable[[Desk, Visit, Asked], Awaitable[Shown | Onward]]


@dataclass(frozen=True, slots=True)
class Page:
    """Describe one page: who may have it, and the work that it takes.

    `who` is the least role; None opens it to everybody, signed in or not. A GET keeps nothing. `work` is one
    transaction, which the guard is part of. `steps` stand in its place where something takes long and must
    hold up nobody, a password's hash or another server: they run after the guard, and do each transaction by
    ``await desk.aside(lambda: desk.write(...))``.
    """

    method: str
    path: str
    name: str
    who: Role | None
    work: Work | None = None
    keeps: Keeps = Keeps.SURELY
    steps: Steps | None = None

    def __post_init__(self) -> None:
        if (self.work is None) == (self.steps is None):
            raise ValueError(f"a page must have either work or steps, {self.name} has both or none")
        if self.method == "GET" and self.work is not None:
            object.__setattr__(self, "keeps", Keeps.NOTHING)

    def run(self, desk: Desk) -> Callable[..., Any]:
        """Return how a desk does what this page takes, the guard included."""
        return (self.keeps if self.work is not None else Keeps.NOTHING).run(desk)
