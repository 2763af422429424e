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

__all__ = ["assess_bodies"]


async def assess_bodies(
    call: Call, bodies: Sequence[Any], *, explain: bool = False, remember: bool = True, first: int = 0
) -> list[dict[str, Any]]:
    """Return one answer for each body, in order: an assessment, or why there is none.

    `first` is the place of the first body, which names an item without an id. Raises Refusal.
    """
    read = [_read(body, first + place) for place, body in enumerate(bodies)]
    items = [one for one in read if isinstance(one, Item)]
    outcomes = iter(await call.assess(items, explain=explain, remember=remember) if items else [])
    return [_answer(one, next(outcomes)) if isinstance(one, Item) else one for one in read]


def _read(body: Any, place: int) -> Item | dict[str, Any]:
    try:
        given = ItemBody.model_validate(body, strict=False)
    except ValidationError as error:
        return _error(_named(body, place), "bad_item", first_fault(error))
    return Item(
        id=str(place) if given.id is None else given.id,
        text=given.text,
        language=given.language,
        time=given.time,
        community=given.community,
    )


def _answer(item: Item, outcome: Any) -> dict[str, Any]:
    if isinstance(outcome, ScoringError):
        return _error(item.id, "scoring_failed", str(outcome))
    answer: dict[str, Any] = outcome.to_dict()
    return answer


def _named(body: Any, place: int) -> str:
    name = body.get("id") if isinstance(body, dict) else None
    return name[:512] if isinstance(name, str) and name else str(place)


def _error(name: str, code: str, message: str) -> dict[str, Any]:
    return {"id": name, "error": {"code": code, "message": message}}
