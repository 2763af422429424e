"""One operation over ASGI: let in, answer or refuse, tell who watches."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from starlette.requests import Request

from tocsin.errors import ScoringError
from tocsin.service.api.answered import Answered
from tocsin.service.api.call import Call
from tocsin.service.api.gate import identify, refuse_encoded, refuse_other_names
from tocsin.service.api.refusal import Refusal, Why

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from tocsin.service.api.face import Face
    from tocsin.service.api.operation import Operation
    from tocsin.service.api.service import Service

__all__ = ["Endpoint"]

_LOG = logging.getLogger(__name__)


class Endpoint:
    """Answer one operation in its face's wire format, errors included."""

    def __init__(self, operation: Operation, face: Face, service: Service) -> None:
        self.operation = operation
        self.face = face
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        started = time.perf_counter()
        call = Call(self._service, Request(scope, receive))
        response: Response | None = None
        why: Why | None = None
        try:
            response, why = await self._response(call)
            await response(scope, receive, send)
        finally:
            self._tell(call, response, why, time.perf_counter() - started)

    async def _response(self, call: Call) -> tuple[Response, Why | None]:
        try:
            return await self._admitted(call), None
        except Refusal as error:
            refusal = error
            if error.why is Why.OVERLOADED:
                await asyncio.sleep(self._service.load.pause())
        except ScoringError:
            refusal = Refusal(Why.SCORING_FAILED, "the text could not be scored; the server's log says more")
        except Exception:  # noqa: BLE001 - whatever fails, the client is told in its own format
            _LOG.exception("%s %s failed", self.face.name, self.operation.name)
            refusal = Refusal(Why.INTERNAL, "the server failed; its log says more")
        return self.face.refuse(refusal), refusal.why

    async def _admitted(self, call: Call) -> Response:
        service = self._service
        if not self.operation.counts:  # probes are answered under load, by whatever name
            return await self._let_in(call)
        if service.load.requests >= service.settings.max_requests:
            most = service.settings.max_requests
            raise Refusal(
                Why.OVERLOADED, f"a worker answers at most {most} requests at a time", retry_after=1
            )
        reads = self.operation.method == "GET"  # and joins no line
        if self.operation.scores and not reads and service.engine.crowded:
            raise Refusal(Why.OVERLOADED, "too many texts wait already", retry_after=1)
        refuse_other_names(service.settings.allowed_hosts, call.request)
        with service.load.one():
            return await self._let_in(call)

    async def _let_in(self, call: Call) -> Response:
        refuse_encoded(call.request)
        if self.operation.scope is not None:
            call.key = identify(self._service, call.request)
            call.require(self.operation.scope)
            call.charge(0)
        return await self.operation.handler(call)

    def _tell(self, call: Call, response: Response | None, why: Why | None, seconds: float) -> None:
        answered = Answered(
            face=self.face.name,
            operation=self.operation.name,
            method=self.operation.method,
            path=self.operation.path,
            status=response.status_code if response else 499,
            seconds=seconds,
            texts=call.texts,
            key=call.key.id if call.key.digest else None,
            why=why.value if why else None,
        )
        for observer in self._service.observers:
            observer.answered(answered)
