"""How an item came, and why a person looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.assessment import Level, Status
from tocsin.service.review.cutting import cut
from tocsin.service.review.queue import Queue
from tocsin.service.review.replay.kept import Kept

__all__ = ["Arrival", "arrival_of"]

_FLAGGING = {Level.REVIEW.value, Level.URGENT.value}


@dataclass(frozen=True, slots=True)
class Arrival:
    """Hold what came with an item, counts in the place of texts, and the reasons to look at it.

    `id` is the platform's, or the one that stands for a sampled post; `own_id` the platform's id of that.
    `characters` and `words` are None where no text is kept. Each reason says in `why`: level, unscorable,
    random, learning, notice, order, correction, appeal, golden or sample. None: nobody asked for a look.
    """

    item: int
    id: str | None
    own_id: str | None
    received_at: datetime
    posted_at: datetime | None
    language: str | None
    hint: str | None
    community: str | None
    reach: int | None
    characters: int | None
    words: int | None
    thread: int
    text_digest: str
    erased_at: datetime | None
    erase_asked_at: datetime | None
    reasons: Sequence[Mapping[str, Any]]


def arrival_of(kept: Kept) -> Arrival:
    """Return how an item came."""
    item = kept.item
    return Arrival(
        item=kept.number,
        id=item.platform_id,
        own_id=None if kept.sample is None else kept.sample.own_id,
        received_at=item.received_at,
        posted_at=item.posted_at,
        language=item.language,
        hint=item.hint,
        community=item.community,
        reach=item.reach,
        characters=None if item.text is None else len(item.text),
        words=None if item.text is None else len(cut(item.text).words),
        thread=len(item.thread or ()),
        text_digest=item.digest.hex(),
        erased_at=item.erased_at,
        erase_asked_at=item.erase_asked_at,
        reasons=tuple(_reasons(kept)),
    )


def _reasons(kept: Kept) -> Iterator[Mapping[str, Any]]:
    sample = kept.sample
    if sample is not None:
        yield {
            "why": "sample",
            "design": sample.design,
            "audit": sample.audit,
            "source": sample.source,
            "place": sample.place,
            "probability": sample.probability,
            "asked": list(sample.policies),
        }
    golden = any(task.queue == Queue.GOLDEN.value for task in kept.tasks.values())
    if golden:
        yield {"why": "golden"}
    elif kept.item.level in _FLAGGING:
        yield {"why": "level", "level": kept.item.level, "flagged": list(kept.flagged)}
    elif _unscorable(kept):
        yield {"why": "unscorable", "reason": (kept.item.assessment or {}).get("reason")}
    for task in kept.tasks.values():
        if task.inclusion is not None:
            yield {"why": "random", "probability": task.inclusion, "task": task.id}
    if kept.learnt is not None:
        yield {"why": "learning", "probability": kept.learnt.chance}
    for row in kept.notices.values():
        yield {"why": row.kind, "notice": row.id, "source": row.source, "task": row.task}
    for row in kept.appeals.values():
        yield {"why": "appeal", "appeal": row.id, "source": row.source, "task": row.task}


def _unscorable(kept: Kept) -> bool:
    """Say whether the model could not judge it; of an erased item its queue tells."""
    if kept.sample is not None:
        return False
    told = kept.item.assessment
    if told is not None:
        return told.get("status") == Status.UNSCORABLE.value or kept.item.level is None
    return any(task.queue == Queue.UNSCORABLE.value for task in kept.tasks.values())
