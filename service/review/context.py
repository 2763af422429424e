"""What every piece of the queue's work stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from tocsin.service.review.clock import Clock, now
from tocsin.service.review.log.key import LogKey
from tocsin.service.review.rules import Rules
from tocsin.service.review.settings import ReviewSettings
from tocsin.service.review.webhooks import Endpoint

if TYPE_CHECKING:
    from tocsin.service.review.compliance.file import Compliance

__all__ = ["Context"]


@dataclass(frozen=True)
class Context:
    """Hold the settings, the log's key, who is told of decisions, and the clock.

    `policies` are the names that may be confirmed; None where nobody decides. `compliance` is what the file
    of that name says, None where there is none.
    """

    settings: ReviewSettings
    key: LogKey
    endpoints: Sequence[Endpoint] = ()
    clock: Clock = field(default=now)
    policies: frozenset[str] | None = None
    compliance: Compliance | None = None

    @cached_property
    def rules(self) -> Rules:
        """Return what the settings say about placing."""
        return Rules(
            self.settings.patience,
            self.settings.audit_share,
            self.settings.reach_weight,
            timedelta(minutes=self.settings.order_minutes),
            self.settings.learning_share,
        )
