"""The OpenAPI document: what every operation takes, answers, and asks of a key."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import FastAPI, Path
from starlette.responses import JSONResponse, PlainTextResponse

import tocsin
from tocsin.service.keys import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel
    from starlette.responses import Response

    from tocsin.service.api.endpoint import Endpoint
    from tocsin.service.api.operation import Operation

__all__ = ["DescribedApp"]

_REF: Final = "#/components/schemas/{model}"
_UNTRUE: Final = {"HTTPValidationError", "ValidationError"}  # what the framework thinks it would answer
_CLASSES: Final[dict[str, type[Response]]] = {
    "application/json": JSONResponse,
    "text/plain": PlainTextResponse,
}
_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer KEY"},
    "header": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Goog-Api-Key",
        "description": "X-Goog-Api-Key: KEY, as Google's clients send it.",
    },
    "query": {
        "type": "apiKey",
        "in": "query",
        "name": "key",
        "description": "?key=KEY; prefer a header, for addresses end up in other people's logs.",
    },
}


class DescribedApp(FastAPI):
    """Hold the description of every operation, made when first asked for; no request reaches one here."""

    def __init__(self, endpoints: Sequence[Endpoint], *, keyed: bool, **more: Any) -> None:
        super().__init__(
            title="tocsin",
            summary="Flags extremist recruitment and incitement for human reviewers. It decides nothing.",
            version=tocsin.__version__,
            docs_url=None,  # it would load scripts from elsewhere
            redoc_url=None,
            redirect_slashes=False,
            **more,
        )
        self._keyed = keyed
        self._endpoints = endpoints
        self._faults: dict[str, type[BaseModel]] = {}

    def openapi(self) -> dict[str, Any]:
        """Return the document (OpenAPI 3.1)."""
        if self.openapi_schema is None:
            for endpoint in self._endpoints:
                self._describe(endpoint)
            self.openapi_schema = self._corrected(super().openapi())
        return self.openapi_schema

    def _describe(self, endpoint: Endpoint) -> None:
        operation = endpoint.operation
        if operation.fault is not None:
            self._faults[operation.fault.__name__] = operation.fault
        self.add_api_route(
            operation.path,
            _signature(operation.takes, operation.parts),
            status_code=operation.success,
            methods=[operation.method],
            response_class=_CLASSES[operation.media],
            response_model=operation.answers,
            responses={status: _error(operation, meaning) for status, meaning in operation.errors.items()},
            summary=operation.summary,
            description=operation.description,
            operation_id=f"{endpoint.face.name}_{operation.name}",
            tags=[endpoint.face.name],
            include_in_schema=operation.documented,
            openapi_extra={"security": self._security(operation.scope), **operation.also},
        )

    def _security(self, scope: Scope | None) -> list[dict[str, list[str]]]:
        """Return the ways in which a key may come, each with the scope it must have."""
        if scope is None or not self._keyed:
            return []
        return [{scheme: [scope.value]} for scheme in _SCHEMES]

    def _corrected(self, document: dict[str, Any]) -> dict[str, Any]:
        components = document.setdefault("components", {})
        schemas = {name: one for name, one in components.get("schemas", {}).items() if name not in _UNTRUE}
        for name, fault in self._faults.items():
            schema = fault.model_json_schema(ref_template=_REF)
            for other, one in (schema.pop("$defs", {}) | {name: schema}).items():
                if schemas.setdefault(other, one) != one:
                    raise ValueError(f"a schema's name must be one model's, {other} is two models'")
        components["schemas"] = dict(sorted(schemas.items()))
        if self._keyed:
            components["securitySchemes"] = _SCHEMES
        for path in document["paths"].values():
            for operation in path.values():
                if "HTTPValidationError" in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]
        return document


def _error(operation: Operation, meaning: str) -> dict[str, Any]:
    if operation.fault is None:
        return {"description": meaning}
    schema = {"$ref": _REF.format(model=operation.fault.__name__)}
    return {"description": meaning, "content": {operation.fault_media: {"schema": schema}}}


def _signature(takes: Any, parts: Mapping[str, str]) -> Any:
    """Return a function that the framework reads an operation's body and path from; nobody calls it."""

    async def described() -> None:
        raise NotImplementedError

    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter(name, kind, annotation=Annotated[str, Path(description=meaning)])
        for name, meaning in parts.items()
    ]
    if takes is not None:
        parameters.append(inspect.Parameter("body", kind, annotation=takes))
    described.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return described
