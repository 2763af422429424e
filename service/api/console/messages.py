"""What a page says of what was just done: a code in its address stands for the words."""

from __future__ import annotations

from typing import Final

__all__ = ["MESSAGES"]

MESSAGES: Final[dict[str, str]] = {
    "signed-out": "You are signed out.",
    "decided": "Decided.",
    "undone": "Undone.",
    "released": "Given back.",
    "kept": "Kept.",
    "nothing": "Nothing waits for you now.",
}
