"""The words of an item: its text, what stood before it, what was said of it. Showing them is logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from tocsin.service.review.context import Context
from tocsin.service.review.errors import ConflictError
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.records import Extent
from tocsin.service.review.replay.kept import Kept, read_kept

__all__ = ["Words", "show_words"]


@dataclass(frozen=True, slots=True)
class Words:
    """Hold texts: of the item, and by number what complaints, decisions, measures and holds say."""

    text: str = field(repr=False)
    thread: Sequence[str] = field(repr=False)
    notices: Mapping[int, str] = field(repr=False)
    appeals: Mapping[int, str] = field(repr=False)
    notes: Mapping[int, str] = field(repr=False)
    reasons: Mapping[int, str] = field(repr=False)
    explanations: Mapping[int, str] = field(repr=False)
    holds: Mapping[int, str] = field(repr=False)


def show_words(tx: Connection, context: Context, number: int, by: Actor) -> Words:
    """Return the words of an item, and log that `by` had them; raise ConflictError where no text is kept.

    It counts as no reviewer's view: an order's record does not take it for a look.
    """
    kept = read_kept(tx, number)
    if kept.item.text is None:
        raise ConflictError("the text must be kept to be shown, this item's is gone or never was")
    body = {"extent": Extent.WHOLE.value, "digest": kept.item.digest.hex()}
    append(tx, context.key, Entry(context.clock(), by, Action.REPLAYED, number, body))
    return Words(
        kept.item.text,
        tuple(kept.item.thread or ()),
        _said(kept, "notices", "statement"),
        _said(kept, "appeals", "statement"),
        _said(kept, "decisions", "note"),
        _said(kept, "decisions", "reason"),
        _said(kept, "measures", "explanation"),
        _said(kept, "holds", "reason"),
    )


def _said(kept: Kept, rows: str, column: str) -> dict[int, str]:
    found = {number: getattr(row, column) for number, row in getattr(kept, rows).items()}
    return {number: words for number, words in found.items() if words}
