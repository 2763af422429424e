"""One route of the review face, with who may take it: there is none without."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from tocsin.service.api.native.problem import PROBLEM_TYPE
from tocsin.service.api.native.schemas import Problem
from tocsin.service.api.operation import Operation
from tocsin.service.api.review.asked import Asked, read_asked
from tocsin.service.api.review.refusing import refusing
from tocsin.service.api.wire import json_response
from tocsin.service.keys import Scope
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ForbiddenError
from tocsin.service.review.records import reviewer_of_key
from tocsin.service.review.role import Role

if TYPE_CHECKING:
    from pydantic import BaseModel
    from starlette.responses import Response

    from tocsin.service.api.call import Call
    from tocsin.service.review import Desk

__all__ = ["PLATFORM", "Keeps", "Route"]


PLATFORM: Final = Scope.INTAKE
_ERRORS: Final = {
    400: "The request breaks a rule.",
    401: "No key, or none of this server's.",
    403: "The key lacks the scope, or its reviewer may not.",
    404: "There is nothing by that name.",
    409: "It is no longer as the request takes it to be.",
    429: "The key's limit is reached.",
    503: "The database is away, or too much waits already: come back.",
    507: "The database's disk is full; nothing of this was stored.",
}


class Keeps(Enum):
    """Say what a route does to the database."""

    NOTHING = "nothing"
    SURELY = "surely"
    LOOSELY = "loosely"  # a power cut may lose it

    def run(self, desk: Desk) -> Callable[..., Any]:
        """Return how a desk does such work."""
        return {Keeps.NOTHING: desk.read, Keeps.SURELY: desk.write, Keeps.LOOSELY: desk.jot}[self]


@dataclass(frozen=True, slots=True)
class Route:
    """Describe one route: who may take it, what it takes and answers, and the work.

    `who` is PLATFORM, for keys with the scope intake, or the least role of the reviewer whose key it is.
    `work` gets the connection, the context, the reviewer where there is one, and what was asked; what it
    returns is the body, an `answers`.
    """

    method: str
    path: str
    name: str
    summary: str
    who: Role | Scope
    work: Callable[..., Any]
    answers: Any
    keeps: Keeps = Keeps.SURELY
    takes: type[BaseModel] | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    success: int = 200

    def operation(self, desk: Desk) -> Operation:
        """Return the operation that does the work for whoever may ask for it."""

        async def handler(call: Call) -> Response:
            asked = await read_asked(call)
            run = self.keeps.run(desk)
            with refusing():
                body = await desk.aside(lambda: run(self._guarded, asked))
            return json_response(body, self.success)

        return self.describe(handler)

    def describe(self, handler: Any, *, scores: bool = False) -> Operation:
        """Return the operation that `handler` answers."""
        return Operation(
            self.method,
            self.path,
            self.name,
            self.summary,
            handler,
            self.who if isinstance(self.who, Scope) else Scope.REVIEW,
            takes=self.takes,
            answers=self.answers,
            errors=_ERRORS,
            parts=self.parts,
            success=self.success,
            scores=scores,
            description="" if isinstance(self.who, Scope) else f"For the role {self.who.word} and above.",
            fault=Problem,
            fault_media=PROBLEM_TYPE,
        )

    def _guarded(self, tx: Connection, context: Context, asked: Asked) -> Any:
        if isinstance(self.who, Scope):
            return self.work(tx, context, asked.taken(self.takes))
        reviewer = reviewer_of_key(tx, context, asked.key)
        if reviewer is None:
            raise ForbiddenError("a key must be that of an active reviewer: see 'tocsin review add-reviewer'")
        if reviewer.role < self.who:
            raise ForbiddenError(
                f"this is for the role {self.who.word} and above, the key's is {reviewer.role.word}"
            )
        return self.work(tx, context, reviewer, asked.taken(self.takes))
