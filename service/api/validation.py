"""What a schema found wrong, in one line, without quoting what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = ["first_fault"]


def first_fault(error: ValidationError) -> str:
    """Return where the first fault is and which rule it breaks; values may be somebody's words."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part)[:64] for part in fault["loc"])
    return f"{place}: {fault['msg']}" if place else fault["msg"]
