"""Texts in portions that fit the memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["portions"]


def portions(texts: Sequence[str], characters: int) -> Iterator[Sequence[str]]:
    """Cut a list of texts where their characters would pass the bound; a text is never cut."""
    first = held = 0
    for place, text in enumerate(texts):
        if held and held + len(text) > characters:
            yield texts[first:place]
            first, held = place, 0
        held += len(text)
    if first < len(texts):
        yield texts[first:]
