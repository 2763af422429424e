"""The probes face: for whoever looks after the server, answered under any load."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from tocsin.service.api.native.problem import PROBLEM_TYPE, problem_response
from tocsin.service.api.native.schemas import Problem
from tocsin.service.api.operation import Operation
from tocsin.service.api.probes.schemas import Alive, Ready, ShadowReport
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.wire import json_response
from tocsin.service.keys import Scope
from tocsin.service.shadow import shadow_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.service.api.call import Call

__all__ = ["ProbesFace"]

_KEYED = {401: "No key, or none of this server's.", 403: "The key lacks the scope."}
_FAULT: Final[Any] = {"fault": Problem, "fault_media": PROBLEM_TYPE}


class ProbesFace:
    """Say whether the server lives and takes requests, and what it counted; errors are native problems."""

    name = "probes"

    @property
    def operations(self) -> Sequence[Operation]:
        """Return what this face answers."""
        return (
            Operation(
                "GET",
                "/healthz",
                "healthz",
                "Tell that the process lives",
                self.healthz,
                None,
                answers=Alive,
                counts=False,
            ),
            Operation(
                "GET",
                "/readyz",
                "readyz",
                "Tell whether texts are judged",
                self.readyz,
                None,
                answers=Ready,
                errors={503: "Not yet, or no longer."},
                counts=False,
                **_FAULT,
            ),
            Operation(
                "GET",
                "/metrics",
                "metrics",
                "Tell what was counted, of all workers, in Prometheus' text format",
                self.metrics,
                Scope.ADMIN,
                errors=_KEYED,
                counts=False,
                media="text/plain",
                **_FAULT,
            ),
            Operation(
                "GET",
                "/v1/shadow",
                "shadow",
                "Tell how the shadow differs from what is served",
                self.shadow,
                Scope.ADMIN,
                answers=ShadowReport,
                errors=_KEYED | {404: "There is no shadow."},
                counts=False,
                **_FAULT,
            ),
        )

    def refuse(self, refusal: Refusal) -> Response:
        """Return the problem that says `refusal`."""
        return problem_response(refusal)

    async def healthz(self, call: Call) -> Response:
        """Answer: whoever can is alive."""
        del call
        return json_response({"status": "alive"})

    async def readyz(self, call: Call) -> Response:
        """Tell whether the scoring core takes texts."""
        engine = call.service.engine
        if not engine.ready:
            raise Refusal(Why.STOPPING, "the scoring core does not take texts: the server starts or stops")
        return json_response({"status": "ready"})

    async def metrics(self, call: Call) -> Response:
        """Show every metric."""
        body, media = await asyncio.to_thread(
            call.service.metrics.exposition.exposed
        )  # reads files of all workers
        return Response(body, headers={"Content-Type": media})

    async def shadow(self, call: Call) -> Response:
        """Report on the shadow."""
        service = call.service
        if service.shadow is None:
            raise Refusal(Why.NOT_FOUND, "there is no shadow: shadow_bundle or shadow_policy would name one")
        report = await asyncio.to_thread(
            shadow_report, service.scorer, service.shadow, service.metrics.exposition
        )
        return json_response(report)
