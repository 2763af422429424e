"""What a request to the review face brings, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ValidationError

from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.validation import first_fault
from tocsin.service.api.wire import parse_json

if TYPE_CHECKING:
    from tocsin.service.api.call import Call

__all__ = ["Asked", "read_asked"]

_DIGITS: Final = 18  # what a database's numbers hold


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold the parts of the path, the id of the key, and the body: as it came, then as what was taken."""

    parts: Mapping[str, str]
    key: str
    raw: bytes = field(default=b"", repr=False)
    body: Any = field(default=None, repr=False)

    def number(self, name: str) -> int:
        """Return a part of the path as a number; raise Refusal where it is none."""
        part = self.parts[name]
        if not (part.isascii() and part.isdecimal() and len(part) <= _DIGITS):
            raise Refusal(Why.UNKNOWN, f"a {name} must be a number, was {part[:40]!r}")
        return int(part)

    def taken(self, takes: type[BaseModel] | None) -> Asked:
        """Return this with its body read; raise Refusal where that is not a `takes`."""
        if takes is None:
            return self
        try:
            return replace(self, body=takes.model_validate(parse_json(self.raw), strict=False))
        except ValidationError as error:
            raise Refusal(Why.BAD_REQUEST, first_fault(error)) from None


async def read_asked(call: Call) -> Asked:
    """Return what a request brings, its body unread: first it must be known who asks."""
    return Asked(call.request.path_params, call.key.id, await call.body())
