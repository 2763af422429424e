"""`estimates.json`: every figure with its interval, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from tocsin.assessment import Level
from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.record import Record, read_record
from tocsin.service.audit.unsure import Unsure

__all__ = [
    "FORMAT",
    "CutRecord",
    "Difference",
    "EstimatesRecord",
    "FigureRecord",
    "Figures",
    "LevelRecord",
    "PolicyEstimates",
    "SliceRecord",
    "read_estimates",
    "write_estimates",
]

FORMAT: Final = 1

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Difference = Literal["higher", "lower"]


class FigureRecord(Record):
    """Hold a share with its interval of 95%, and the one-sided bounds of 95% where they were asked for."""

    value: Share
    low: Share
    high: Share
    at_least: Share | None = None
    at_most: Share | None = None


class Figures(Record):
    """Hold one figure by the labels alone, and helped by the scores; or say why there is none.

    `labels` is how many labels it rests on, and `hits` how many of them said yes. `more_labels` is how many
    more, drawn in the same way, would halve the interval of `powered`; None where none would.
    """

    labels: Count
    hits: Count
    classical: FigureRecord | None = None
    powered: FigureRecord | None = None
    more_labels: Count | None = None
    why: str | None = None


class LevelRecord(Record):
    """Hold how a level of a policy does: of `flagged` rows at it or above, and of all hits that there are."""

    level: Level
    flagged: Count
    precision: Figures
    recall: Figures


class SliceRecord(Record):
    """Hold the prevalence in one slice; `value` None is null.

    `beside` is the interval to read slices of one column side by side with: all of them hold together in 95
    of 100 samples. `differs` says that the slice is above or below all the rest by that standard.
    """

    value: str | None
    rows: Count
    prevalence: Figures
    beside: FigureRecord | None = None
    differs: Difference | None = None


class CutRecord(Record):
    """Hold the slices of one column; those of fewer than 20 rows are only counted, with their rows."""

    slices: tuple[SliceRecord, ...]
    suppressed: Count
    suppressed_rows: Count


class PolicyEstimates(Record):
    """Hold what the labels say of one policy.

    `credit` is how far its scores were trusted, from 0 to 1. `unlabelled` rows were drawn and have no answer,
    `unsure` ones were answered so; `empty_strata` have not one label and are estimated by their neighbours.
    """

    name: str
    labelled: Count
    unlabelled: Count
    unsure: Count
    empty_strata: Count
    credit: Share | None
    prevalence: Figures
    weighted: Figures | None
    levels: tuple[LevelRecord, ...]
    cuts: Mapping[str, CutRecord]


class EstimatesRecord(Record):
    """Hold the whole file; no text and no id is in it.

    `audit`, `design` and `labels` are the digests of the files that it comes from. `rows` are those that were
    read, unscorable ones among them; rejected ones are in no estimate. `copies` of the rows `drawn` are no
    line of their own: they have the label of a row that they are a copy of, or none as it has none.
    """

    format: Literal[1] = FORMAT
    tocsin: str
    audit: Digest
    design: Digest
    labels: Digest
    confidence: Share
    unsure: Unsure
    rows: Count
    unscorable: Count
    rejected: Count
    drawn: Count
    copies: Count = 0
    weight: str | None
    policies: tuple[PolicyEstimates, ...]


def read_estimates(layout: AuditLayout) -> EstimatesRecord:
    """Return the estimates of an audit; raise InputError, naming the file, where there are none."""
    return read_record(layout.estimates, EstimatesRecord)


def write_estimates(layout: AuditLayout, estimates: EstimatesRecord) -> None:
    """Write the estimates, or replace them."""
    write_durably(layout.estimates, estimates.to_json())
