"""Care for those who read: how they want to read, how much that is severe they read, and when to pause."""

from __future__ import annotations

from tocsin.service.review.care.preferences import Preferences, keep_preferences, preferences_of

__all__ = ["Preferences", "keep_preferences", "preferences_of"]
