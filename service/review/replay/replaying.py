"""Replaying an item: how it came and was judged, what happened, what stood on the page, what is sealed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from tocsin.service.review.context import Context
from tocsin.service.review.replay.arrival import Arrival, arrival_of
from tocsin.service.review.replay.events import Event, events_of
from tocsin.service.review.replay.kept import Kept, read_kept
from tocsin.service.review.replay.sealed import Seal, check_seal, read_logged

__all__ = ["Replay", "replay"]

_JUDGED: Final = (
    "thresholds: the bundle and the policy file of these digests come to them again (--rescore)",
    "under which settings it was judged: tier, assumed language, what the cascade may lose",
    "the assessment in the log: it lies in a table alone, and no seal tells whether it was changed there",
)
_NEVER: Final = (
    "which policy file the page was drawn with when it was decided: its titles and targets",
    "how the reviewer had set the page then: what a press reveals, the order of its parts, how text looks",
    "precedents and near-copies that the page offered, and complaints' words that were erased since",
    "claims that were given back or lapsed; of each task the latest claim alone",
    "queues and deadlines that a task had before a notice moved it",
)
_ERASED: Final = (
    "gone with the erased item: its ids, text and thread, notes, reasons, statements, what the platform told",
    "gone too: the assessment, with its spans and the digests of bundle and policy file",
    "the text's digest in the log, which says nothing without its salt: no text can be compared with it",
)
_BLIND: Final = "an assessment: nothing of what the model says of a sampled text is in the queue at all"
_UNSEEN: Final = "the text: nobody was to look at it"
_UNEXPLAINED: Final = (
    "spans: a text that reached no level is not explained, or it came when there was no time"
)


@dataclass(frozen=True, slots=True)
class Replay:
    """Hold what can be told again of an item; it has no text.

    `assessment` is the document that was kept when the item came, with the stamps of bundle and policy file,
    every signal, policy and span; None where there is none. `not_kept` says in words what cannot be told.
    """

    arrival: Arrival
    assessment: Mapping[str, Any] | None
    events: Sequence[Event]
    seal: Seal
    not_kept: Sequence[str]


def replay(
    tx: Connection, context: Context, number: int, progress: Callable[[int], None] = lambda _: None
) -> Replay:
    """Return the replay of the item of this number, which must be there; the whole log is read for it."""
    kept = read_kept(tx, number)
    rows, findings, logged = read_logged(tx, context, number, progress)
    return Replay(
        arrival=arrival_of(kept),
        assessment=kept.item.assessment,
        events=events_of(kept, logged),
        seal=check_seal(tx, kept, rows, findings, logged),
        not_kept=tuple(_not_kept(kept)),
    )


def _not_kept(kept: Kept) -> list[str]:
    item = kept.item
    if item.erased_at is not None:
        return [*_ERASED, *_NEVER]
    found = [_BLIND] if kept.sample is not None else []
    found += [_UNSEEN] if item.text is None else []
    if item.assessment is not None:
        found += [*([] if item.assessment.get("spans") else [_UNEXPLAINED]), *_JUDGED]
    return [*found, *_NEVER]
