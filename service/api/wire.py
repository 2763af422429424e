"""Bytes in, bytes out: JSON as every face reads and writes it."""

from __future__ import annotations

import gc
import math
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json, to_json
from starlette.responses import Response

from tocsin.service.api.refusal import Refusal, Why

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["json_response", "parse_json", "read_json", "refusal_headers"]

_MARK: Final = b"\xef\xbb\xbf"
_SHORT: Final = 65_536
_MOST_VALUES: Final = 500_000


def parse_json(body: bytes) -> Any:
    """Return what JSON `body` holds.

    Raises Refusal for what is no UTF-8 or no JSON (RFC 8259), for NaN and infinities, for half a
    surrogate pair, for arrays and objects nested some 200 deep, and for more than half a million values.
    """
    try:
        return read_json(body)
    except ValueError as error:
        raise Refusal(Why.BAD_REQUEST, f"the body must be JSON in UTF-8: {error}") from None


def read_json(body: bytes) -> Any:
    """Return what JSON `body` holds, as `parse_json` does; raise ValueError."""
    body = body.removeprefix(_MARK)
    if len(body) <= _SHORT:
        return from_json(body, allow_inf_nan=False)
    # What parts values is counted before they are made: a body of nothing but brackets takes seconds.
    values = sum(body.count(sign) for sign in (b",", b"[", b"{"))
    if values > _MOST_VALUES:
        raise ValueError(f"it must hold at most {_MOST_VALUES:,} values, was about {values:,}")
    collecting = gc.isenabled()
    gc.disable()  # looking at each new value again and again takes most of the time
    try:
        return from_json(body, allow_inf_nan=False)
    finally:
        if collecting:
            gc.enable()


def json_response(
    content: Any, status: int = 200, headers: Mapping[str, str] | None = None, media: str = "application/json"
) -> Response:
    """Return `content`, plain JSON types, as a response."""
    return Response(to_json(content), status, headers=headers, media_type=media)


def refusal_headers(refusal: Refusal) -> dict[str, str]:
    """Return the headers that say a refusal in every format: Allow, and Retry-After, never too early."""
    headers = {"Allow": ", ".join(refusal.allowed)} if refusal.allowed else {}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(refusal.retry_after)))
    return headers
