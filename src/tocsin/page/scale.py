"""Scales with round ends, which intervals that are read side by side share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["Scale", "signed"]

_TICKS: Final = 4
_STEPS: Final = (1, 2, 5, 10)


def signed(text: str) -> str:
    """Return a difference with a real minus; what rounds to nothing has no sign."""
    return text.lstrip("+-") if not text.strip("+-0.") else text.replace("-", "−")


@dataclass(frozen=True, slots=True)
class Scale:
    """Hold the ends of a scale, both round numbers, and the distance of its ticks.

    Numbers are written times `factor`, with `unit` behind. A scale of `differences` holds nought as well.
    """

    low: float
    high: float
    step: float
    factor: float = 1.0
    unit: str = ""
    differences: bool = False

    @classmethod
    def over(
        cls, ends: Iterable[float], *, factor: float = 1.0, unit: str = "", differences: bool = False
    ) -> Scale | None:
        """Return the scale that holds all of these numbers, None where there are none."""
        held = [*ends]
        if not held:
            return None
        held += [0.0] if differences else []
        step = _step(max(held) - min(held))
        low, high = math.floor(min(held) / step + 1e-9), math.ceil(max(held) / step - 1e-9)
        return cls(low * step, max(high, low + 1) * step, step, factor, unit, differences)

    def at(self, value: float) -> float:
        """Return where a value stands, in percent of the scale's length."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(max(share, 0.0), 1.0), 1)

    @property
    def crosses_nought(self) -> bool:
        """Say whether nought stands inside, where it parts better from worse."""
        return self.differences

    @property
    def ticks(self) -> list[float]:
        """Return its round numbers from end to end."""
        return [
            self.low + place * self.step for place in range(round((self.high - self.low) / self.step) + 1)
        ]

    def written(self, value: float) -> str:
        """Return a round number as short as it goes."""
        scaled = round(self.factor * value, 6)
        text = f"{scaled + 0.0:+g}" if self.differences else f"{scaled + 0.0:g}"
        return signed(text) + self.unit

    def whisker(self, low: float, value: float, high: float) -> str:
        """Return where a whisker stands, as CSS properties: ends, dot, and nought if that matters."""
        places = {"a": self.at(low), "b": self.at(high), "v": self.at(value)}
        places |= {"z": self.at(0.0)} if self.crosses_nought else {}
        return ";".join(f"--{name}:{place:g}" for name, place in places.items())


def _step(span: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that few ticks take through a span."""
    wanted = max(span, 1e-3) / _TICKS
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(power * factor for factor in _STEPS if power * factor >= wanted * (1 - 1e-9))
