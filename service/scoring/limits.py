"""What the scoring core allows: how much at once, how much waiting, how long."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["EngineLimits"]


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """Bound one scoring core.

    `batch_items` and `batch_characters` bound what is scored at once; `share_items` is what one
    request adds to a batch before the next one's turn. `waiting_items` and `waiting_characters`
    bound what waits: a request that finds an empty core is always let in, whole. `batch_wait_s` is
    how long the core waits for company before it scores.
    """

    batch_items: int = 256
    batch_characters: int = 131_072
    share_items: int = 16
    waiting_items: int = 2_000
    waiting_characters: int = 16_777_216
    batch_wait_s: float = 0.0
