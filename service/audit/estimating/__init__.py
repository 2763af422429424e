"""Estimates from labels of a sample: how common, how precise, how complete, each with its interval."""

from tocsin.service.audit.estimating.estimating import default_slices, estimate
from tocsin.service.audit.estimating.records import (
    EstimatesRecord,
    FigureRecord,
    Figures,
    PolicyEstimates,
    read_estimates,
    write_estimates,
)

__all__ = [
    "EstimatesRecord",
    "FigureRecord",
    "Figures",
    "PolicyEstimates",
    "default_slices",
    "estimate",
    "read_estimates",
    "write_estimates",
]
