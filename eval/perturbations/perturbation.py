"""A perturbation is one way of writing a text otherwise: to evade a filter, or by accident."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

__all__ = ["OF_WORDS", "Change", "Perturbation"]

Change: TypeAlias = Callable[[str, float, random.Random], str]
OF_WORDS = "{:.0%} of words"


@dataclass(frozen=True, slots=True)
class Perturbation:
    """Hold a way of writing otherwise: `about` says in a few words what it does.

    `change` takes a text, a strength and whatever chance decides by, and depends on nothing else.
    `strengths` rise, `default` is one of them, and `unit` writes one. `in_language` has the changes
    of languages for which `change`, made for English, would not do.
    """

    name: str
    about: str
    change: Change
    strengths: tuple[float, ...] = (0.1, 0.3, 1.0)
    default: float = 0.3
    unit: str = OF_WORDS
    in_language: Mapping[str, Change] = field(default_factory=dict)

    def apply(self, text: str, *, seed: str, language: str = "en", strength: float | None = None) -> str:
        """Return `text` written otherwise: for one `seed`, such as a row's id, always the same."""
        change = self.in_language.get(language, self.change)
        draw = random.Random(f"{self.name} {seed}")  # noqa: S311 - to be drawn again, not to be secret
        return change(text, self.default if strength is None else strength, draw)

    def told(self, strength: float) -> str:
        """Return a strength in words."""
        return self.unit.format(strength)
