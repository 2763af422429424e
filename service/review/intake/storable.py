"""What no database keeps of a text, replaced: for texts that nobody can be asked to send again."""

from __future__ import annotations

__all__ = ["storable"]


def storable(text: str) -> str:
    """Return `text` with U+FFFD for NUL and for halves of surrogate pairs."""
    return text.replace("\0", "\ufffd").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
