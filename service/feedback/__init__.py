"""Scores that somebody suggests, kept until a reviewer looks at them."""

from tocsin.service.feedback.box import FeedbackBox, FeedbackFullError, SuggestionTooLongError
from tocsin.service.feedback.suggestion import SpanSuggestion, Suggestion

__all__ = [
    "FeedbackBox",
    "FeedbackFullError",
    "SpanSuggestion",
    "Suggestion",
    "SuggestionTooLongError",
]
