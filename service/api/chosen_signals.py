"""A scorer whose signals a test chooses: the twin that tests of the faces run on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tocsin.errors import ScoringError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.assessment import Assessment
    from tocsin.item import Item
    from tocsin.models import Scorer
    from tocsin.signals import Signal

__all__ = ["FAILING", "ChosenSignals"]

FAILING = "a text that cannot be scored"


class ChosenSignals:
    """Assess as `scorer` does, but for the signals of the texts in `chosen`; fail over `FAILING`."""

    def __init__(self, scorer: Scorer, chosen: Mapping[str, Mapping[Signal, float | None]]) -> None:
        self._scorer = scorer
        self._chosen = chosen

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Answer every item, in order; raise ScoringError where one is `FAILING`."""
        if any(item.text == FAILING for item in items):
            raise ScoringError("the text could not be scored")
        made = self._scorer.assess(items, explain=explain)
        return [
            replace(one, signals={**one.signals, **self._chosen.get(item.text, {})})
            for one, item in zip(made, items, strict=True)
        ]
