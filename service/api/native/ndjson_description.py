"""NDJSON as the OpenAPI document tells of it."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["ABOUT_NDJSON", "NDJSON_DESCRIPTION"]

ABOUT_NDJSON: Final = (
    "As NDJSON, one item a line, for more texts than one body should hold: one answer a line, in order,"
    " for every line that is not blank, once the whole input was read."
)
_LINES: Final = {
    "application/x-ndjson": {
        "schema": {
            "type": "string",
            "description": "One item of the list above a line; application/jsonl means the same.",
        }
    }
}
_ANSWERS: Final = {
    "application/x-ndjson": {
        "schema": {"type": "string", "description": "One assessment, or one error, a line."}
    }
}
_FLAGS: Final = {
    "explain": "Of NDJSON: also say which words moved the scores; asks for the scope explain.",
    "remember": "Of NDJSON: whether answers may be kept in memory for texts that come again.",
}
NDJSON_DESCRIPTION: Final[dict[str, Any]] = {
    "parameters": [
        {"name": name, "in": "query", "schema": {"type": "boolean"}, "description": meaning}
        for name, meaning in _FLAGS.items()
    ],
    "requestBody": {"content": _LINES},
    "responses": {"200": {"content": _ANSWERS}},
}
