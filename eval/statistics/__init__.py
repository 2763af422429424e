"""How sure figures are, and whether two differ: intervals, rankings, tests, each with its source."""

from tocsin.eval.statistics.intervals import Estimate, proportion, proportions_apart
from tocsin.eval.statistics.ranking import Ranking

__all__ = ["Estimate", "Ranking", "proportion", "proportions_apart"]
