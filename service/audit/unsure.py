"""What an answer of "unsure" is taken for."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Unsure"]


class Unsure(StrEnum):
    """Name it: no label at all, or one that says that the policy is kept, or broken."""

    UNLABELLED = "unlabelled"
    NO = "no"
    YES = "yes"
