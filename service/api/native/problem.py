"""Errors of the native face: problem details (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from tocsin.service.api.wire import json_response, refusal_headers

if TYPE_CHECKING:
    from starlette.responses import Response

    from tocsin.service.api.refusal import Refusal

__all__ = ["PROBLEM_TYPE", "problem_response"]

PROBLEM_TYPE: Final = "application/problem+json"


def problem_response(refusal: Refusal) -> Response:
    """Return the problem that says `refusal`."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(refusal.why.status).phrase,
        "status": refusal.why.status,
        "code": refusal.why.value,
        "detail": refusal.message,
    }
    if refusal.limit is not None:
        problem["limit"] = refusal.limit
    headers = refusal_headers(refusal)
    if refusal.why.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return json_response(problem, refusal.why.status, headers, PROBLEM_TYPE)
