"""What somebody is told of their own reading on every page: how much, and whether a pause is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from tocsin.service.review.care.breaks import break_due
from tocsin.service.review.care.exposure import Exposure, exposure_of
from tocsin.service.review.care.preferences import Preferences
from tocsin.service.review.context import Context
from tocsin.service.review.records.reviewers import Reviewer

__all__ = ["Care", "care_of"]


@dataclass(frozen=True, slots=True)
class Care:
    """Hold what one reviewer read, and for how long they have worked where a pause is due."""

    exposure: Exposure
    worked: timedelta | None

    @property
    def has_words(self) -> bool:
        """Say whether there is anything to tell."""
        return self.worked is not None or bool(self.exposure.read)


def care_of(tx: Connection, context: Context, reviewer: Reviewer, preferences: Preferences) -> Care:
    """Return what to tell a reviewer, and nobody else."""
    return Care(exposure_of(tx, context, reviewer), break_due(tx, context, reviewer, preferences))
