"""A body read as a message; what is wrong with its form, said as Google's servers say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from tocsin.service.api.perspective.fault import ErrorType, Fault, cut

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["PAYLOAD", "read"]

Message = TypeVar("Message", bound=BaseModel)

PAYLOAD: Final = "Invalid JSON payload received."
MOST_VALUES: Final = 10_000  # checking millions, as many as a body can hold, would take seconds
_KINDS: Final[Mapping[str, str]] = {  # first words of pydantic's error types
    "string": "TYPE_STRING",
    "bool": "TYPE_BOOL",
    "float": "TYPE_DOUBLE",
    "finite": "TYPE_DOUBLE",
    "int": "TYPE_INT32",
    "list": "a list",
    "dict": "an object",
    "model": "an object",
}


def read(kind: type[Message], body: Any) -> Message:
    """Return `body` as a message of `kind`; raise Fault, which quotes names but never values."""
    if not isinstance(body, dict):
        raise Fault(ErrorType.INVALID_REQUEST, f"{PAYLOAD} Root element must be a message.")
    _check_size(body)
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        raise Fault(ErrorType.INVALID_REQUEST, _message(found[0])) from None


def _check_size(body: Any) -> None:
    left = MOST_VALUES
    unseen = [body]
    while unseen:
        values = unseen.pop()
        left -= len(values)
        if left < 0:
            raise Fault(ErrorType.INVALID_REQUEST, f"{PAYLOAD} It must hold at most {MOST_VALUES:,} values.")
        within = values.values() if isinstance(values, dict) else values
        unseen.extend(value for value in within if isinstance(value, dict | list))


def _message(found: ErrorDetails) -> str:
    *above, last = found["loc"]
    if found["type"] == "extra_forbidden":
        place = f" at '{_path(above)}'" if above else ""
        return f'{PAYLOAD} Unknown name "{cut(str(last))}"{place}: Cannot find field.'
    named = [part for part in found["loc"] if part not in {"str", "int"}]  # pydantic's name of a union's arm
    kind = _KINDS.get(found["type"].split("_")[0], "of another type")
    return f"Invalid value at '{_path(named)}' ({kind})"


def _path(parts: list[int | str]) -> str:
    """Return "requestedAttributes.THREAT" or "languages[0]" of a place."""
    shown = "".join(f"[{part}]" if isinstance(part, int) else f".{cut(part)}" for part in parts)
    return shown.removeprefix(".")
