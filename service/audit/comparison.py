"""Whether a folder holds the audit that is asked for, and what differs where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tocsin.errors import InputError
from tocsin.service.scan.display import cut, reveal

if TYPE_CHECKING:
    from tocsin.service.audit.layout import AuditLayout
    from tocsin.service.audit.manifest import InputRecord, Manifest

__all__ = ["check_same", "differing"]

COMPARED: Final = ("tocsin", "model", "policy", "tier", "columns", "settings")
SHOWN: Final = 5
CHARACTERS: Final = 200


def check_same(layout: AuditLayout, recorded: Manifest, asked: Manifest) -> None:
    """Raise InputError, with all that differs, where another command than the recorded one would go on."""
    differences = list(_differences(recorded, asked))
    if differences:
        more = len(differences) - SHOWN
        told = "; ".join(differences[:SHOWN]) + (f"; and {more:,} more" if more > 0 else "")
        raise InputError(
            f"{layout.root}: must be a new folder, or be given the command that began it: {told}"
        )


def _differences(recorded: Manifest, asked: Manifest) -> Iterator[str]:
    before, now = recorded.model_dump(mode="json"), asked.model_dump(mode="json")
    for key in COMPARED:
        yield from _of_values(key, before[key], now[key])
    yield from _of_inputs(recorded.inputs, asked.inputs)


def differing(key: str, before: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the name of each value that differs, and both values; of mappings, those within."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys([*before, *now]):
            yield from differing(f"{key} {name}", before.get(name), now.get(name))
    elif before != now:
        yield key, before, now


def _of_values(key: str, before: Any, now: Any) -> Iterator[str]:
    for name, was, is_now in differing(key, before, now):
        yield f"{name} was {_shown(was)}, is {_shown(is_now)}"


def _of_inputs(before: Sequence[InputRecord], now: Sequence[InputRecord]) -> Iterator[str]:
    if len(before) != len(now):
        yield f"inputs were {len(before):,}, are {len(now):,}"
    for one, other in zip(before, now, strict=False):
        if one.name != other.name:
            yield f"an input was {_shown(one.name)}, is {_shown(other.name)}"
            return
        yield from _of_values(
            f"input {reveal(one.name)}:",
            one.model_dump(mode="json", exclude={"name"}),
            other.model_dump(mode="json", exclude={"name"}),
        )


def _shown(value: Any) -> str:
    return reveal(cut(str(value), CHARACTERS))
