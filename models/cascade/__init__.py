"""The cascade: a cheap tier that clears texts, with a stated bound on what that may lose."""

from tocsin.models.cascade.cascade import Cascade, CascadeReading
from tocsin.models.cascade.checking import is_checked
from tocsin.models.cascade.choice import CHECK, LOSS, ClearingChoice
from tocsin.models.cascade.clearing import Clearing, fit_clearing, least_flagged
from tocsin.models.cascade.closeness import closeness
from tocsin.models.cascade.pairs import Pairs
from tocsin.models.cascade.refit import (
    Refit,
    RefitConditions,
    read_refit,
    refit_document,
    write_refit,
)
from tocsin.models.cascade.traffic import TrafficRows

__all__ = [
    "CHECK",
    "LOSS",
    "Cascade",
    "CascadeReading",
    "Clearing",
    "ClearingChoice",
    "Pairs",
    "Refit",
    "RefitConditions",
    "TrafficRows",
    "closeness",
    "fit_clearing",
    "is_checked",
    "least_flagged",
    "read_refit",
    "refit_document",
    "write_refit",
]
