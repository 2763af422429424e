"""A platform's policies as read from their file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tocsin.assessment import PolicyStamp
from tocsin.policy.expression import Expression
from tocsin.policy.fitted import Fitted
from tocsin.policy.target import Target
from tocsin.signals import Signal

__all__ = ["Policy", "PolicyDocument", "Severity"]


class Severity(StrEnum):
    """Say how much harm a policy is about."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def weight(self) -> float:
        """Return what a score is multiplied by in an item's priority."""
        return _WEIGHTS[self]


_WEIGHTS: Final = {Severity.LOW: 0.25, Severity.MEDIUM: 0.5, Severity.HIGH: 0.75, Severity.CRITICAL: 1.0}


@dataclass(frozen=True, slots=True)
class Policy:
    """Hold one rule of the platform.

    `may_concern` lists what the policy "may be relevant to" in law: a pointer, never a finding.
    Signals in `requires` make the policy null where they are null; `signals` are all that it asks for.
    """

    name: str
    title: str
    when: Expression
    severity: Severity
    review: Target
    urgent: Target
    requires: frozenset[Signal] = frozenset()
    may_concern: tuple[str, ...] = ()
    signals: frozenset[Signal] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # asked of every batch, and told by walking the whole expression
        object.__setattr__(self, "signals", self.when.signals() | self.requires)


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """Hold a whole policy file; `digest` is the SHA-256 of its bytes.

    `prevalence` in (0, 1) is the share of positives that the platform expects, None where it does
    not say. `fitted` is what its budgets came to, None where nothing was fitted; `rules_digest` is
    the SHA-256 of the file without that table.
    """

    source: str
    version: str
    digest: str
    policies: tuple[Policy, ...]
    prevalence: float | None = None
    rules_digest: str = ""
    fitted: Fitted | None = None

    @property
    def stamp(self) -> PolicyStamp:
        """Return what identifies the file in an assessment."""
        return PolicyStamp(self.version, self.digest)
