"""Intake: texts become items, and items that a person should see become tasks."""

from tocsin.service.review.intake.receipt import Receipt, State
from tocsin.service.review.intake.submission import (
    Expected,
    Judged,
    Notice,
    NoticeKind,
    NoticeSource,
    Submission,
)
from tocsin.service.review.intake.taking_in import take_in

__all__ = [
    "Expected",
    "Judged",
    "Notice",
    "NoticeKind",
    "NoticeSource",
    "Receipt",
    "State",
    "Submission",
    "take_in",
]
