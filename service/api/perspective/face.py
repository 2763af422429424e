"""The Perspective face: Comment Analyzer `v1alpha1` as its clients know it."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tocsin.errors import SettingsError
from tocsin.service.api.operation import Operation
from tocsin.service.api.perspective.answer import answer
from tocsin.service.api.perspective.asked import read_asked
from tocsin.service.api.perspective.attributes import answered
from tocsin.service.api.perspective.caveats import mapped
from tocsin.service.api.perspective.discovery import (
    ANALYZE,
    DISCOVERY,
    SUGGEST,
    VERSION,
    discovery_document,
    located,
)
from tocsin.service.api.perspective.judging import detected_language, judge
from tocsin.service.api.perspective.refusals import refuse
from tocsin.service.api.perspective.schemas import (
    AnalyzeCommentRequest,
    AnalyzeCommentResponse,
    ErrorResponse,
    SuggestCommentScoreRequest,
    SuggestCommentScoreResponse,
)
from tocsin.service.api.perspective.suggested import read_suggested
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.wire import json_response
from tocsin.service.feedback import FeedbackFullError, Suggestion, SuggestionTooLongError
from tocsin.service.keys import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from tocsin.service.api.call import Call
    from tocsin.service.api.perspective.suggested import Suggested
    from tocsin.service.api.service import Service
    from tocsin.service.feedback import FeedbackBox

__all__ = ["PerspectiveFace"]

_LOG = logging.getLogger(__name__)
_ERRORS = {
    400: "The request breaks a rule: details[0].errorType says which.",
    403: "No key, none of this server's, or one without the scope.",
    408: "The body did not arrive in time.",
    413: "The body is too long.",
    415: "The body is compressed.",
    429: "The key's limit is reached.",
    500: "It could not be scored, or the suggestion not kept: never a low score.",
    503: "Too much waits already, or the server is stopping.",
}


class PerspectiveFace:
    """Speak Perspective's format for the attributes that a signal supports."""

    name = "perspective"

    def __init__(self, service: Service) -> None:
        """Raise SettingsError where the mapping is not good, or feedback has no box to go to."""
        settings = service.settings
        if settings.feedback and service.feedback is None:
            raise SettingsError("feedback must have a box to go to, was given none")
        self._attributes = answered(settings)
        self._document = discovery_document(mapped(settings))
        self._scorer = service.scorer
        self._most_characters = service.scorer.conditions.max_characters
        self._box = service.feedback if settings.feedback else None

    @property
    def operations(self) -> Sequence[Operation]:
        """Return what this face answers."""
        return (
            Operation(
                "POST",
                ANALYZE,
                "analyze",
                "Score a comment",
                self.analyze,
                Scope.SCORE,
                takes=AnalyzeCommentRequest,
                answers=AnalyzeCommentResponse,
                errors=_ERRORS | {504: "Not scored in time."},
                fault=ErrorResponse,
            ),
            Operation(
                "POST",
                SUGGEST,
                "suggestscore",
                "Suggest scores for a comment",
                self.suggest,
                Scope.FEEDBACK,
                takes=SuggestCommentScoreRequest,
                answers=SuggestCommentScoreResponse,
                errors=_ERRORS,
                fault=ErrorResponse,
            ),
            Operation(
                "GET",
                DISCOVERY,
                "discovery",
                "Tell Google's client libraries what is here",
                self.discovery,
                scope=None,
                errors={404: f"Asked for another version than {VERSION}."},
                fault=ErrorResponse,
            ),
        )

    def refuse(self, refusal: Refusal) -> Response:
        """Return the error that says `refusal`."""
        return refuse(refusal)

    async def analyze(self, call: Call) -> Response:
        """Score one comment."""
        body = await call.json()
        asked = read_asked(body, self._attributes, self._most_characters)
        return json_response(answer(asked, await judge(call, asked, self._scorer)))

    async def suggest(self, call: Call) -> Response:
        """Hear what a comment should have scored; keep it only where there is a box for it."""
        body = await call.json()
        suggested = read_suggested(body, self._attributes, self._most_characters)
        call.charge(1)
        detected = detected_language(suggested.text)
        if self._box is not None:
            await _keep(self._box, suggested, detected)
        return json_response(
            {
                "clientToken": suggested.token,
                "detectedLanguages": [detected],
                "requestedLanguages": list(suggested.languages),
            }
        )

    async def discovery(self, call: Call) -> Response:
        """Tell what is here, and under which URL."""
        if call.request.query_params.get("version") != VERSION:
            raise Refusal(Why.NOT_FOUND, f"version must be {VERSION}")
        root = call.service.settings.public_url or str(call.request.base_url)
        document = located(self._document, f"{root.rstrip('/')}/")
        return json_response(document, headers={"Cache-Control": "no-store"})  # it says how it was asked


async def _keep(box: FeedbackBox, suggested: Suggested, detected: str) -> None:
    suggestion = Suggestion(
        time=datetime.now(UTC),
        text=suggested.text,
        scores=suggested.scores,
        spans=suggested.spans,
        languages=suggested.languages,
        detected=detected,
        community=suggested.community,
    )
    try:
        await asyncio.to_thread(box.keep, suggestion)  # it waits for the disk
    except SuggestionTooLongError as error:
        raise Refusal(Why.BODY_TOO_LARGE, str(error)) from None
    except (FeedbackFullError, OSError) as error:
        _LOG.error("a suggested score was not kept: %s", error)
        raise Refusal(Why.INTERNAL, "the suggestion was not kept; the server's log says why") from None
