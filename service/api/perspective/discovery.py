"""The discovery document, from which Google's client libraries build themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from tocsin.service.api.perspective.attributes import EXTENSIONS, PERSPECTIVE
from tocsin.service.api.perspective.schemas import (
    AnalyzeCommentRequest,
    AnalyzeCommentResponse,
    SuggestCommentScoreRequest,
    SuggestCommentScoreResponse,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["ANALYZE", "DISCOVERY", "SUGGEST", "VERSION", "discovery_document", "located"]

VERSION: Final = "v1alpha1"
ANALYZE: Final = f"/{VERSION}/comments:analyze"
SUGGEST: Final = f"/{VERSION}/comments:suggestscore"
DISCOVERY: Final = "/$discovery/rest"

_MESSAGES: Final[Sequence[type[BaseModel]]] = (
    AnalyzeCommentRequest,
    AnalyzeCommentResponse,
    SuggestCommentScoreRequest,
    SuggestCommentScoreResponse,
)
_PARAMETERS: Final[Mapping[str, str]] = {
    "alt": "Ignored: answers are JSON.",
    "fields": "Ignored: answers are whole.",
    "key": "A key of this server; better sent as X-Goog-Api-Key, which no log of a proxy shows.",
    "prettyPrint": "Ignored.",
    "quotaUser": "Ignored: limits hold for keys.",
}


def located(document: Mapping[str, Any], root: str) -> dict[str, Any]:
    """Return the document of a server at `root`, its base URL with a last slash."""
    return {**document, "rootUrl": root, "baseUrl": root}


def discovery_document(notes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the document of a server that does not say where it is.

    `notes` are sentences that whoever reads the description must know.
    """
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"commentanalyzer:{VERSION}",
        "name": "commentanalyzer",
        "canonicalName": "Comment Analyzer",
        "version": VERSION,
        "title": "tocsin, as a Comment Analyzer",
        "description": ". ".join([_description(), *notes]) + ".",
        "ownerName": "the operator of this server",
        "protocol": "rest",
        "servicePath": "",
        "parameters": {
            name: {"description": meaning, "location": "query", "type": "string"}
            for name, meaning in _PARAMETERS.items()
        },
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method("analyze", ANALYZE, "Score a comment.", _MESSAGES[0:2]),
                    "suggestscore": _method("suggestscore", SUGGEST, "Suggest scores.", _MESSAGES[2:4]),
                }
            }
        },
        "schemas": _schemas(),
    }


def _description() -> str:
    return (
        f"Answers for {', '.join(PERSPECTIVE)}; and, beyond Perspective, for {', '.join(EXTENSIONS)}."
        " Every value is the calibrated probability of one signal; it means something else than"
        " Perspective's, and thresholds must be set anew"
    )


def _method(name: str, path: str, meaning: str, messages: Sequence[type[BaseModel]]) -> dict[str, Any]:
    request, response = messages
    return {
        "id": f"commentanalyzer.comments.{name}",
        "httpMethod": "POST",
        "path": path.removeprefix("/"),
        "flatPath": path.removeprefix("/"),
        "description": meaning,
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": request.__name__},
        "response": {"$ref": response.__name__},
    }


@cache
def _schemas() -> dict[str, Any]:
    """Return every message in discovery's dialect of JSON Schema, in which references are bare names."""
    found: dict[str, Any] = {}
    for message in _MESSAGES:
        schema = message.model_json_schema()
        found |= schema.pop("$defs", {}) | {message.__name__: schema}
    return {name: {"id": name} | _plain(schema) for name, schema in sorted(found.items())}


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without unions: the first that is not null, with what stands beside it."""
    if "anyOf" in schema:
        first = next(one for one in schema["anyOf"] if one.get("type") != "null")
        return _plain({"description": schema.get("description", ""), **first})
    plain = {name: schema[name] for name in ("type", "description") if schema.get(name)}
    if "$ref" in schema:
        plain["$ref"] = schema["$ref"].rsplit("/", 1)[-1]
    if "properties" in schema:
        plain["properties"] = {name: _plain(one) for name, one in schema["properties"].items()}
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), Mapping):
            plain[name] = _plain(schema[name])
    if plain.get("type") in _FORMATS:
        plain["format"] = _FORMATS[plain["type"]]
    return plain


_FORMATS: Final[Mapping[str, str]] = {"number": "double", "integer": "int32"}
