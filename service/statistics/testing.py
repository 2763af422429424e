"""Made-up reviewers, whose agreement is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tocsin.service.statistics.readings import Readings

__all__ = ["Reviewers"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reviewers:
    """Hold people who err independently: of what is in truth one label, they say each with some probability.

    Label 0 is none; `prevalence` of the items have another, the first half as often as the next. Of such, a
    reader sees nothing in a share `missed`, and names something where there is nothing in a share `invented`.
    """

    prevalence: float
    labels: int = 2
    missed: float = 0.15
    invented: float = 0.03

    @property
    def truths(self) -> Floats:
        """Return how common each label is."""
        falling = 0.5 ** np.arange(1, self.labels)
        return np.concatenate([[1 - self.prevalence], self.prevalence * falling / falling.sum()])

    @property
    def says(self) -> Floats:
        """Return with which probability each label is said of each, ``(truth, said)``."""
        said = np.diag(np.full(self.labels, 1 - self.missed))
        said[1:, 0] = self.missed
        said[0] = self.invented / (self.labels - 1)
        said[0, 0] = 1 - self.invented
        return said

    @property
    def pairs(self) -> Floats:
        """Return how often two readings pair each label with each."""
        return np.asarray(np.einsum("t,ta,tb->ab", self.truths, self.says, self.says))

    @property
    def plain(self) -> float:
        """Return the share of pairs that agree."""
        return float(np.trace(self.pairs))

    @property
    def kappa(self) -> float:
        """Return the agreement beyond chance."""
        chance = float((self.pairs.sum(axis=0) ** 2).sum())
        return (self.plain - chance) / (1 - chance)

    def read(
        self, random: np.random.Generator, items: int, most: int = 2, shares: tuple[float, float] = (1, 1)
    ) -> Readings:
        """Return readings of about so many items, by two people each, or by 1 to `most` of them.

        `shares` are the probabilities with which an item is drawn to be read that has a label, and that has
        none: a model that flags the one and not the other draws so.
        """
        rates = np.array([shares[1], *[shares[0]] * (self.labels - 1)])
        came = round(items / float((self.truths * rates).sum()))
        truth = random.choice(self.labels, came, p=self.truths)
        truth = truth[random.random(came) < rates[truth]]
        times = np.full(len(truth), most) if most == _PAIR else random.integers(1, most + 1, len(truth))
        item = np.repeat(np.arange(len(truth)), times)
        rater = np.arange(len(item)) - np.repeat(np.cumsum(times) - times, times)
        levels = np.cumsum(self.says, axis=1)[truth[item]]
        label = np.minimum((random.random(len(item))[:, None] >= levels).sum(axis=1), self.labels - 1)
        return Readings(item, rater, label, 1 / rates[truth][item])

    def decide_twice(
        self, random: np.random.Generator, pairs: int, shares: tuple[float, float] = (1, 1)
    ) -> Readings:
        """Return about so many items that two people read, the second of a draw from what the first said.

        `shares` are the probabilities with which an item is drawn whose first reading named something, and
        nothing: double review draws so, by what was said and not by what is true.
        """
        first = self.pairs.sum(axis=1)
        came = round(pairs / float(first[0] * shares[1] + first[1:].sum() * shares[0]))
        cells = random.choice(self.labels**2, came, p=self.pairs.ravel())
        rates = np.where(cells // self.labels > 0, shares[0], shares[1])
        drawn = random.random(came) < rates
        cells, rates = cells[drawn], rates[drawn]
        label = np.stack([cells // self.labels, cells % self.labels], axis=1).ravel()
        rater = np.tile(np.arange(_PAIR), len(cells))
        return Readings(np.repeat(np.arange(len(cells)), _PAIR), rater, label, np.repeat(1 / rates, _PAIR))


_PAIR = 2
