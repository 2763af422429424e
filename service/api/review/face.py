"""The review face: errors as in the native one, every route with who may take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.service.api.native.problem import problem_response
from tocsin.service.api.operation import Operation
from tocsin.service.api.review.leading import LEADING_ROUTES
from tocsin.service.api.review.platform import PLATFORM_ROUTES
from tocsin.service.api.review.route import PLATFORM, Route
from tocsin.service.api.review.taking_in import ItemsAnswer, take_items
from tocsin.service.api.review.takings import ItemsBody
from tocsin.service.api.review.working import WORKING_ROUTES
from tocsin.service.api.wire import json_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from tocsin.service.api.call import Call
    from tocsin.service.api.refusal import Refusal
    from tocsin.service.review import Desk

__all__ = ["ROUTES", "ReviewFace"]


def _elsewhere() -> Any:
    raise AssertionError("intake scores first, outside of the database")


INTAKE: Final = Route(
    "POST",
    "/v1/items",
    "intake",
    "Hand texts to the review queue; each is scored, and taken once however often it comes",
    PLATFORM,
    _elsewhere,
    ItemsAnswer,
    takes=ItemsBody,
)
ROUTES: Final = (INTAKE, *PLATFORM_ROUTES, *WORKING_ROUTES, *LEADING_ROUTES)


class ReviewFace:
    """Answer the platform and its reviewers from one desk."""

    name = "review"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def operations(self) -> Sequence[Operation]:
        """Return what this face answers."""
        return (
            INTAKE.describe(self.intake, scores=True),
            *(route.operation(self._desk) for route in ROUTES if route is not INTAKE),
        )

    def refuse(self, refusal: Refusal) -> Response:
        """Return the problem that says `refusal`."""
        return problem_response(refusal)

    async def intake(self, call: Call) -> Response:
        """Take in the items of one body."""
        return json_response(await take_items(call, self._desk))
