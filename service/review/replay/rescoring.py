"""Judging a kept text again, with the very bundle and policy file that it was judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from tocsin.errors import InputError
from tocsin.item import Item
from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.replay.kept import Kept, read_kept
from tocsin.service.scan import Assessor

__all__ = ["Difference", "Rescored", "rescored"]

_PLAIN: Final = ("status", "reason", "language", "tier", "priority")
_STAMPS: Final = (("model", "bundle"), ("policy", "policy file"))
_PER_MILLION: Final = 1_000_000  # scores are kept to six decimals


@dataclass(frozen=True, slots=True)
class Difference:
    """Say where the two assessments part, by the document's own names."""

    field: str
    kept: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Rescored:
    """Hold how many values were compared, what differs, and the language that it was judged in now."""

    compared: int
    differences: Sequence[Difference]
    language: str


def rescored(tx: Connection, context: Context, number: int, assessor: Assessor) -> Rescored:
    """Return where judging the kept text again differs from what was kept, by more than a millionth.

    Raises ConflictError where text or assessment are not kept or the text is another one now, InputError
    where `assessor` is of another bundle or policy file.
    """
    del context
    kept = read_kept(tx, number)
    before = _judged_before(kept)
    item = kept.item
    given = Item(item.platform_id, item.text, item.hint, item.posted_at, item.community)
    (made,) = assessor.assess([given], explain=bool(before.get("spans")))
    now = made.to_dict()
    _check_stamps(before, now)
    values = list(_values(before, now))
    return Rescored(
        len(values), [Difference(*one) for one in values if not _same(one[1], one[2])], now["language"]
    )


def _judged_before(kept: Kept) -> Mapping[str, Any]:
    if kept.item.erased_at is not None:
        raise ConflictError("a text must be there to be judged again, this item was erased")
    if kept.item.text is None:
        raise ConflictError("a text must be kept to be judged again, nobody was to look at this one")
    if kept.item.assessment is None:
        raise ConflictError("an assessment must be kept to compare with, of a sampled text there is none")
    if not kept.text_is_same:
        raise ConflictError("the text must be the one that was judged, it does not fit its digest")
    found: Mapping[str, Any] = kept.item.assessment
    return found


def _check_stamps(before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for name, what in _STAMPS:
        wanted, found = before[name]["digest"], now[name]["digest"]
        if wanted != found:
            raise InputError(f"the {what} must be the one that judged the item, {wanted}, was {found}")


def _values(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name in _PLAIN:
        yield name, before.get(name), now.get(name)
    for signal in sorted({*before["signals"], *now["signals"]}):
        yield f"signals.{signal}", before["signals"].get(signal), now["signals"].get(signal)
    was, become = ({one["name"]: one for one in told["policies"]} for told in (before, now))
    for policy in sorted({*was, *become}):
        for name in ("score", "level", "certified", "missing"):
            yield f"policies.{policy}.{name}", was.get(policy, {}).get(name), become.get(policy, {}).get(name)
    if before.get("spans"):
        yield from _spans(before["spans"], now["spans"])


def _spans(before: Sequence[Any], now: Sequence[Any]) -> Iterator[tuple[str, Any, Any]]:
    was, become = ({(one["start"], one["end"], one["signal"]): one for one in told} for told in (before, now))
    for start, end, signal in sorted({*was, *become}):
        key = (start, end, signal)
        yield f"spans.{signal}.{start}-{end}", *(one.get(key, {}).get("weight") for one in (was, become))


def _same(before: Any, now: Any) -> bool:
    if _is_number(before) and _is_number(now):
        return bool(round(abs(before - now) * _PER_MILLION) <= 1)
    return bool(before == now)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
