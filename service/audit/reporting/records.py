"""`report.json`: all that the page says, for machines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from tocsin.assessment import Level, Tier
from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.estimating.records import EstimatesRecord
from tocsin.service.audit.known.records import KnownRecord
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Counts, ModelRecord, PolicyRecord
from tocsin.service.audit.record import Record
from tocsin.service.scan.format import Compression, Format

__all__ = [
    "FORMAT",
    "CutRecord",
    "FlagsRecord",
    "InputRecord",
    "LanguageRecord",
    "LevelRecord",
    "MissingRecord",
    "Period",
    "PeriodRecord",
    "ReportRecord",
    "SampleRecord",
    "ScoresRecord",
    "SliceRecord",
    "TimeRecord",
    "write_report_record",
]

FORMAT: Final = 1

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class Period(StrEnum):
    """Name how long a stretch of time is that rows are counted by."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class InputRecord(Record):
    """Name one input as it was asked for; where it lay stands in `audit.json` alone."""

    name: str
    format: Format
    compression: Compression | None
    size: Count


class LevelRecord(Record):
    """Count rows of one policy at a level or above.

    `lowest` is the lowest score that was flagged, `highest_below` the highest that was not. Where the second
    is the higher one, the level does not begin at a score: languages differ, or signals have their own.
    """

    level: Level
    flagged: Count
    lowest: Share | None
    highest_below: Share | None

    @property
    def start(self) -> float | None:
        """Return the score at which the level begins, as far as rows tell; None where it is not one score."""
        if self.lowest is None or (self.highest_below or 0.0) > self.lowest:
            return None
        return self.lowest


class LanguageRecord(Record):
    """Hold how one policy's scores lie in one language; null is "no language"."""

    language: str | None
    rows: Count
    levels: tuple[LevelRecord, ...]
    counts: tuple[Count, ...]
    flagged: tuple[Count, ...]
    median: Share
    ninetieth: Share
    ninety_ninth: Share


class ScoresRecord(Record):
    """Hold how the scores of one policy lie.

    `counts` are rows by score, in bins of equal width from 0 to 1, each without its upper end but the last;
    `flagged` those of them that are flagged at `review` or above. Languages of fewer than 20 rows are only
    counted.
    """

    name: str
    judged: Count
    unjudged: Count
    levels: tuple[LevelRecord, ...]
    counts: tuple[Count, ...]
    flagged: tuple[Count, ...]
    languages: tuple[LanguageRecord, ...]
    suppressed: Count
    suppressed_rows: Count
    why: str | None = None


class FlagsRecord(Record):
    """Count the rows that one policy flags at `review` or above, and at `urgent`."""

    review: Count
    urgent: Count


class SliceRecord(Record):
    """Count the rows of one slice; `value` None is null."""

    value: str | None
    rows: Count
    unscorable: Count
    policies: Mapping[str, FlagsRecord]


class CutRecord(Record):
    """Hold the slices of one column, the largest first, or say why it is not cut.

    Those of fewer than 20 rows are only counted, with their rows.
    """

    slices: tuple[SliceRecord, ...]
    suppressed: Count
    suppressed_rows: Count
    why: str | None = None


class PeriodRecord(Record):
    """Count the rows of one period, from its first day on, UTC."""

    start: date
    rows: Count
    unscorable: Count
    policies: Mapping[str, FlagsRecord]


class TimeRecord(Record):
    """Hold the rows by when they were posted, in order; periods of fewer than 20 rows are only counted.

    `untimed` rows have no time, or one before 1970 or after 2099.
    """

    column: str
    period: Period
    periods: tuple[PeriodRecord, ...]
    suppressed: Count
    suppressed_rows: Count
    untimed: Count


class SampleRecord(Record):
    """Say how the sample was drawn: `even`, `weighted` and `flagged` are shares of labels."""

    tocsin: str
    seed: Count
    asked: Count
    drawn: Count
    rows: Count
    strata: Count
    lowest_probability: Share
    highest_probability: Share
    even: Share
    weighted: Share
    flagged: Share
    by: str | None


class MissingRecord(Record):
    """Name what the report cannot say, why, and what would let it."""

    what: str
    why: str
    todo: str


class ReportRecord(Record):
    """Hold the whole file; no text and no id is in it.

    `audit` is the digest of `audit.json`. `findings` are what to know first, a sentence or two for each
    policy. `scores` are by policy, `cuts` by slice column.
    """

    format: Literal[1] = FORMAT
    tocsin: str
    audit: Digest
    scored_by: str
    model: ModelRecord
    policy: PolicyRecord
    tier: Tier
    inputs: tuple[InputRecord, ...]
    started: datetime
    finished: datetime
    seconds: float = Field(ge=0)
    counts: Counts
    findings: Mapping[str, tuple[str, ...]]
    scores: tuple[ScoresRecord, ...]
    cuts: Mapping[str, CutRecord]
    time: TimeRecord | None
    sample: SampleRecord | None
    estimates: EstimatesRecord | None
    known: KnownRecord | None
    missing: tuple[MissingRecord, ...]


def write_report_record(layout: AuditLayout, report: ReportRecord) -> None:
    """Write the report for machines, or replace it."""
    write_durably(layout.report_json, report.to_json())
