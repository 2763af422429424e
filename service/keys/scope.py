"""What a key may be used for."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Scope"]


class Scope(StrEnum):
    """Name one use of the service."""

    SCORE = "score"  # have texts judged
    EXPLAIN = "explain"  # be told which words moved a score
    FEEDBACK = "feedback"  # suggest scores
    INTAKE = "intake"  # hand items to the review queue, hear what became of them, erase them
    REVIEW = "review"  # work at the review queue, as the reviewer whose key it is
    ADMIN = "admin"  # read metrics and reports
