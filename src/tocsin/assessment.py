"""What comes out for one item: the same fields on the command line, on the wire and in audits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from tocsin.signals import Signal

__all__ = [
    "Assessment",
    "Level",
    "ModelStamp",
    "PolicyResult",
    "PolicyStamp",
    "Reason",
    "Span",
    "Standing",
    "Status",
    "Tier",
]

SCORE_DECIMALS = 6


class Status(StrEnum):
    """Say whether the item could be judged at all."""

    SCORED = "scored"
    UNSCORABLE = "unscorable"


class Reason(StrEnum):
    """Say why an item could not be judged."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    LANGUAGE = "language"


class Level(StrEnum):
    """Name where a policy sends an item."""

    NONE = "none"
    REVIEW = "review"
    URGENT = "urgent"


class Tier(StrEnum):
    """Name what a bundle is read as; of an item, the model that had the last word: never the cascade."""

    SCREEN = "screen"
    ENCODER = "encoder"
    CASCADE = "cascade"


@dataclass(frozen=True, slots=True)
class Span:
    """Mark the characters `start` to `end` (code points of the original text, end exclusive).

    `weight` is what they add to the signal's log-odds.
    """

    start: int
    end: int
    signal: Signal
    weight: float


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """Say what one policy makes of an item.

    `score` in [0, 1] is an ordering, not a probability; None where the policy cannot be
    evaluated. `level` is None then too. `certified` says that every target of the policy was
    fitted on enough labelled rows to carry its guarantee. `missing` lists the signals that the
    policy asks for and that are null for this item.
    """

    name: str
    score: float | None
    level: Level | None
    certified: bool
    missing: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelStamp:
    """Identify the bundle that scored an item."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class PolicyStamp:
    """Identify the policy file that judged an item."""

    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Say how far an item lies past the level that it comes nearest to, in log-odds: below 0 it reaches none.

    `judged` is as the model with the last word sees it, `screened` as a cascade's screen saw it that passed
    the text on to the encoder; None where one tier alone judged it.
    """

    judged: float
    screened: float | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """Hold everything that comes out for one item.

    `signals` maps every signal to a calibrated probability in [0, 1], or None where the signal
    was not trained and tested in the item's language. `priority` in [0, 1] orders a queue; None
    where nothing could be judged. `language` is an ISO 639-1 code, or "und" where it could not
    be determined. `checked` says that the screen had cleared the item, and that the encoder read it all the
    same, to see what is lost; `standing` is there where the scorer was asked for it. No field of the document
    has either.
    """

    id: str
    status: Status
    reason: Reason | None
    language: str
    signals: Mapping[Signal, float | None]
    policies: tuple[PolicyResult, ...]
    priority: float | None
    tier: Tier | None
    spans: tuple[Span, ...]
    model: ModelStamp
    policy: PolicyStamp
    checked: bool = False
    standing: Standing | None = field(default=None, compare=False)

    @property
    def level(self) -> Level | None:
        """Return the highest level that any policy reached, None where none could be judged."""
        reached = [_RANKS[result.level] for result in self.policies if result.level is not None]
        return _LEVELS[max(reached)] if reached else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types, fields in the documented order, scores to six decimals."""
        return {
            "id": self.id,
            "status": _NAMES[self.status],
            "reason": _NAMES[self.reason] if self.reason else None,
            "language": self.language,
            "signals": {_NAMES[signal]: _rounded(score) for signal, score in self.signals.items()},
            "policies": [_policy_dict(result) for result in self.policies],
            "priority": _rounded(self.priority),
            "tier": _NAMES[self.tier] if self.tier else None,
            "spans": [_span_dict(span) for span in self.spans],
            "model": {"name": self.model.name, "version": self.model.version, "digest": self.model.digest},
            "policy": {"version": self.policy.version, "digest": self.policy.digest},
        }


# Asking a member for its value takes longer than all else: rows by the million are written.
_NAMES: Final[Mapping[StrEnum, str]] = {
    member: member.value for kind in (Signal, Status, Reason, Level, Tier) for member in kind
}
_LEVELS: Final = tuple(Level)
_RANKS: Final = {level: rank for rank, level in enumerate(_LEVELS)}


def _policy_dict(result: PolicyResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "score": _rounded(result.score),
        "level": _NAMES[result.level] if result.level is not None else None,
        "certified": result.certified,
        "missing": [_NAMES[signal] for signal in result.missing],
    }


def _span_dict(span: Span) -> dict[str, Any]:
    return {
        "start": span.start,
        "end": span.end,
        "signal": span.signal.value,
        "weight": _rounded(span.weight),
    }


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, SCORE_DECIMALS)
