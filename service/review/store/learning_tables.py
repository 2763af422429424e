"""The table of what is learnt from: with which probability items were drawn for that."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Float, ForeignKey, Table

from tocsin.service.review.store.schema import NUMBER, metadata

__all__ = ["learning"]

# One row for each item that the random audit or the learning queue drew while the latter was on. `chance` is
# with which probability this queue draws it, `drawn` whether it did: of what the audit drew alone it is
# needed too, for the label of either stands for what neither drew. It tells no words, and stays when the item
# is erased.
learning: Final = Table(
    "learning",
    metadata,
    Column("item", NUMBER, ForeignKey("items.id"), primary_key=True, autoincrement=False),
    Column("chance", Float, nullable=False),
    Column("drawn", Boolean, nullable=False),
)
