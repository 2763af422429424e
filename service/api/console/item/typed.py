"""What somebody typed into the decision form: kept where it is shown again, read where it is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tocsin.errors import InputError
from tocsin.service.api.console.asked import Asked
from tocsin.service.review.decisions import Said, answered
from tocsin.service.review.verdict import Verdict

__all__ = ["Typed", "said_in", "typed_in"]

_LONGEST: Final = 10_000
_REASONS: Final[Mapping[Verdict, str]] = {
    Verdict.ESCALATE: "escalate_reason",
    Verdict.SKIP: "skip_reason",
}
_NUMBER: Final = 18  # digits


@dataclass(frozen=True, slots=True)
class Typed:
    """Hold the fields of the form as they came, line ends as they are everywhere else."""

    policy: str = ""
    note: str = field(default="", repr=False)
    escalate_reason: str = field(default="", repr=False)
    skip_reason: str = field(default="", repr=False)
    chosen: frozenset[int] = frozenset()
    breaks: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def typed_in(asked: Asked) -> Typed:
    """Return what the form brings, whatever it is: of a text what could never be kept is cut off."""
    return Typed(
        breaks=tuple(asked.form_list("breaks")),
        unsure=tuple(asked.form_list("unsure")),
        policy=asked.form.get("policy", ""),
        note=_words(asked, "note"),
        escalate_reason=_words(asked, "escalate_reason"),
        skip_reason=_words(asked, "skip_reason"),
        chosen=frozenset(
            int(one)
            for one in asked.form_list("alike")
            if one.isascii() and one.isdecimal() and len(one) <= _NUMBER
        ),
    )


def said_in(asked: Asked) -> Said:
    """Return what the form says of the item; raise InputError where it says nothing that can be said.

    The form of a sampled text asks about every policy, and says so by a field.
    """
    typed = typed_in(asked)
    try:
        verdict = Verdict(asked.form.get("verdict", ""))
    except ValueError:
        raise InputError(f"a verdict must be one of {', '.join(Verdict)}") from None
    reason = getattr(typed, _REASONS[verdict]) if verdict in _REASONS else None
    if asked.form.get("every") == "policy":
        return _answered(typed, verdict, reason)
    confirms = verdict is Verdict.CONFIRM
    if confirms and not typed.policy:
        raise InputError("choose the policy that it breaks, then confirm")
    return Said(verdict, typed.policy if confirms else None, reason, typed.note or None)


def _answered(typed: Typed, verdict: Verdict, reason: str | None) -> Said:
    if verdict is Verdict.CONFIRM and not typed.breaks:
        raise InputError("tick every policy that it breaks, then say so; where it breaks none, say that")
    if verdict is Verdict.DISMISS and typed.breaks:
        raise InputError("a text that breaks none must have none ticked: untick it, or say that it breaks it")
    if not verdict.final:
        return answered(verdict, reason=reason, note=typed.note or None)
    return answered(verdict, typed.breaks, typed.unsure, reason, typed.note or None)


def _words(asked: Asked, name: str) -> str:
    given = asked.form.get(name, "").replace("\r\n", "\n").replace("\0", "").strip()
    return given[: _LONGEST + 1]  # one too many is refused in words
