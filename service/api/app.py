"""The whole server as one ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request

from tocsin.service.api.description import DescribedApp
from tocsin.service.api.endpoint import Endpoint
from tocsin.service.api.gate import refuse_other_names
from tocsin.service.api.page import page_response
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.routes import Routes

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from tocsin.service.api.face import Face
    from tocsin.service.api.service import Service

__all__ = ["App", "build_app"]

Unrouted: TypeAlias = "Callable[[Mapping[str, Any]], Response]"

_PAGES: Final = frozenset({"/docs", "/openapi.json"})  # the framework's: they take no body


class App:
    """Send each request to the operation at its method and path, and FastAPI's own pages to FastAPI.

    What is neither is refused here: the framework would read a body before anybody knows who sends it.
    """

    def __init__(self, routes: Routes[Endpoint], pages: ASGIApp, unrouted: Unrouted) -> None:
        self._routes = routes
        self._pages = pages
        self._unrouted = unrouted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "http":
            found = self._routes.find(scope)
            if found is not None:
                endpoint, scope["path_params"] = found
                await endpoint(scope, receive, send)
                return
            if scope["path"] not in _PAGES:
                await self._unrouted(scope)(scope, receive, send)
                return
        await self._pages(scope, receive, send)


class _ByName:
    """Refuse requests that address the server by another name; hand the others on."""

    def __init__(self, allowed: Sequence[str], face: Face, app: ASGIApp) -> None:
        self._allowed = allowed
        self._face = face
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "http":
            try:
                refuse_other_names(self._allowed, Request(scope))
            except Refusal as refusal:
                await self._face.refuse(refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def build_app(service: Service, faces: Sequence[Face]) -> App:
    """Return the application that answers for every face; the first one speaks where none is meant."""
    endpoints = [Endpoint(operation, face, service) for face in faces for operation in face.operations]
    routes = Routes(endpoints)
    unrouted = _unrouted(faces, routes, service.settings.allowed_hosts)
    app = DescribedApp(endpoints, keyed=service.keys is not None, lifespan=_lifespan(service))
    app.add_route("/docs", _page(app), include_in_schema=False)
    app.add_exception_handler(HTTPException, _as_handler(unrouted))
    return App(routes, _ByName(service.settings.allowed_hosts, faces[0], app), unrouted)


def _lifespan(service: Service) -> Any:
    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        service.engine.start()
        if service.shadow is not None:
            service.shadow.start()
        if service.review is not None:
            service.review.start(service.metrics.exposition.registry)
        yield
        await service.engine.stop()
        if service.shadow is not None:
            service.shadow.stop()
        if service.review is not None:
            await asyncio.to_thread(service.review.stop)

    return lifespan


def _page(app: DescribedApp) -> Any:
    """Return what answers with the documentation page, which is made once."""
    made: list[Response] = []

    async def page(request: Request) -> Response:
        del request
        if not made:
            made.append(page_response(app.openapi()))
        return made[0]

    return page


def _unrouted(faces: Sequence[Face], routes: Routes[Endpoint], allowed_hosts: Sequence[str]) -> Unrouted:
    """Return what answers a request that no operation is for, in the wire format its path belongs to."""
    by_path = {operation.path: face for face in faces for operation in face.operations}
    by_first = {path.split("/")[1]: face for path, face in by_path.items() if path.split("/")[1] != "v1"}

    def refuse(scope: Mapping[str, Any]) -> Response:
        path = scope["path"]
        face = by_path.get(path) or by_first.get([*path.split("/"), ""][1], faces[0])
        try:
            refuse_other_names(allowed_hosts, Request(dict(scope)))
        except Refusal as refusal:
            return faces[0].refuse(refusal)
        allowed = routes.methods(scope) or (("GET",) if path in _PAGES else ())
        if allowed:
            return face.refuse(
                Refusal(Why.METHOD_NOT_ALLOWED, f"the method must be {' or '.join(allowed)}", allowed=allowed)
            )
        return face.refuse(Refusal(Why.NOT_FOUND, "nothing is served at this path"))

    return refuse


def _as_handler(unrouted: Unrouted) -> Any:
    async def refuse(request: Request, error: Exception) -> Response:
        del error
        return unrouted(request.scope)

    return refuse
