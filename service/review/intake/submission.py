"""What a platform hands in: a text, what it knows of it, and who complains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tocsin.assessment import Assessment

__all__ = ["Expected", "Judged", "Notice", "NoticeKind", "NoticeSource", "Submission"]


class NoticeKind(StrEnum):
    """Say what somebody asks for."""

    NOTICE = "notice"  # look at it (DSA Article 16)
    ORDER = "order"  # remove it (TCO Article 3)


class NoticeSource(StrEnum):
    """Say who asks."""

    USER = "user"
    TRUSTED_FLAGGER = "trusted_flagger"
    AUTHORITY = "authority"


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold a user's notice or an authority's order about an item.

    `reference` is the platform's own id of it, which makes handing it in twice harmless. `policy` is the one
    it alleges. A `deadline` of None is that of the settings for an order, and none for a notice.
    """

    reference: str
    kind: NoticeKind
    source: NoticeSource
    received_at: datetime | None = None
    deadline: datetime | None = None
    policy: str | None = None
    statement: str | None = field(default=None, repr=False)
    threat_to_life: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """Hold the known answer of a golden item: the policy that it breaks, None where it breaks none."""

    policy: str | None


@dataclass(frozen=True, slots=True)
class Submission:
    """Hold one text as handed in.

    `reach` counts who saw it, or may; `thread` are the texts before it, oldest first. None of it is scored.
    """

    id: str
    text: str = field(repr=False)
    language: str | None = None
    posted_at: datetime | None = None
    community: str | None = None
    reach: int | None = None
    thread: Sequence[str] = field(default=(), repr=False)
    notice: Notice | None = None
    expected: Expected | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Hold a submission and what the model makes of it."""

    submission: Submission
    assessment: Assessment
