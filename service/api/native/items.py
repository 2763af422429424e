"""Items as they come over the wire: each judged by its own rules, so that one spoils none of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from tocsin.errors import ScoringError
from tocsin.item import Item
from tocsin.service.api.native.schemas import ItemBody
from tocsin.service.api.validation import first_fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.service.api.call import Call
    from tocsin.service.scoring import Outcome

__all__ = ["answer_body", "assess_bodies", "error_body", "read_body"]


async def assess_bodies(
    call: Call, bodies: Sequence[Any], *, explain: bool = False, remember: bool = True
) -> list[dict[str, Any]]:
    """Return one answer for each body, in order: an assessment, or why there is none; raise Refusal."""
    read = [read_body(body, place) for place, body in enumerate(bodies)]
    items = [one for one in read if isinstance(one, Item)]
    outcomes = iter(await call.assess(items, explain=explain, remember=remember) if items else [])
    return [answer_body(one, next(outcomes)) if isinstance(one, Item) else one for one in read]


def read_body(body: Any, place: int) -> Item | dict[str, Any]:
    """Return an item, or the answer that says which rule it breaks; `place` names one without an id."""
    try:
        given = ItemBody.model_validate(body, strict=False)
    except ValidationError as error:
        return error_body(_named(body, place), "bad_item", first_fault(error))
    return Item(
        id=str(place) if given.id is None else given.id,
        text=given.text,
        language=given.language,
        time=given.time,
        community=given.community,
    )


def answer_body(item: Item, outcome: Outcome) -> dict[str, Any]:
    """Return what an item is answered with."""
    if isinstance(outcome, ScoringError):
        return error_body(item.id, "scoring_failed", str(outcome))
    answer: dict[str, Any] = outcome.to_dict()
    return answer


def _named(body: Any, place: int) -> str:
    name = body.get("id") if isinstance(body, dict) else None
    return name[:512] if isinstance(name, str) and name else str(place)


def error_body(name: str, code: str, message: str) -> dict[str, Any]:
    """Return what stands in the place of an answer."""
    return {"id": name, "error": {"code": code, "message": message}}
