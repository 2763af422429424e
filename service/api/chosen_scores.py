"""A scorer whose scores a test chooses: the twin that tests of the faces run on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tocsin.assessment import Assessment
from tocsin.errors import ScoringError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.item import Item
    from tocsin.models import Scorer
    from tocsin.signals import Signal

__all__ = ["FAILING", "ChosenScores"]

FAILING = "a text that cannot be scored"


class ChosenScores:
    """Score as `scorer` does, but give every text with a word of `words` in it the scores that stand there.

    `seen` holds every item, in order. A text with `fails` in it cannot be scored.
    """

    def __init__(
        self, scorer: Scorer, words: Mapping[str, Mapping[Signal, float | None]], fails: str = FAILING
    ) -> None:
        self._scorer = scorer
        self._words = words
        self._fails = fails
        self.seen: list[Item] = []

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Answer every item, in order."""
        self.seen.extend(items)
        if any(self._fails in item.text for item in items):
            raise ScoringError("a test chose this")
        return [
            self._chosen(item, one)
            for item, one in zip(items, self._scorer.assess(items, explain=explain), strict=True)
        ]

    def _chosen(self, item: Item, made: Assessment) -> Assessment:
        if made.reason is not None:
            return made
        signals = dict(made.signals)
        for word, scores in self._words.items():
            if word in item.text:
                signals.update(scores)
        return replace(made, signals=signals)
