"""What stood on a reviewer's page when they decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from tocsin.service.review.cutting import cut
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Extent
from tocsin.service.review.replay.kept import Kept

__all__ = ["Screen", "screen_at"]


@dataclass(frozen=True, slots=True)
class Screen:
    """Hold what whoever decided had before them.

    `model_shown` says whether scores, levels and spans were there: all that was kept of them, or nothing.
    `revealed` has the parts that stood open under their claim, by extent (places from 0, numbers of
    complaints), `words_shown` how many of the text's `words` these are: None where no text is kept. `looks`
    counts how often they had the whole text by a key, which leaves nothing on a page. `notices`, `appeals`
    and `earlier` decisions were there by then. `together_with` is the decision on whose page this one was
    made: its own task was never opened.
    """

    queue_shown: str
    model_shown: bool
    claimed_at: datetime | None
    revealed: Mapping[str, Sequence[int | None]]
    words_shown: int | None
    words: int | None
    looks: int
    notices: Sequence[int]
    appeals: Sequence[int]
    earlier: Sequence[int]
    together_with: int | None


def screen_at(kept: Kept, decision: Row[Any], came: Mapping[tuple[str, int], datetime]) -> Screen:
    """Return what stood there at a decision; `came` says when each notice and appeal was taken in."""
    task = kept.tasks[decision.task]
    looks = [row for row in kept.reveals.values() if _under(row, decision)]
    standing = [row for row in looks if row.hidden_at is None or row.hidden_at > decision.made_at]
    revealed: dict[str, list[int | None]] = {}
    for row in standing:
        revealed.setdefault(row.extent, []).append(row.part)
    shown, words = _words(kept, revealed)
    at, second = decision.made_at, _is_second(kept, decision)

    def _seen(row: Row[Any]) -> bool:
        """Say whether an earlier decision was shown: a second reading is made without sight of others'."""
        return not second or (row.task, row.reviewer) == (task.id, decision.reviewer)

    return Screen(
        queue_shown=Queue.SECOND.value if second else task.shown,
        model_shown=not (second or Queue(task.queue).blind),
        claimed_at=task.claimed_at if task.claim == decision.claim else None,
        revealed=revealed,
        words_shown=shown,
        words=words,
        looks=sum(1 for row in looks if row.hidden_at == row.at),
        notices=[
            number
            for number, row in kept.notices.items()
            if came.get(("notice", number), at) <= at and (row.kind == "notice" or not second)
        ],
        appeals=[number for number in kept.appeals if came.get(("appeal", number), at) <= at and not second],
        earlier=[number for number, row in kept.decisions.items() if number < decision.id and _seen(row)],
        together_with=decision.together_with,
    )


def _is_second(kept: Kept, decision: Row[Any]) -> bool:
    """Say whether a decision was made blind: once leads are called over a second reading it is none."""
    task = kept.tasks[decision.task]
    if kept.double is None or kept.double.task != task.id:
        return bool(task.queue == Queue.SECOND.value)
    called = [one.raised_at for one in kept.pages.values() if one.task == task.id]
    return bool(task.queue == Queue.SECOND.value or decision.made_at < min(called, default=decision.made_at))


def _under(look: Row[Any], decision: Row[Any]) -> bool:
    """Say whether somebody looked under the claim that they decided by: what another opened was masked."""
    return bool(look.claim == decision.claim and look.at <= decision.made_at)


def _words(kept: Kept, revealed: Mapping[str, Sequence[int | None]]) -> tuple[int | None, int | None]:
    if kept.item.text is None:
        return None, None
    found = cut(kept.item.text)
    words = len(found.words)
    if Extent.WHOLE.value in revealed:
        return words, words
    shown = {place for place in revealed.get(Extent.WORD.value, ()) if place is not None}
    for sentence in revealed.get(Extent.SENTENCE.value, ()):
        if sentence is not None and sentence < len(found.sentences):
            shown.update(range(*found.sentences[sentence]))
    return len(shown), words
