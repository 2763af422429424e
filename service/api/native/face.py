"""The native face: every field of an assessment, and what it was made by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.service.api.native.items import assess_bodies
from tocsin.service.api.native.ndjson import assess_lines, is_ndjson
from tocsin.service.api.native.ndjson_description import ABOUT_NDJSON, NDJSON_DESCRIPTION
from tocsin.service.api.native.problem import PROBLEM_TYPE, problem_response
from tocsin.service.api.native.schemas import (
    AssessRequest,
    AssessResponse,
    ModelResponse,
    PoliciesResponse,
    Problem,
)
from tocsin.service.api.operation import Operation
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.wire import json_response
from tocsin.service.keys import Scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from tocsin.models import Scorer
    from tocsin.service.api.call import Call

__all__ = ["NativeFace"]

_KEYED = {
    400: "The body breaks a rule.",
    401: "No key, or none of this server's.",
    403: "The key lacks the scope.",
    429: "The key's limit is reached.",
    503: "Too much waits already, or the server is stopping.",
}
_FAULT: Final[Any] = {"fault": Problem, "fault_media": PROBLEM_TYPE}
_KNOWN = frozenset(AssessRequest.model_fields)


class NativeFace:
    """Speak tocsin's own format; errors are problem details (RFC 9457)."""

    name = "native"

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer

    @property
    def operations(self) -> Sequence[Operation]:
        """Return what this face answers."""
        return (
            Operation(
                "POST",
                "/v1/assess",
                "assess",
                "Judge up to a thousand texts",
                self.assess,
                Scope.SCORE,
                takes=AssessRequest,
                answers=AssessResponse,
                errors=_KEYED
                | {
                    408: "The body did not arrive in time.",
                    413: "The body is too long.",
                    415: "The body is compressed.",
                    504: "Not scored in time.",
                    507: "Of NDJSON: its answers find no room until they are sent.",
                },
                description=ABOUT_NDJSON,
                also=NDJSON_DESCRIPTION,
                **_FAULT,
            ),
            Operation(
                "GET",
                "/v1/policies",
                "policies",
                "Tell the policies and what each of their levels promises",
                self.policies,
                Scope.SCORE,
                answers=PoliciesResponse,
                errors=_KEYED,
                **_FAULT,
            ),
            Operation(
                "GET",
                "/v1/model",
                "model",
                "Tell the bundle and what it judges",
                self.model,
                Scope.SCORE,
                answers=ModelResponse,
                errors=_KEYED,
                **_FAULT,
            ),
        )

    def refuse(self, refusal: Refusal) -> Response:
        """Return the problem that says `refusal`."""
        return problem_response(refusal)

    async def assess(self, call: Call) -> Response:
        """Judge the items of one body, or of every line of NDJSON."""
        if is_ndjson(call.request):
            return await assess_lines(call)
        body = await call.json()
        items, explain, remember = _read(body, call.service.settings.max_items)
        if explain:
            call.require(Scope.EXPLAIN)
        return json_response(
            {"assessments": await assess_bodies(call, items, explain=explain, remember=remember)}
        )

    async def policies(self, call: Call) -> Response:
        """Tell the policies as fitted."""
        del call
        stamp = self._scorer.policy.stamp
        return json_response(
            {
                "policy": {"version": stamp.version, "digest": stamp.digest},
                "policies": [
                    _fitted(policy, language)
                    for language in sorted(self._scorer.bundle.manifest.languages)
                    for policy in self._scorer.policies(language)
                ],
            }
        )

    async def model(self, call: Call) -> Response:
        """Tell the bundle."""
        del call
        manifest = self._scorer.bundle.manifest
        model = self._scorer.model
        conditions = self._scorer.conditions
        return json_response(
            {
                "model": {"name": model.name, "version": model.version, "digest": model.digest},
                "recipe": self._scorer.bundle.tier.value,
                "signals": {
                    signal.value: {"question": signal.question, "languages": sorted(record.languages)}
                    for signal, record in manifest.signals.items()
                },
                "assume_language": conditions.assume_language,
                "max_characters": conditions.max_characters,
            }
        )


def _read(body: Any, most: int) -> tuple[list[Any], bool, bool]:
    """Return the items, not yet looked at, and both flags; raise Refusal for any other shape."""
    if not isinstance(body, dict) or not isinstance(body.get("items"), list):
        raise Refusal(Why.BAD_REQUEST, 'the body must be an object with a list "items"')
    unknown = sorted(set(body) - _KNOWN)
    if unknown:
        raise Refusal(
            Why.BAD_REQUEST, f"a field must be one of {', '.join(sorted(_KNOWN))}, was {unknown[0][:64]!r}"
        )
    if not 1 <= len(body["items"]) <= most:
        raise Refusal(Why.BAD_REQUEST, f"items must be 1 to {most:,}, was {len(body['items']):,}")
    flags = [body.get("explain", False), body.get("remember", True)]
    if not all(isinstance(flag, bool) for flag in flags):
        raise Refusal(Why.BAD_REQUEST, "explain and remember must be true or false")
    return body["items"], flags[0], flags[1]


def _fitted(policy: Any, language: str) -> dict[str, Any]:
    return {
        "name": policy.policy.name,
        "language": language,
        "severity": policy.policy.severity.value,
        "judged": policy.judged and policy.fitted,
        "missing": [signal.value for signal in policy.missing],
        "gates": [
            {
                "level": record.level,
                "target": record.target,
                "certified": record.certified,
                "confidence": record.confidence,
                "threshold": record.threshold,
                "members": {signal.value: one.threshold for signal, one in record.members.items()},
            }
            for record in policy.records(language)
        ],
    }
