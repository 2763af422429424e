"""What a reviewer can say of an item."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Verdict"]


class Verdict(StrEnum):
    """Name what one look at an item came to."""

    CONFIRM = "confirm"  # it breaks a policy, and which
    DISMISS = "dismiss"  # it breaks none
    ESCALATE = "escalate"  # somebody with more say must look
    SKIP = "skip"  # somebody else must look, and why

    @property
    def final(self) -> bool:
        """Say whether the task is done with."""
        return self in {Verdict.CONFIRM, Verdict.DISMISS}
