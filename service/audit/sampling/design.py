"""`sample.json`: how a sample was drawn, so that estimates know how probable each of its rows was."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.record import Record, read_record

__all__ = [
    "FORMAT",
    "CopiesRecord",
    "CopyRecord",
    "DesignRecord",
    "GroupKind",
    "GroupRecord",
    "PolicyRecord",
    "StratumRecord",
    "WeightRecord",
    "design_digest",
    "read_design",
    "write_design",
]

FORMAT: Final = 1

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class PolicyRecord(Record):
    """Hold what the density takes of one policy.

    `scored` rows have its score, whose mean is `score`; `spread` is the mean of the standard deviation that a
    label should have by it. Both means are 0 where no row has a score. `flags` count the rows that it flags
    at each level or above, in the order of `FLAGGING`.
    """

    name: str
    scored: Count
    score: float
    spread: float
    flags: tuple[Count, Count]


class WeightRecord(Record):
    """Name the weight column, with its mean over all rows."""

    column: str
    mean: float = Field(ge=0)


class StratumRecord(Record):
    """Hold one stratum: rows of one group whose density is at least `density`, up to the next one's.

    `bin` is where it begins among the edges of this format. Its rows were drawn with `probability`: `labels`
    of `rows`, those with the lowest hashes up to `last`.
    """

    bin: Count
    density: float
    rows: Count
    labels: Count
    probability: Share
    last: Hash


class GroupKind(StrEnum):
    """Name a kind of group: rows of one value, all others, what any policy flagged, what was not judged."""

    VALUE = "value"
    REST = "rest"
    FLAGGED = "flagged"
    UNJUDGED = "unjudged"


class GroupRecord(Record):
    """Hold rows that were given labels of their own; of a kind other than `VALUE` there is at most one group.

    `value` is that of the column, None for null, and None in groups of other kinds.
    """

    kind: GroupKind
    value: str | None
    rows: Count
    strata: tuple[StratumRecord, ...] = Field(min_length=1)


class CopyRecord(Record):
    """Name a row that was drawn and is not labelled itself: it takes the label of the row `of` another place.

    `of` is that row's source and place.
    """

    source: Count
    place: Count
    of: tuple[Count, Count]


class CopiesRecord(Record):
    """Hold the rows that are copies of others in the sample: exact ones, or `near` ones, too."""

    near: bool
    rows: tuple[CopyRecord, ...]


class DesignRecord(Record):
    """Hold the whole file; no text and no id is in it.

    `audit` is the digest of the manifest of the audit that was sampled. `even`, `weighted` and `flagged` are
    the shares of labels that go to any row, by its weight, and to what was flagged; the rest goes where
    scores leave most open. `by` is the column that groups come from. `copies` is None where each row of the
    sample is labelled.
    """

    format: Literal[1] = FORMAT
    tocsin: str
    audit: Digest
    seed: int = Field(ge=0, lt=2**63)
    asked: int = Field(ge=1)
    rows: Count
    even: Share
    weighted: Share
    flagged: Share
    policies: tuple[PolicyRecord, ...] = Field(min_length=1)
    weight: WeightRecord | None
    by: str | None
    groups: tuple[GroupRecord, ...]
    copies: CopiesRecord | None = None

    @property
    def strata(self) -> tuple[StratumRecord, ...]:
        """Return the strata of all groups, in order: a stratum's number is its place here."""
        return tuple(stratum for group in self.groups for stratum in group.strata)

    @property
    def labels(self) -> int:
        """Return how many rows were drawn."""
        return sum(stratum.labels for stratum in self.strata)


def read_design(layout: AuditLayout) -> DesignRecord:
    """Return how the sample of an audit was drawn; raise InputError, naming the file, where it has none."""
    return read_record(layout.sample_design, DesignRecord)


def design_digest(design: DesignRecord) -> str:
    """Return the digest of the file that holds a design."""
    return f"sha256:{hashlib.sha256(design.to_json()).hexdigest()}"


def write_design(layout: AuditLayout, design: DesignRecord) -> None:
    """Write the design, or replace it."""
    write_durably(layout.sample_design, design.to_json())
