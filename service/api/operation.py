"""One thing that a face answers: its path, what it takes, and who may ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from pydantic import BaseModel
    from starlette.responses import Response

    from tocsin.service.api.call import Call
    from tocsin.service.keys import Scope

__all__ = ["Handler", "Operation"]

Handler: TypeAlias = "Callable[[Call], Awaitable[Response]]"


@dataclass(frozen=True, slots=True)
class Operation:
    """Describe one operation for the router, the metrics, the documentation page and the gate.

    `scope` None asks for no key. `takes` and `answers` are pydantic models (or types that pydantic
    can describe), for the documentation page alone: handlers read bodies themselves. `errors` maps
    statuses to what they mean. `counts` false leaves the requests in flight uncounted: probes must
    be answered under load. `media` is what `answers` comes as; `fault` the model of every error's body,
    which comes as `fault_media`. `also` is merged into the operation's OpenAPI description. A `{name}` in
    `path` stands for one segment, which `parts` describes; `success` is the status of what is answered.
    `scores` false is not refused while too many texts wait to be scored: it has none.
    """

    method: str
    path: str
    name: str
    summary: str
    handler: Handler
    scope: Scope | None
    takes: Any = None
    answers: Any = None
    errors: Mapping[int, str] = field(default_factory=dict)
    description: str = ""
    counts: bool = True
    documented: bool = True
    media: str = "application/json"
    fault: type[BaseModel] | None = None
    fault_media: str = "application/json"
    also: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    success: int = 200
    scores: bool = True
