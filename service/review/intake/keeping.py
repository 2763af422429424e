"""Keeping a text: only of items that a person is to look at."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, insert, update

from tocsin.assessment import Assessment, Level
from tocsin.service.likeness import bands, shingles
from tocsin.service.review.intake.placing import Placement
from tocsin.service.review.intake.submission import Submission
from tocsin.service.review.store.learning_tables import learning
from tocsin.service.review.store.tables import flags, items, near_bands

__all__ = ["keep_bands", "keep_chance", "keep_flags", "keep_text", "kept"]

_FLAGGING: Final = {Level.REVIEW, Level.URGENT}


def kept(submission: Submission) -> dict[str, Any]:
    """Return what reviewers need to see of an item: the columns that are null where nobody looks."""
    return {
        "text": submission.text,
        "thread": list(submission.thread) or None,
        "community": submission.community,
        "reach": submission.reach,
        "hint": submission.language,
        "posted_at": submission.posted_at,
    }


def keep_text(tx: Connection, number: int, submission: Submission) -> None:
    """Keep a known item's text, and what finds its near-copies."""
    tx.execute(update(items).where(items.c.id == number).values(kept(submission)))
    keep_bands(tx, number, submission.text)


def keep_bands(tx: Connection, number: int, text: str) -> None:
    """Keep what finds an item's near-copies."""
    found = dict.fromkeys(bands(shingles(text)))
    if found:
        tx.execute(insert(near_bands), [{"band": band, "item": number} for band in found])


def keep_chance(tx: Connection, number: int, placement: Placement) -> None:
    """Keep with which probability an item was drawn to learn from, where that or the audit drew it."""
    if placement.learning is not None and (placement.learnt or placement.drawn):
        row = {"item": number, "chance": placement.learning, "drawn": placement.learnt}
        tx.execute(insert(learning), row)


def keep_flags(tx: Connection, number: int, assessment: Assessment) -> None:
    """Keep which policies flagged an item: what their precision is told from."""
    found = [one for one in assessment.policies if one.level in _FLAGGING]
    if found:
        tx.execute(
            insert(flags),
            [{"item": number, "policy": one.name, "level": str(one.level)} for one in found],
        )
