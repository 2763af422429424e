"""Statistics that audits and the review queue share: estimates from counts, with intervals that hold."""

from tocsin.service.statistics.cells import Cells, cut
from tocsin.service.statistics.confidence import CONFIDENCE, at_least, at_most, interval
from tocsin.service.statistics.ratios import Limits, apart, part_of_both
from tocsin.service.statistics.spread import Spread, Step

__all__ = [
    "CONFIDENCE",
    "Cells",
    "Limits",
    "Spread",
    "Step",
    "apart",
    "at_least",
    "at_most",
    "cut",
    "interval",
    "part_of_both",
]
