"""Errors of the TEI format: what each refusal is called there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.service.api.refusal import Why

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FAULTS"]

# Which status and `error_type` say it. The format knows five types; what a key may not do has none.
FAULTS: Final[Mapping[Why, tuple[int, str]]] = {
    Why.BAD_REQUEST: (422, "Validation"),
    Why.KEY_MISSING: (401, "Validation"),
    Why.KEY_INVALID: (401, "Validation"),
    Why.SCOPE_MISSING: (403, "Validation"),
    Why.ORIGIN_REFUSED: (403, "Validation"),
    Why.HOST_REFUSED: (421, "Validation"),
    Why.NOT_FOUND: (404, "Validation"),
    Why.UNKNOWN: (404, "Validation"),
    Why.CONFLICT: (409, "Validation"),
    Why.FORBIDDEN: (403, "Validation"),
    Why.METHOD_NOT_ALLOWED: (405, "Validation"),
    Why.BODY_TIMEOUT: (408, "Validation"),
    Why.BODY_TOO_LARGE: (413, "Validation"),
    Why.BODY_COMPRESSED: (415, "Validation"),
    Why.SCORING_FAILED: (424, "Backend"),
    Why.RATE_LIMITED: (429, "Overloaded"),
    Why.OVERLOADED: (429, "Overloaded"),
    Why.DEADLINE_PASSED: (429, "Overloaded"),
    Why.INTERNAL: (500, "Backend"),
    Why.STOPPING: (503, "Unhealthy"),
    Why.STORAGE_FULL: (507, "Backend"),
    Why.STORE_AWAY: (503, "Unhealthy"),
}
