"""`diff.json`: what differs between two audits of the same rows, and what flips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from tocsin.assessment import Tier
from tocsin.service.audit.diffing.states import State
from tocsin.service.audit.manifest import ModelRecord
from tocsin.service.audit.record import Record

__all__ = [
    "FORMAT",
    "CutRecord",
    "DiffRecord",
    "DifferenceRecord",
    "Direction",
    "FlaggedRecord",
    "MoveRecord",
    "PolicyDiff",
    "SampleRecord",
    "ScoresRecord",
    "SideRecord",
    "SliceRecord",
    "StatusRecord",
    "StratumRecord",
]

FORMAT: Final = 1

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]+$")]
Direction = Literal["raised", "lowered"]
Matched = Literal["place", "id"]
Status = Literal["scored", "unscorable", "rejected"]


class SideRecord(Record):
    """Identify one audit: `audit` is the digest of its manifest; `read` and `rejected` count its rows."""

    audit: Digest
    model: ModelRecord
    policy_version: str
    policy_digest: Digest
    tier: Tier
    read: Count
    rejected: Count


class DifferenceRecord(Record):
    """Say what of the two manifests differs, and how."""

    what: str
    a: str | None
    b: str | None


class StatusRecord(Record):
    """Count the rows of one status in A and one in B."""

    a: Status
    b: Status
    rows: Count


class MoveRecord(Record):
    """Count the rows of one state in A and one in B."""

    a: State
    b: State
    rows: Count


class FlaggedRecord(Record):
    """Count the rows at `review` or above in A, in B and in both; `change` is that of their share of rows."""

    a: Count
    b: Count
    both: Count
    change: float | None


class ScoresRecord(Record):
    """Say how far the scores moved of `rows` that have one in both: B less A.

    `higher` and `lower` count what moved by a step of the grid or more. `quantiles` are by their share.
    """

    rows: Count
    higher: Count
    lower: Count
    distance: float
    quantiles: Mapping[str, float]
    rank_correlation: float | None


class SliceRecord(Record):
    """Hold what flips of the rows of one value, None for none."""

    value: str | None
    rows: Count
    judged: Count
    raised: Count
    lowered: Count
    share: Share | None
    flagged: FlaggedRecord


class CutRecord(Record):
    """Hold the slices of one column, the largest first, and how many were too small to be told."""

    slices: tuple[SliceRecord, ...]
    suppressed: Count
    suppressed_rows: Count


class PolicyDiff(Record):
    """Hold what flips under one policy.

    `share` is that of flips among rows `judged` in both, and `agreement` the rest; `lost` have a level in A
    alone, `gained` in B alone.
    """

    name: str
    judged: Count
    raised: Count
    lowered: Count
    share: Share | None
    agreement: Share | None
    kappa: float | None
    lost: Count
    gained: Count
    flagged: FlaggedRecord
    scores: ScoresRecord | None
    moves: tuple[MoveRecord, ...]
    cuts: Mapping[str, CutRecord]


class StratumRecord(Record):
    """Say how many of the flips of one policy in one direction were drawn, each with `probability`."""

    policy: str
    direction: Direction
    rows: Count
    labels: Count
    probability: Share


class SampleRecord(Record):
    """Say how `flips.csv` was drawn."""

    seed: int = Field(ge=0, lt=2**63)
    asked: int = Field(ge=1)
    drawn: Count
    strata: tuple[StratumRecord, ...]


class DiffRecord(Record):
    """Hold the whole file; no text and no id is in it.

    `rows` are those that both audits have; `only_a` and `only_b` count those that one has not. Policies are
    compared that both have by name.
    """

    format: Literal[1] = FORMAT
    tocsin: str
    a: SideRecord
    b: SideRecord
    matched: Matched
    differences: tuple[DifferenceRecord, ...]
    rows: Count
    only_a: Count
    only_b: Count
    statuses: tuple[StatusRecord, ...]
    policies: tuple[PolicyDiff, ...]
    policies_only_a: tuple[str, ...]
    policies_only_b: tuple[str, ...]
    sample: SampleRecord | None
