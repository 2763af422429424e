"""Answers kept for texts that come again, under a keyed hash: no text is kept."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.assessment import Assessment
    from tocsin.item import Item

__all__ = ["Memory"]


class Memory:
    """Keep the last `entries` assessments, least recently used out first; 0 keeps none.

    Keys are BLAKE2b digests under a key that is drawn anew for each process and never leaves it.
    """

    def __init__(self, entries: int) -> None:
        self._most = entries
        self._key = secrets.token_bytes(32)
        self._kept: OrderedDict[bytes, Assessment] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def recall(self, item: Item) -> Assessment | None:
        """Return what was answered for this text and language, under this item's id."""
        if not self._most:
            return None
        digest = self._digest(item)
        kept = self._kept.get(digest)
        if kept is None:
            return None
        self._kept.move_to_end(digest)
        return replace(kept, id=item.id)

    def keep(self, item: Item, assessment: Assessment) -> None:
        """Keep one answer; forget the one that went unused for longest where there are too many."""
        if not self._most:
            return
        self._kept[self._digest(item)] = assessment
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def _digest(self, item: Item) -> bytes:
        hint = item.language or ""
        named = f"{len(hint)}:{hint}{item.text}"  # no hint and text run together as another pair does
        return blake2b(named.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()
