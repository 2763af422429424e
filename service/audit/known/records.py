"""`known.json`: which texts came again and again, over which time, and which were known before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.record import Record, read_record

__all__ = [
    "FORMAT",
    "ClusterRecord",
    "CountRecord",
    "ExampleRecord",
    "HashAlgorithm",
    "KnownRecord",
    "ListRecord",
    "MatchRecord",
    "MethodRecord",
    "Step",
    "TimesRecord",
    "ValueRecord",
    "ValuesRecord",
    "read_known",
    "write_known",
]

FORMAT: Final = 1

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Levels = Mapping[str, Mapping[str, Count]]


class HashAlgorithm(StrEnum):
    """Name how a normalised text becomes a digest: anybody's, or that of those who share a key."""

    SHA256 = "sha256"
    HMAC_SHA256 = "hmac-sha256"


class Step(StrEnum):
    """Name a step of a calendar; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class MethodRecord(Record):
    """Say how copies were found.

    A shingle is `shingle` characters; texts with fewer than `least_shingles` different ones have exact copies
    only. Near copies share one of `bands` keys, each of `minima` minima, and then at least `similarity` of
    their shingles: counted where both have at most `sketch` different ones, estimated from so many beyond.
    """

    normaliser: str
    shingle: Count
    least_shingles: Count
    bands: Count
    minima: Count
    sketch: Count
    similarity: Share


class CountRecord(Record):
    """Count rows from `first` on, for one step of the calendar, UTC."""

    first: date
    rows: Count


class TimesRecord(Record):
    """Say when rows were posted; `counts` has no step without rows, `untimed` rows have no time."""

    first: datetime
    last: datetime
    untimed: Count
    step: Step
    counts: tuple[CountRecord, ...]


class ValueRecord(Record):
    """Count rows of one value; None is null."""

    value: str | None
    rows: Count


class ValuesRecord(Record):
    """Count rows by value, most first; values of fewer than 20 rows are only counted, with their rows."""

    values: tuple[ValueRecord, ...]
    suppressed: Count
    suppressed_rows: Count


class ExampleRecord(Record):
    """Say where to look: the first row."""

    id: str
    source: Count
    place: Count


class ClusterRecord(Record):
    """Hold rows whose texts are copies of each other, exact or near; `number` is that of the parts' `near`.

    `texts` of them differ. `levels` count rows by policy and level, what a policy could not judge as
    "unjudged". `times` is None where no row has one. `community` and `slices` are by the columns' own names;
    `known` counts rows by the label of the lists that had them.
    """

    number: Count
    rows: Count
    texts: Count
    example: ExampleRecord
    levels: Levels
    times: TimesRecord | None
    community: ValuesRecord | None
    slices: Mapping[str, ValuesRecord]
    known: Mapping[str, Count]


class ListRecord(Record):
    """Identify a list of digests that was read; `with_bands` of its entries say what is near them too."""

    name: str
    digest: Digest
    entries: Count
    with_bands: Count


class MatchRecord(Record):
    """Count rows that a list had, by its label ("" for none): `exact` after normalisation, or else `near`.

    `levels` is None where they are fewer than 20.
    """

    label: str
    exact: Count
    near: Count
    levels: Levels | None


class KnownRecord(Record):
    """Hold the whole file; no text is in it, and of ids those of examples alone.

    `audit` is the digest of the manifest. Of `rows`, `blank` ones have no text, and texts of `short` ones
    have too few shingles to have near copies. `texts` is how many differ; `copied` rows have at least one
    exact copy. `near_clusters` are copies of longer texts, exact or near, and `near_rows` their rows; of
    these clusters, those of at least `least` rows are `listed`, and the largest are in `clusters`. `left_out`
    names columns that are not told, for they have too many values or name persons.
    """

    format: Literal[1] = FORMAT
    tocsin: str
    audit: Digest
    method: MethodRecord
    algorithm: HashAlgorithm
    least: int = Field(ge=2)
    rows: Count
    blank: Count
    short: Count
    texts: Count
    copied: Count
    near_clusters: Count
    near_rows: Count
    listed: Count
    clusters: tuple[ClusterRecord, ...]
    left_out: tuple[str, ...]
    lists: tuple[ListRecord, ...]
    matches: tuple[MatchRecord, ...]


def read_known(layout: AuditLayout) -> KnownRecord:
    """Return what an audit knows of copies; raise InputError, naming the file, where it knows nothing."""
    return read_record(layout.known_record, KnownRecord)


def write_known(layout: AuditLayout, known: KnownRecord) -> None:
    """Write it, or replace it."""
    write_durably(layout.known_record, known.to_json())
