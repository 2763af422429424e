"""Texts judged together, for wire formats that answer for all of them or for none."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from tocsin.assessment import Reason, Status
from tocsin.errors import ScoringError
from tocsin.item import Item
from tocsin.language import UNDETERMINED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tocsin.assessment import Assessment
    from tocsin.models import Scorer
    from tocsin.service.api.call import Call

__all__ = ["judge", "listed", "unscorable_places", "why_unscorable"]

_NAMED: Final = 8  # places that a message names


async def judge(call: Call, texts: Sequence[str]) -> list[Assessment]:
    """Return one assessment a text, in order; raise Refusal, or ScoringError where one failed."""
    assessments = []
    for outcome in await call.assess([Item(str(place), text) for place, text in enumerate(texts)]):
        if isinstance(outcome, ScoringError):
            raise outcome
        assessments.append(outcome)
    return assessments


def unscorable_places(assessments: Sequence[Assessment]) -> list[int]:
    """Return the places of the texts that cannot be judged."""
    return [place for place, one in enumerate(assessments) if one.status is Status.UNSCORABLE]


def why_unscorable(
    assessments: Sequence[Assessment], scorer: Scorer, name: Callable[[int], str] = "inputs[{}]".format
) -> str | None:
    """Return which texts cannot be judged and why, None where all can; `name` names a place.

    No text is quoted.
    """
    why = {place: _why(assessments[place], scorer) for place in unscorable_places(assessments)}
    return listed("that can be judged", why, name)


def listed(rule: str, why: Mapping[int, str], name: Callable[[int], str]) -> str | None:
    """Return that every text must be one `rule`, and `why` which are not, None where there is none."""
    if not why:
        return None
    named = [f"{name(place)} ({reason})" for place, reason in islice(why.items(), _NAMED)]
    more = [f"{len(why) - _NAMED} more"] if len(why) > _NAMED else []
    return f"every text must be one {rule}, was not: {', '.join([*named, *more])}"


def _why(assessment: Assessment, scorer: Scorer) -> str:
    reason = assessment.reason or Reason.LANGUAGE
    return f"{reason.value}: {_WORDS[reason](assessment, scorer)}"


def _language(assessment: Assessment, scorer: Scorer) -> str:
    if assessment.language == UNDETERMINED:
        return "its language cannot be told"
    return f"{assessment.language} is none of {', '.join(sorted(scorer.bundle.manifest.languages))}"


_WORDS: Final[dict[Reason, Callable[[Assessment, Scorer], str]]] = {
    Reason.EMPTY: lambda _, __: "nothing to read",
    Reason.TOO_LONG: lambda _, scorer: f"more than {scorer.conditions.max_characters:,} characters",
    Reason.LANGUAGE: _language,
}
