"""Errors of the moderations format: what each refusal is called there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.service.api.refusal import Refusal, Why

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FAULTS", "InputRefusal", "error_body"]

REQUEST: Final = "invalid_request_error"
SERVER: Final = "server_error"

# Which `type` and `code` say it; the status is the reason's own.
FAULTS: Final[Mapping[Why, tuple[str, str | None]]] = {
    Why.BAD_REQUEST: (REQUEST, None),
    Why.KEY_MISSING: (REQUEST, "invalid_api_key"),
    Why.KEY_INVALID: (REQUEST, "invalid_api_key"),
    Why.SCOPE_MISSING: (REQUEST, "missing_scope"),
    Why.ORIGIN_REFUSED: (REQUEST, "origin_refused"),
    Why.HOST_REFUSED: (REQUEST, "host_refused"),
    Why.NOT_FOUND: (REQUEST, "not_found"),
    Why.UNKNOWN: (REQUEST, "unknown"),
    Why.CONFLICT: (REQUEST, "conflict"),
    Why.FORBIDDEN: (REQUEST, "forbidden"),
    Why.METHOD_NOT_ALLOWED: (REQUEST, "method_not_supported"),
    Why.BODY_TIMEOUT: (REQUEST, "body_timeout"),
    Why.BODY_TOO_LARGE: (REQUEST, "body_too_large"),
    Why.BODY_COMPRESSED: (REQUEST, "body_compressed"),
    Why.RATE_LIMITED: ("requests", "rate_limit_exceeded"),
    Why.SCORING_FAILED: (SERVER, "scoring_failed"),
    Why.INTERNAL: (SERVER, None),
    Why.OVERLOADED: (SERVER, "overloaded"),
    Why.STOPPING: (SERVER, "stopping"),
    Why.DEADLINE_PASSED: (SERVER, "deadline_passed"),
    Why.STORAGE_FULL: (SERVER, "storage_full"),
    Why.STORE_AWAY: (SERVER, "store_away"),
}


class InputRefusal(Refusal):
    """Refuse a body for what stands in it: at `param`, known to programs by `code`."""

    def __init__(self, message: str, param: str | None, code: str | None = None) -> None:
        super().__init__(Why.BAD_REQUEST, message)
        self.param = param
        self.code = code


def error_body(refusal: Refusal) -> dict[str, Any]:
    """Return the body that says `refusal`; all four keys are always there."""
    kind, code = FAULTS[refusal.why]
    param = None
    if isinstance(refusal, InputRefusal):
        param, code = refusal.param, refusal.code
    return {"error": {"message": refusal.message, "type": kind, "param": param, "code": code}}
