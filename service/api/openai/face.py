"""The moderations face: OpenAI's format over policies named after its categories."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from tocsin.service.api.judged import judge, listed, unscorable_places, why_unscorable
from tocsin.service.api.openai.categories import Categories
from tocsin.service.api.openai.faults import InputRefusal, error_body
from tocsin.service.api.openai.inputs import read_inputs
from tocsin.service.api.openai.schemas import ModerationFault, ModerationRequest, ModerationResponse
from tocsin.service.api.operation import Operation
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.together import Together
from tocsin.service.api.wire import json_response, refusal_headers
from tocsin.service.keys import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from tocsin.assessment import Assessment
    from tocsin.models import Scorer
    from tocsin.service.api.call import Call
    from tocsin.service.api.settings import ServeSettings

__all__ = ["OpenAIFace"]


class OpenAIFace:
    """Answer moderation requests; every category's policy is read from one file, at the start."""

    name = "openai"

    def __init__(self, scorer: Scorer, settings: ServeSettings) -> None:
        self._scorer = scorer
        self._categories = Categories(scorer, settings.openai_categories)
        self._moderations = Together(self._categories.moderations)  # for one it takes as long as for forty
        self._model = f"{scorer.model.name}-{scorer.model.version}"
        self._clears = settings.openai_unscorable == "clear"

    @property
    def operations(self) -> Sequence[Operation]:
        """Return what this face answers."""
        return (
            Operation(
                "POST",
                "/v1/moderations",
                "moderations",
                "Judge texts by the categories of OpenAI's moderations",
                self.moderations,
                Scope.SCORE,
                takes=ModerationRequest,
                answers=ModerationResponse,
                errors={
                    400: "The body breaks a rule, or a text cannot be judged (code unscorable).",
                    401: "No key, or none of this server's.",
                    403: "The key lacks the scope.",
                    408: "The body did not arrive in time.",
                    413: "The body is too long.",
                    415: "The body is compressed.",
                    429: "The key's limit is reached.",
                    500: "A text could not be scored.",
                    503: "Too much waits already, or the server is stopping.",
                    504: "Not scored in time.",
                },
                description="A category that is applied to nothing was not scored: its 0.0 says nothing.",
                fault=ModerationFault,
            ),
        )

    def refuse(self, refusal: Refusal) -> Response:
        """Return the error that says `refusal`."""
        headers = refusal_headers(refusal)
        if refusal.why is Why.RATE_LIMITED and refusal.retry_after is None:
            headers["X-Should-Retry"] = "false"  # the same request will never pass; the client reads this
        return json_response(error_body(refusal), refusal.why.status, headers)

    async def moderations(self, call: Call) -> Response:
        """Judge the texts of one body."""
        body = await call.json()
        texts = read_inputs(body, call.service.settings.max_items)
        assessments = await judge(call, texts)
        results = await self._moderations(assessments)
        if not self._clears:
            several = _several(body["input"])
            _refuse_unscorable(assessments, self._scorer, several=several)
            self._refuse_unapplied(assessments, results, several=several)
        return json_response(
            {
                "id": f"modr-{secrets.token_hex(16)}",
                "model": self._model,
                "results": results,
            }
        )

    def _refuse_unapplied(
        self, assessments: Sequence[Assessment], results: Sequence[dict[str, Any]], *, several: bool
    ) -> None:
        """Raise InputRefusal where no category at all looked at a text: its `flagged` would say nothing."""
        why = {
            place: f"language: no category is scored in {self._scorer.judged_as(assessments[place])}"
            for place, one in enumerate(results)
            if not any(one["category_applied_input_types"].values())
        }
        name = partial(_name, several=several)
        told = listed("that a category is scored for", why, name)
        if told is not None:
            raise InputRefusal(told, name(min(why)), "unscorable")


def _name(place: int, *, several: bool) -> str:
    return f"input[{place}]" if several else "input"


def _several(given: object) -> bool:
    """Say whether the texts of an input have places: parts are one text, as a string is."""
    return isinstance(given, list) and isinstance(given[0], str)


def _refuse_unscorable(assessments: Sequence[Assessment], scorer: Scorer, *, several: bool) -> None:
    name = partial(_name, several=several)
    why = why_unscorable(assessments, scorer, name)
    if why is not None:
        raise InputRefusal(why, name(unscorable_places(assessments)[0]), "unscorable")
