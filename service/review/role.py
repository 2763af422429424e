"""What a reviewer may do."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Role"]


class Role(IntEnum):
    """Rank those who work at the queue; each may do what those before it may."""

    REVIEWER = 1  # claims and decides
    SENIOR = 2  # decides what was escalated, reassigns, decides near-copies together
    LEAD = 3  # answers pages, holds items, undoes others' decisions, reads the log's head
    ADMIN = 4  # makes reviewers, sends dead letters again

    @property
    def word(self) -> str:
        """Return the role as files and bodies write it."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Role:
        """Return the role that `word` names; raise ValueError that lists them."""
        for role in cls:
            if role.word == word:
                return role
        raise ValueError(f"a role must be one of {', '.join(role.word for role in cls)}, was {word[:40]!r}")
