"""The whole server as one ASGI application."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request

import tocsin
from tocsin.service.api.endpoint import Endpoint
from tocsin.service.api.refusal import Refusal, Why

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from tocsin.service.api.face import Face
    from tocsin.service.api.service import Service

__all__ = ["App", "build_app"]


class App:
    """Send each request to the operation at its method and path; all others to FastAPI.

    The table comes first because routing through the framework costs as much as scoring does.
    """

    def __init__(self, endpoints: Sequence[Endpoint], rest: ASGIApp) -> None:
        self._endpoints = {(one.operation.method, one.operation.path): one for one in endpoints}
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "http":
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            endpoint = self._endpoints.get((method, scope["path"]))
            if endpoint is not None:
                await endpoint(scope, receive, send)
                return
        await self._rest(scope, receive, send)


def build_app(service: Service, faces: Sequence[Face]) -> App:
    """Return the application that answers for every face; the first one speaks where none is meant."""
    app = FastAPI(
        title="tocsin",
        summary="Flags extremist recruitment and incitement for human reviewers. It decides nothing.",
        version=tocsin.__version__,
        lifespan=_lifespan(service),
        redoc_url=None,
        redirect_slashes=False,
    )
    endpoints = [Endpoint(operation, face, service) for face in faces for operation in face.operations]
    for endpoint in endpoints:
        _describe(app, endpoint)
    app.add_exception_handler(HTTPException, _unrouted(faces))
    return App(endpoints, app)


def _lifespan(service: Service) -> Any:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.engine.start()
        yield
        await service.engine.stop()

    return lifespan


def _describe(app: FastAPI, endpoint: Endpoint) -> None:
    """Put an operation on the documentation page."""
    operation = endpoint.operation
    app.add_api_route(
        operation.path,
        _signature(operation.takes),
        methods=[operation.method],
        response_model=operation.answers,
        responses={status: {"description": meaning} for status, meaning in operation.errors.items()},
        summary=operation.summary,
        description=operation.description,
        operation_id=f"{endpoint.face.name}_{operation.name}",
        tags=[endpoint.face.name],
        include_in_schema=operation.documented,
    )


def _signature(takes: Any) -> Any:
    """Return a function that the framework reads an operation's body from; nobody calls it."""

    async def described() -> None:
        raise NotImplementedError

    parameter = inspect.Parameter("body", inspect.Parameter.KEYWORD_ONLY, annotation=takes)
    described.__signature__ = inspect.Signature([parameter] if takes is not None else [])  # type: ignore[attr-defined]
    return described


def _unrouted(faces: Sequence[Face]) -> Any:
    """Return what answers a request that no operation is for, in the wire format its path belongs to."""
    by_path = {operation.path: face for face in faces for operation in face.operations}

    async def refuse(request: Request, error: Exception) -> Response:
        path = request.url.path
        face = by_path.get(path, faces[0])
        allowed = tuple(sorted(one.method for face in faces for one in face.operations if one.path == path))
        if isinstance(error, HTTPException) and error.status_code == Why.METHOD_NOT_ALLOWED.status:
            return face.refuse(
                Refusal(Why.METHOD_NOT_ALLOWED, f"the method must be {' or '.join(allowed)}", allowed=allowed)
            )
        return face.refuse(Refusal(Why.NOT_FOUND, "nothing is served at this path"))

    return refuse
