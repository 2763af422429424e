"""What the transparency database answers to a call, read for each statement in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tocsin.service.review.webhooks.asking import Answer

__all__ = ["Receipt", "Verdicts", "receipts_of", "verdicts_of"]

_UUID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_PLACE: Final = re.compile(r"statements?[_.]([0-9]{1,3})(?:[.].*)?")
_LONGEST: Final = {"uuid": 64, "permalink": 500, "created_at": 40}
_LONGEST_WHY: Final = 400


@dataclass(frozen=True, slots=True)
class Receipt:
    """Hold what the transparency database calls a statement that it has stored; None what it did not say."""

    uuid: str | None = None
    permalink: str | None = None
    stored_at: str | None = None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Hold what a call was refused for: why by the statement's place, and those that were stored before."""

    refused: Mapping[int, str] = field(default_factory=dict)
    known: frozenset[int] = frozenset()


def receipts_of(answer: Answer, puids: Sequence[str]) -> dict[str, Receipt]:
    """Return the receipts in an answer by their puids; of a broken answer those that can be read: none."""
    listed = _object(answer.content).get("statements")
    found: dict[str, Receipt] = {}
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and one.get("puid") in puids and _UUID.fullmatch(str(one.get("uuid") or "")):
            found[one["puid"]] = Receipt(*(_word(one, name) for name in _LONGEST))
    return found


def verdicts_of(answer: Answer, puids: Sequence[str]) -> Verdicts:
    """Return which statements of a refused call (422) are at fault; neither is, where it does not say."""
    errors = _object(answer.content).get("errors")
    if not isinstance(errors, dict):
        return Verdicts()
    existing = errors.get("existing_puids")
    known = {str(one) for one in existing} if isinstance(existing, list) else set()
    refused: dict[int, str] = {}
    for name, why in errors.items():
        place = _PLACE.fullmatch(str(name))
        if place and int(place[1]) < len(puids):
            refused[int(place[1])] = _told(why)
        elif len(puids) == 1 and not known:
            refused[0] = "; ".join(filter(None, (refused.get(0), _told({name: why}))))
    stored = {at for at, puid in enumerate(puids) if puid in known}
    stored |= {at for at, why in refused.items() if _is_known(why)}
    return Verdicts({at: why for at, why in refused.items() if at not in stored}, frozenset(stored))


def _is_known(why: str) -> bool:
    return why.startswith("puid:") and ("not unique" in why or "taken" in why)


def _told(why: Any) -> str:
    """Return the fields that were objected to, and what was said, in printable characters."""
    if isinstance(why, dict):
        said = "; ".join(f"{name}: {_first(one)}" for name, one in why.items())
    else:
        said = _first(why)
    return "".join(one if one.isprintable() else " " for one in said)[:_LONGEST_WHY]


def _first(why: Any) -> str:
    return str(why[0]) if isinstance(why, list) and why else str(why)


def _word(one: Mapping[str, Any], name: str) -> str | None:
    word = one.get(name)
    fits = isinstance(word, str) and 0 < len(word) <= _LONGEST[name] and word.isprintable()
    return word if fits else None


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:  # cut short, or no JSON
        return {}
    return found if isinstance(found, dict) else {}
