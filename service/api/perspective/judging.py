"""A comment judged in the language that it is in, whatever its sender says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tocsin.assessment import Assessment, Reason
from tocsin.item import Item
from tocsin.language import CERTAINTY, UNDETERMINED, identify, primary_subtag, resolve
from tocsin.service.api.perspective.fault import ErrorType, Fault, language_not_supported
from tocsin.service.api.perspective.sentences import Sentence, sentences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.models import Scorer
    from tocsin.service.api.call import Call
    from tocsin.service.api.perspective.asked import Asked
    from tocsin.service.scoring import Outcome
    from tocsin.signals import Signal

__all__ = ["MOST_SENTENCES", "Judged", "detected_language", "judge"]

MOST_SENTENCES: Final = 200  # of more, neighbours are scored together


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold what came out: the language it was judged in, the one detected, all signals.

    All signals of a sentence that cannot be judged are null.
    """

    language: str
    detected: str
    whole: Mapping[Signal, float | None]
    parts: Sequence[tuple[Sentence, Mapping[Signal, float | None]]]


def detected_language(text: str) -> str:
    """Return the language that `text` is certainly in, else "und"."""
    code, probability = identify(text)
    return code if probability >= CERTAINTY else UNDETERMINED


async def judge(call: Call, asked: Asked, scorer: Scorer) -> Judged:
    """Return what `asked` scored, sentences included where it asks for them.

    Raises Fault where it cannot be judged, ScoringError where that failed, Refusal.
    """
    _refuse_requested(asked, scorer)
    usual = scorer.conditions.assume_language
    assumed = primary_subtag(asked.languages[0]) if asked.languages else usual
    detected, hint = UNDETERMINED, None
    if asked.by_sentence or assumed != usual:  # else the scorer's own detection does: once is enough
        detected, hint = resolve(asked.text, None, assumed)
        if hint is None:
            raise _undetected()
    parts = sentences(asked.text, MOST_SENTENCES) if asked.by_sentence else []
    items = [Item(str(place), text, hint) for place, text in enumerate(_texts(asked, parts))]
    whole, *rest = map(_assessment, await call.assess(items, remember=asked.remember))
    if hint is None:
        detected = whole.language
    language = hint or (assumed if detected == UNDETERMINED else detected)
    _refuse_unscorable(whole, language, detected, asked)
    return Judged(
        language or UNDETERMINED,
        detected,
        whole.signals,
        [(part, one.signals) for part, one in zip(parts, rest, strict=True)],
    )


def _texts(asked: Asked, parts: Sequence[Sentence]) -> list[str]:
    return [asked.text, *(part.text for part in parts)]


def _assessment(outcome: Outcome) -> Assessment:
    if isinstance(outcome, Assessment):
        return outcome
    raise outcome


def _refuse_requested(asked: Asked, scorer: Scorer) -> None:
    """Raise Fault where an attribute's signal does not know all of the languages that were named."""
    if asked.drop_unsupported:
        return
    records = scorer.bundle.manifest.signals
    for wanted in asked.wanted if asked.languages else ():
        known = records[wanted.signal].languages if wanted.signal in records else {}
        unknown = [tag for tag in asked.languages if primary_subtag(tag) not in known]
        if unknown:
            raise language_not_supported(wanted.name, unknown, [detected_language(asked.text)])


def _refuse_unscorable(whole: Assessment, language: str | None, detected: str, asked: Asked) -> None:
    if whole.reason is Reason.EMPTY:
        raise Fault(ErrorType.COMMENT_EMPTY, "Comment must be non-empty.")
    if whole.reason is Reason.TOO_LONG:
        raise Fault(ErrorType.COMMENT_TOO_LONG, "Comment text too long.")
    if whole.reason is Reason.LANGUAGE:
        if language is None or whole.language == UNDETERMINED:
            raise _undetected()
        raise language_not_supported(asked.wanted[0].name, [language], [detected])


def _undetected() -> Fault:
    return Fault(ErrorType.LANGUAGE_DETECTION_FAILED, "Unable to detect language")
