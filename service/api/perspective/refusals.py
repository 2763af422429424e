"""Refusals in this wire format: every reason with its canonical status."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from tocsin.service.api.perspective.fault import ErrorType, Fault, error_body
from tocsin.service.api.perspective.reading import PAYLOAD
from tocsin.service.api.refusal import Why
from tocsin.service.api.wire import json_response, refusal_headers

if TYPE_CHECKING:
    from starlette.responses import Response

    from tocsin.service.api.refusal import Refusal

__all__ = ["CANONICAL", "refuse"]

CANONICAL: Final[Mapping[Why, tuple[int, str]]] = {
    Why.BAD_REQUEST: (HTTPStatus.BAD_REQUEST, "INVALID_ARGUMENT"),
    Why.KEY_MISSING: (HTTPStatus.FORBIDDEN, "PERMISSION_DENIED"),
    Why.KEY_INVALID: (HTTPStatus.FORBIDDEN, "PERMISSION_DENIED"),
    Why.SCOPE_MISSING: (HTTPStatus.FORBIDDEN, "PERMISSION_DENIED"),
    Why.ORIGIN_REFUSED: (HTTPStatus.FORBIDDEN, "PERMISSION_DENIED"),
    Why.NOT_FOUND: (HTTPStatus.NOT_FOUND, "NOT_FOUND"),
    Why.UNKNOWN: (HTTPStatus.NOT_FOUND, "NOT_FOUND"),
    Why.CONFLICT: (HTTPStatus.CONFLICT, "INVALID_ARGUMENT"),
    Why.FORBIDDEN: (HTTPStatus.FORBIDDEN, "PERMISSION_DENIED"),
    Why.METHOD_NOT_ALLOWED: (HTTPStatus.METHOD_NOT_ALLOWED, "UNIMPLEMENTED"),
    Why.HOST_REFUSED: (HTTPStatus.MISDIRECTED_REQUEST, "INVALID_ARGUMENT"),
    Why.BODY_TIMEOUT: (HTTPStatus.REQUEST_TIMEOUT, "DEADLINE_EXCEEDED"),
    Why.BODY_TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "INVALID_ARGUMENT"),
    Why.BODY_COMPRESSED: (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "INVALID_ARGUMENT"),
    Why.RATE_LIMITED: (HTTPStatus.TOO_MANY_REQUESTS, "RESOURCE_EXHAUSTED"),
    Why.SCORING_FAILED: (HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL"),
    Why.INTERNAL: (HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL"),
    Why.OVERLOADED: (HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE"),
    Why.STOPPING: (HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE"),
    Why.DEADLINE_PASSED: (HTTPStatus.GATEWAY_TIMEOUT, "DEADLINE_EXCEEDED"),
    Why.STORAGE_FULL: (HTTPStatus.INSUFFICIENT_STORAGE, "RESOURCE_EXHAUSTED"),
    Why.STORE_AWAY: (HTTPStatus.SERVICE_UNAVAILABLE, "UNAVAILABLE"),
}


def refuse(refusal: Refusal) -> Response:
    """Return the error that says `refusal`."""
    if isinstance(refusal, Fault):
        return refusal.response()
    if refusal.why is Why.BAD_REQUEST:
        return Fault(ErrorType.INVALID_REQUEST, f"{PAYLOAD} {_sentence(refusal.message)}").response()
    code, status = CANONICAL[refusal.why]
    headers = refusal_headers(refusal)
    details = _quota(refusal) if refusal.why is Why.RATE_LIMITED else None
    return json_response(error_body(code, status, refusal.message, details), code, headers)


def _quota(refusal: Refusal) -> list[dict[str, Any]]:
    return [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "RATE_LIMIT_EXCEEDED",
            "metadata": {
                "quota_limit": "AnalyzeRequestsPerMinutePerProject",
                "quota_limit_value": str(refusal.limit or 0),
            },
        }
    ]


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:]
