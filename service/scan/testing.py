"""A scorer that needs no model: the twin that tests of scans run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.assessment import (
    Assessment,
    Level,
    ModelStamp,
    PolicyResult,
    PolicyStamp,
    Reason,
    Span,
    Status,
    Tier,
)
from tocsin.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.item import Item

__all__ = ["WordAssessor"]

SIGNAL: Final = Signal.CALL_TO_ACTION
REVIEW_AT: Final = 0.5
URGENT_AT: Final = 0.8


class WordAssessor:
    """Score a text by the heaviest of its words that `weights` knows; blank texts are unscorable."""

    def __init__(
        self, weights: Mapping[str, float], *, certified: bool = True, policy: str = "appeal"
    ) -> None:
        self._weights = weights
        self._certified = certified
        self._policy = policy
        self.batches: list[int] = []

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Answer every item, in order."""
        self.batches.append(len(items))
        return [self._assess(item, explain=explain) for item in items]

    def _assess(self, item: Item, *, explain: bool) -> Assessment:
        score = self._score(item.text)
        return Assessment(
            id=item.id,
            status=Status.UNSCORABLE if score is None else Status.SCORED,
            reason=Reason.EMPTY if score is None else None,
            language=item.language or ("und" if score is None else "en"),
            signals={signal: score if signal is SIGNAL else None for signal in Signal},
            policies=(self._result(score),),
            priority=score,
            tier=None if score is None else Tier.SCREEN,
            spans=self._spans(item.text) if explain else (),
            model=ModelStamp("words", "1", "sha256:0"),
            policy=PolicyStamp("1", "sha256:1"),
        )

    def _score(self, text: str) -> float | None:
        if not text.strip():
            return None
        return max((self._weights.get(word, 0.0) for word in text.lower().split()), default=0.0)

    def _result(self, score: float | None) -> PolicyResult:
        missing = (SIGNAL,) if score is None else ()
        return PolicyResult(self._policy, score, _level(score), self._certified, missing)

    def _spans(self, text: str) -> tuple[Span, ...]:
        found = ((text.lower().find(word), word, weight) for word, weight in self._weights.items())
        return tuple(
            Span(start, start + len(word), SIGNAL, weight) for start, word, weight in found if start >= 0
        )


def _level(score: float | None) -> Level | None:
    if score is None:
        return None
    return Level.URGENT if score >= URGENT_AT else Level.REVIEW if score >= REVIEW_AT else Level.NONE
