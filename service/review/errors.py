"""What the review queue refuses, and what keeps it from working.

    ReviewError             a request that the queue cannot grant
    ├── UnknownError            there is nothing by that name
    ├── ConflictError           it is no longer as the request takes it to be
    └── ForbiddenError          whoever asks may not
    StoreError              the database cannot answer now; nothing of the request was stored
    ├── StoreAwayError          it is away, restarting or too busy: come back
    ├── StoreFullError          its disk is full
    └── StoreVersionError       its tables are of another version

They never leave the service: the face puts them into its own words, the command line into one line.
"""

from __future__ import annotations

from tocsin.errors import TocsinError

__all__ = [
    "ConflictError",
    "ForbiddenError",
    "ReviewError",
    "StoreAwayError",
    "StoreError",
    "StoreFullError",
    "StoreVersionError",
    "UnknownError",
]


class ReviewError(TocsinError):
    """Refuse what the queue cannot grant; say which rule, never a text."""


class UnknownError(ReviewError):
    """Say that there is no such item, task, claim, decision or reviewer."""


class ConflictError(ReviewError):
    """Say what has become of it meanwhile."""


class ForbiddenError(ReviewError):
    """Say who may."""


class StoreError(TocsinError):
    """Say that the database cannot answer now; nothing of the request was stored."""


class StoreAwayError(StoreError):
    """Say that the database is away, restarting or too busy."""


class StoreFullError(StoreError):
    """Say that the database's disk is full; what was stored stays."""


class StoreVersionError(StoreError):
    """Say that the database's tables are of another version than this code."""
