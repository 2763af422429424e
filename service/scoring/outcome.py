"""What comes back for one item, and why a request may get nothing."""

from __future__ import annotations

from typing import TypeAlias

from tocsin.assessment import Assessment
from tocsin.errors import ScoringError, TocsinError

__all__ = ["DeadlinePassedError", "Outcome", "OverloadedError", "StoppingError"]

Outcome: TypeAlias = Assessment | ScoringError


class OverloadedError(TocsinError):
    """Refuse a request because too much waits already; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(message, retry_after)

    def __str__(self) -> str:
        return str(self.args[0])


class DeadlinePassedError(TocsinError):
    """Say that a request was not scored in the time it was given."""


class StoppingError(TocsinError):
    """Refuse a request because the core is stopping or has stopped."""
