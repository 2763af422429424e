"""Why a request gets no answer, before any face puts it into its own words."""

from __future__ import annotations

from enum import StrEnum

from tocsin.errors import TocsinError

__all__ = ["Refusal", "Why"]


class Why(StrEnum):
    """Name one reason to refuse a request; its value is the native face's `code`."""

    BAD_REQUEST = "bad_request"
    KEY_MISSING = "key_missing"
    KEY_INVALID = "key_invalid"
    SCOPE_MISSING = "scope_missing"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    BODY_TIMEOUT = "body_timeout"
    BODY_TOO_LARGE = "body_too_large"
    BODY_COMPRESSED = "body_compressed"
    ORIGIN_REFUSED = "origin_refused"
    HOST_REFUSED = "host_refused"
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    STOPPING = "stopping"
    DEADLINE_PASSED = "deadline_passed"
    SCORING_FAILED = "scoring_failed"
    STORAGE_FULL = "storage_full"
    STORE_AWAY = "store_away"
    INTERNAL = "internal"

    @property
    def status(self) -> int:
        """Return the HTTP status that says so."""
        return _STATUS[self]


_STATUS = {
    Why.BAD_REQUEST: 400,
    Why.KEY_MISSING: 401,
    Why.KEY_INVALID: 401,
    Why.SCOPE_MISSING: 403,
    Why.ORIGIN_REFUSED: 403,
    Why.FORBIDDEN: 403,
    Why.NOT_FOUND: 404,
    Why.UNKNOWN: 404,
    Why.METHOD_NOT_ALLOWED: 405,
    Why.BODY_TIMEOUT: 408,
    Why.CONFLICT: 409,
    Why.BODY_TOO_LARGE: 413,
    Why.BODY_COMPRESSED: 415,
    Why.HOST_REFUSED: 421,
    Why.RATE_LIMITED: 429,
    Why.SCORING_FAILED: 500,
    Why.INTERNAL: 500,
    Why.OVERLOADED: 503,
    Why.STOPPING: 503,
    Why.STORE_AWAY: 503,
    Why.DEADLINE_PASSED: 504,
    Why.STORAGE_FULL: 507,
}


class Refusal(TocsinError):  # noqa: N818 - what is refused is no fault of ours
    """Refuse a request: why, in words for people, when to come back, and the limit that was reached.

    `retry_after` is in seconds; `limit` is in texts a minute; `allowed` are the methods of a path.
    """

    def __init__(
        self,
        why: Why,
        message: str,
        *,
        retry_after: float | None = None,
        limit: int | None = None,
        allowed: tuple[str, ...] = (),
    ) -> None:
        self.why = why
        self.message = message
        self.retry_after = retry_after
        self.limit = limit
        self.allowed = allowed
        super().__init__(why, message)

    def __str__(self) -> str:
        return self.message
