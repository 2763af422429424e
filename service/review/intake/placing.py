"""Where an item goes, and how soon it is served there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from tocsin.assessment import Assessment, Level, Status
from tocsin.service.review.intake.learning import learning_chance
from tocsin.service.review.intake.submission import NoticeKind, Submission
from tocsin.service.review.queue import Queue
from tocsin.service.review.rules import UNJUDGED, Rules

__all__ = ["Placement", "place", "priority"]

_WIDEST: Final = 1_000_000  # what more people see weighs no more
_LEVELS: Final = {Level.URGENT: Queue.URGENT, Level.REVIEW: Queue.REVIEW}


@dataclass(frozen=True, slots=True)
class Placement:
    """Say where an item goes: `queue` None is nowhere, for nothing asks a person to look.

    `inclusion` is the probability with which the random audit draws an item like it, None where the model
    flagged it, could not judge it, or its answer is known: those the audit never draws. `drawn` says that it
    drew this one, whichever queue it goes to: what is reported must not be missing from the audit. `shown` is
    the queue that reviewers see: of a golden item the one where it would lie if its answer were not known.
    `learning` is the probability with which it is drawn to learn from, None where nothing like it is, and
    `learnt` says that it was: what the audit or a notice has a person look at is not asked about twice.
    """

    queue: Queue | None
    priority: float
    inclusion: float | None
    drawn: bool
    shown: Queue | None
    learning: float | None = None
    learnt: bool = False

    @property
    def audited(self) -> float | None:
        """Return the probability where the audit drew it, None where it did not."""
        return self.inclusion if self.drawn else None


def place(
    submission: Submission, assessment: Assessment, drawn: float, rules: Rules, learn: float = 1.0
) -> Placement:
    """Return where an item goes; `drawn` in [0, 1) decides whether the random audit takes it.

    `learn` in [0, 1) decides whether it is drawn to learn from; 1 draws nothing.
    A notice or an order sends it to its own queue whatever the model says, but for what is more urgent.
    """
    queue, inclusion = _by_model(assessment, drawn, rules.audit_share)
    if submission.expected is not None:
        weight = priority(assessment, submission.reach, rules.reach_weight)
        return Placement(Queue.GOLDEN, weight, None, drawn=False, shown=queue or Queue.RANDOM)
    learning = None
    if inclusion is not None and rules.learning_share:
        learning = learning_chance(assessment.standing, rules.learning_share)
    learnt = learning is not None and learn < learning
    if queue is None and learnt:
        queue = Queue.LEARNING
    if submission.notice is not None and submission.notice.kind is NoticeKind.ORDER:
        queue = Queue.ORDERS
    elif submission.notice is not None and queue is not Queue.URGENT:
        queue = Queue.NOTICES
    is_drawn = inclusion is not None and drawn < inclusion
    weight = priority(assessment, submission.reach, rules.reach_weight)
    return Placement(queue, weight, inclusion, is_drawn, queue, learning, learnt)


def priority(assessment: Assessment, reach: int | None, weight: float) -> float:
    """Return severity times score at the platform's prevalence, times what its reach makes of it.

    In [0, 1]; an item that could not be judged gets the middle, and one of unknown reach loses nothing.
    """
    score = UNJUDGED if assessment.priority is None else assessment.priority
    if reach is None:
        return score
    seen = min(1.0, math.log1p(reach) / math.log1p(_WIDEST))
    return score * (1 - weight + weight * seen)


def _by_model(assessment: Assessment, drawn: float, share: float) -> tuple[Queue | None, float | None]:
    level = assessment.level
    if assessment.status is Status.UNSCORABLE or level is None:
        return Queue.UNSCORABLE, None
    if level in _LEVELS:
        return _LEVELS[level], None
    return (Queue.RANDOM if drawn < share else None), share
