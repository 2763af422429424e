"""What two people said of the same items, for agreement; and how often golden items were told right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import Connection, select

from tocsin.models.thresholds import lower_bound, upper_bound
from tocsin.service.review.context import Context
from tocsin.service.review.quality.period import Period
from tocsin.service.review.quality.weighing import FEWEST, Told
from tocsin.service.review.queue import Queue
from tocsin.service.review.store.phrases import is_standing
from tocsin.service.review.store.tables import decisions, items, tasks
from tocsin.service.statistics.agreement import Agreement, Estimate, agreement, cohen
from tocsin.service.statistics.readings import Readings

__all__ = ["Golden", "PolicyAgreement", "Reading", "agreements", "golden_accuracy"]

_TAIL: Final = 0.025


@dataclass(frozen=True, slots=True)
class Reading:
    """Hold one decision on an item that was decided twice; `policy` None confirmed none.

    `chance` is with which probability the item came to be so; `second` says that it was made blind.
    """

    item: int
    policy: str | None
    second: bool
    chance: float


@dataclass(frozen=True, slots=True)
class PolicyAgreement:
    """Hold agreement on one policy, yes or no; `policy` None is on which policy, if any.

    `second` is Cohen's kappa of first against second readings.
    """

    policy: str | None
    agreement: Agreement
    second: Estimate


@dataclass(frozen=True, slots=True)
class Golden:
    """Hold how often golden items of one policy (None: those that break none) were told right."""

    policy: str | None
    right: int
    accuracy: Told


def agreements(readings: Sequence[Reading]) -> list[PolicyAgreement]:
    """Return agreement over all policies, then by policy; each item weighs one over its chance."""
    names = sorted({one.policy for one in readings if one.policy is not None})
    made = [_agreement(None, readings, [None, *names])]
    return [*made, *(_agreement(name, readings, [None, name]) for name in names)]


def _agreement(
    policy: str | None,
    readings: Sequence[Reading],
    labels: Sequence[str | None],
) -> PolicyAgreement:
    places = {item: place for place, item in enumerate(dict.fromkeys(one.item for one in readings))}
    label = {name: place for place, name in enumerate(labels)}
    seen: dict[int, int] = defaultdict(int)
    columns = []
    for one in sorted(readings, key=lambda each: each.second):
        rater, seen[one.item] = seen[one.item], seen[one.item] + 1
        columns.append((places[one.item], rater, label.get(one.policy, 0), 1 / one.chance))
    told = np.array(columns, np.float64).reshape(-1, 4).T
    item, rater_, label_ = (column.astype(np.int64) for column in told[:3])
    given = Readings(item, rater_, label_, told[3])
    return PolicyAgreement(policy, agreement(given), cohen(given))


def golden_accuracy(tx: Connection, context: Context, period: Period) -> list[Golden]:
    """Return how often golden items that were handed in in a period were told right, by the right answer.

    Over everybody who decided one, and nobody's own; with the exact limits of Clopper and Pearson (1934).
    """
    del context
    query = (
        select(items.c.expected, decisions.c.policy)
        .join(tasks, tasks.c.id == decisions.c.task)
        .join(items, items.c.id == decisions.c.item)
        .where(
            tasks.c.queue == Queue.GOLDEN.value,
            items.c.received_at >= period.since,
            items.c.received_at < period.until,
            *is_standing(),
        )
    )
    right: dict[str | None, list[bool]] = defaultdict(list)
    for row in tx.execute(query):
        if row.expected is not None:  # erased since: nobody knows the answer
            right[row.expected["policy"]].append(row.policy == row.expected["policy"])
    return [_golden(name, right[name]) for name in sorted(right, key=lambda name: (name is None, name or ""))]


def _golden(policy: str | None, told: Sequence[bool]) -> Golden:
    right, count = sum(told), len(told)
    if count < FEWEST:
        return Golden(policy, right, Told(count, why=f"fewer than {FEWEST} decided items, {count}"))
    low, high = (bound(right, count, _TAIL) for bound in (lower_bound, upper_bound))
    return Golden(policy, right, Told(count, right / count, low, high))
