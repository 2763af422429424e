"""What is wrong with a request, in this wire format's own words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.wire import json_response

if TYPE_CHECKING:
    from starlette.responses import Response

__all__ = ["ErrorType", "Fault", "cut", "error_body", "language_not_supported"]

_TYPE: Final = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_LONGEST_NAME: Final = 64
_MOST_TAGS: Final = 10


class ErrorType(StrEnum):
    """Name what clients branch on."""

    COMMENT_EMPTY = "COMMENT_EMPTY"
    COMMENT_TOO_LONG = "COMMENT_TOO_LONG"
    NO_REQUESTED_ATTRIBUTES = "NO_REQUESTED_ATTRIBUTES"
    LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE = "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
    LANGUAGE_DETECTION_FAILED = "LANGUAGE_DETECTION_FAILED"
    INVALID_REQUEST = "INVALID_REQUEST"


class Fault(Refusal):
    """Say what is wrong with a request: for programs, for people, and what goes with it."""

    def __init__(self, error: ErrorType, message: str, more: Mapping[str, Any] | None = None) -> None:
        super().__init__(Why.BAD_REQUEST, message)
        self.error = error
        self.more = more or {}

    def response(self) -> Response:
        """Return the error on the wire; the type stands first of its details."""
        detail = {"@type": _TYPE, "errorType": self.error.value, **self.more}
        return json_response(error_body(400, "INVALID_ARGUMENT", self.message, [detail]), 400)


def error_body(
    code: int, status: str, message: str, details: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """Return an error of this wire format; `details` None leaves them out."""
    error: dict[str, Any] = {"code": code, "status": status, "message": message}
    if details is not None:
        error["details"] = details
    return {"error": error}


def language_not_supported(attribute: str, languages: list[str], detected: list[str]) -> Fault:
    """Return the fault that an attribute's signal knows none of these languages; it names ten at most."""
    return Fault(
        ErrorType.LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE,
        f"Attribute {cut(attribute)} does not support request languages:"
        f" {', '.join(cut(language) for language in languages[:_MOST_TAGS])}",
        {
            "languageNotSupportedByAttributeError": {
                "detectedLanguages": detected,
                "attribute": cut(attribute),
            }
        },
    )


def cut(name: str) -> str:
    """Return what of a sent name may be shown."""
    return name[:_LONGEST_NAME]
