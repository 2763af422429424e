"""Care for those who read: how they want to read, how much that is severe they read, and when to pause."""

from tocsin.service.review.care.breaks import break_due, worked_for
from tocsin.service.review.care.deadlines import is_pressing, page_pressing
from tocsin.service.review.care.exposure import Exposure, exposure_of
from tocsin.service.review.care.preferences import Preferences, keep_preferences, preferences_of
from tocsin.service.review.care.telling import Care, care_of

__all__ = [
    "Care",
    "Exposure",
    "Preferences",
    "break_due",
    "care_of",
    "exposure_of",
    "is_pressing",
    "keep_preferences",
    "page_pressing",
    "preferences_of",
    "worked_for",
]
