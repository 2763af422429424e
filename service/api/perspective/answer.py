"""Scores as this wire format shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.assessment import SCORE_DECIMALS
from tocsin.language import primary_subtag
from tocsin.service.api.perspective.fault import language_not_supported
from tocsin.service.api.perspective.utf16 import code_units

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.service.api.perspective.asked import Asked, Wanted
    from tocsin.service.api.perspective.judging import Judged
    from tocsin.signals import Signal

__all__ = ["answer"]


def answer(asked: Asked, judged: Judged) -> dict[str, Any]:
    """Return the body that answers `asked`.

    Raises Fault where a signal is null in the language: that is never a score of 0.
    """
    body: dict[str, Any] = {}
    scores = _attribute_scores(asked, judged)
    if scores:
        body["attributeScores"] = scores
    body["languages"] = [_as_asked(judged.language, asked.languages)]
    body["detectedLanguages"] = [judged.detected]
    if asked.token:
        body["clientToken"] = asked.token
    return body


def _as_asked(language: str, tags: Sequence[str]) -> str:
    return next((tag for tag in tags if primary_subtag(tag) == language), language)


def _attribute_scores(asked: Asked, judged: Judged) -> dict[str, Any]:
    values = {wanted: _value(judged.whole, wanted.signal) for wanted in asked.wanted}
    unknown = [wanted for wanted, value in values.items() if value is None]
    if unknown and (not asked.drop_unsupported or len(unknown) == len(values)):
        raise language_not_supported(unknown[0].name, [judged.language], [judged.detected])
    return {
        wanted.name: scores
        for wanted, value in values.items()
        if value is not None and (scores := _scores(wanted, value, asked, judged))
    }


def _scores(wanted: Wanted, value: float, asked: Asked, judged: Judged) -> dict[str, Any]:
    """Return the scores of one attribute, nothing where neither the summary nor any span is high enough."""
    spans = [
        _span(begin, end, score)
        for begin, end, score in _places(wanted.signal, value, asked, judged)
        if score is not None and score >= wanted.threshold
    ]
    if not spans and value < wanted.threshold:
        return {}
    return {"summaryScore": _score(value), **({"spanScores": spans} if spans else {})}


def _places(
    signal: Signal, value: float, asked: Asked, judged: Judged
) -> list[tuple[int, int, float | None]]:
    if not asked.by_sentence:
        return [(0, code_units(asked.text), value)]
    return [(part.begin, part.end, _value(signals, signal)) for part, signals in judged.parts]


def _span(begin: int, end: int, value: float) -> dict[str, Any]:
    return {"begin": begin, "end": end, "score": _score(value)}


def _score(value: float) -> dict[str, Any]:
    return {"value": value, "type": "PROBABILITY"}


def _value(signals: Mapping[Signal, float | None], signal: Signal) -> float | None:
    value = signals.get(signal)
    return None if value is None else round(value, SCORE_DECIMALS)
