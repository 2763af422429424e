"""The TEI face: signals as the labels of a text classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from tocsin.service.api.judged import judge, why_unscorable
from tocsin.service.api.operation import Operation
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.tei.faults import FAULTS
from tocsin.service.api.tei.info import info
from tocsin.service.api.tei.inputs import read_inputs
from tocsin.service.api.tei.predictions import predictions, why_unlabelled
from tocsin.service.api.tei.schemas import InfoResponse, PredictRequest, PredictResponse, TeiFault
from tocsin.service.api.wire import json_response, refusal_headers
from tocsin.service.keys import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.models import Scorer
    from tocsin.service.api.call import Call
    from tocsin.service.api.settings import ServeSettings

__all__ = ["TeiFace"]

_KEYED = {401: "No key, or none of this server's.", 403: "The key lacks the scope."}


class TeiFace:
    """Speak the format of text-embeddings-inference, as far as it classifies single texts."""

    name = "tei"

    def __init__(self, scorer: Scorer, settings: ServeSettings) -> None:
        self._scorer = scorer
        self._info = info(scorer, settings)

    @property
    def operations(self) -> Sequence[Operation]:
        """Return what this face answers."""
        return (
            Operation(
                "POST",
                "/predict",
                "predict",
                "Judge texts, signals as labels",
                self.predict,
                Scope.SCORE,
                takes=PredictRequest,
                answers=PredictResponse,
                errors=_KEYED
                | {
                    408: "The body did not arrive in time.",
                    413: "The body is too long.",
                    415: "The body is compressed.",
                    422: "The body breaks a rule, or a text cannot be judged.",
                    424: "A text could not be scored.",
                    429: "The key's limit is reached, too much waits already, or not scored in time.",
                    503: "The server is stopping.",
                },
                fault=TeiFault,
            ),
            Operation(
                "GET",
                "/info",
                "info",
                "Tell the bundle and the limits",
                self.info,
                Scope.SCORE,
                answers=InfoResponse,
                errors=_KEYED | {429: "The key's limit is reached."},
                fault=TeiFault,
            ),
            Operation(
                "GET",
                "/health",
                "health",
                "Tell whether requests are taken",
                self.health,
                None,
                errors={503: "They are not."},
                counts=False,
                fault=TeiFault,
            ),
        )

    def refuse(self, refusal: Refusal) -> Response:
        """Return the error that says `refusal`."""
        status, kind = FAULTS[refusal.why]
        body = {"error": refusal.message, "error_type": kind}
        return json_response(body, status, refusal_headers(refusal))

    async def predict(self, call: Call) -> Response:
        """Judge the texts of one body."""
        inputs = read_inputs(await call.json(), call.service.settings.max_items)
        texts = inputs.texts
        if inputs.truncate:
            texts = [text[: self._scorer.conditions.max_characters] for text in texts]
        assessments = await judge(call, texts)
        answers = [predictions(one, raw_scores=inputs.raw_scores) for one in assessments]
        why = why_unscorable(assessments, self._scorer, inputs.name) or why_unlabelled(
            assessments, self._scorer, inputs.name
        )
        if why is not None:
            raise Refusal(Why.BAD_REQUEST, why)
        return json_response(answers if inputs.batch else answers[0])

    async def info(self, call: Call) -> Response:
        """Tell the bundle and the limits."""
        del call
        return json_response(self._info)

    async def health(self, call: Call) -> Response:
        """Say whether requests are taken."""
        if not call.service.engine.ready:
            raise Refusal(Why.STOPPING, "the server takes no requests: it is starting or stopping")
        return Response()
