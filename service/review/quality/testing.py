"""Made-up platforms whose truth is known: what arrives, what the model makes of it, what people decide."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Table, func, insert, select

from tocsin.assessment import Level
from tocsin.policy import Target, TargetKind
from tocsin.service.review.context import Context
from tocsin.service.review.contract_testing import assessed, recipe, unscorable
from tocsin.service.review.digest import digest, new_salt
from tocsin.service.review.quality.arrivals import Arrivals, Fate, Flagged, Group
from tocsin.service.review.quality.evidence import Evidence
from tocsin.service.review.queue import Queue
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import decisions, flags, items, tasks

__all__ = ["SOUP", "Planted", "Platform", "Scored", "plant"]

SOUP: Final = "soup"
_LEVELS: Final = (Level.URGENT, Level.REVIEW, Level.NONE, None)
_QUEUES: Final = dict(zip(_LEVELS, (Queue.URGENT, Queue.REVIEW, Queue.RANDOM, Queue.UNSCORABLE), strict=True))


@dataclass(frozen=True, slots=True)
class Platform:
    """Hold how many items arrive on average, and what share of them breaks the one policy.

    `finds` and `alarms` are how often an item that breaks it, and one that does not, is urgent, for review,
    none of that or not to be judged. The audit draws a share `audit` of what is none of that.
    """

    items: int
    prevalence: float
    audit: float
    finds: Sequence[float] = (0.4, 0.38, 0.2, 0.02)
    alarms: Sequence[float] = (0.001, 0.03, 0.949, 0.02)

    def precision(self, *levels: Level) -> float:
        """Return the share of what is flagged at these levels that breaks the policy."""
        places = [_LEVELS.index(level) for level in levels]
        right = self.prevalence * sum(self.finds[place] for place in places)
        return right / (right + (1 - self.prevalence) * sum(self.alarms[place] for place in places))

    @property
    def missed(self) -> float:
        """Return the share of what breaks the policy that is not flagged."""
        return self.finds[2] + self.finds[3]

    def arrive(self, random: np.random.Generator) -> Arrivals:
        """Return what came in a period, all of it decided."""
        groups, flagged = [], []
        for breaks, share, finds in (
            (True, self.prevalence, self.finds),
            (False, 1 - self.prevalence, self.alarms),
        ):
            for level, rate in zip(_LEVELS, finds, strict=True):
                count = int(random.poisson(self.items * share * rate))
                groups += list(self._groups(random, level, count, SOUP if breaks else None))
                if level in _LEVELS[:2] and level is not None:
                    confirmed = SOUP if breaks else None
                    flagged.append(Flagged(SOUP, level, None, Fate.DECIDED, confirmed, count))
        return Arrivals(groups, flagged)

    def _groups(
        self, random: np.random.Generator, level: Level | None, count: int, confirmed: str | None
    ) -> Iterator[Group]:
        if level is not Level.NONE:
            yield Group(level, None, False, None, Fate.DECIDED, confirmed, count)
            return
        drawn = int(random.binomial(count, self.audit))
        yield Group(level, self.audit, True, None, Fate.DECIDED, confirmed, drawn)
        yield Group(level, self.audit, False, None, Fate.PASSED, None, count - drawn)


@dataclass(frozen=True, slots=True)
class Scored:
    """Hold a platform whose scores are known: normal margins, those of what breaks the policy `apart` higher.

    What has a margin of `cut` or more is flagged and decided, of the rest a share `audit`.
    """

    items: int
    prevalence: float
    apart: float
    audit: float
    cut: float

    def arrive(self, random: np.random.Generator) -> Evidence:
        """Return what is decided of what came in a period."""
        columns = []
        for breaks, share in ((True, self.prevalence), (False, 1 - self.prevalence)):
            margins = random.normal(self.apart * breaks, 1, random.poisson(self.items * share))
            columns.append(np.stack([margins, np.full(len(margins), breaks)]))
        margins, hits = np.concatenate(columns, axis=1)
        flagged = margins >= self.cut
        drawn = ~flagged & (random.random(len(margins)) < self.audit)
        kept = flagged | drawn
        weights = np.where(drawn, (~flagged).sum() / max(int(drawn.sum()), 1), 1.0)
        scores = np.round(1 / (1 + np.exp(-margins)), 6)
        return Evidence.of(scores[kept], hits[kept] > 0, weights[kept], drawn[kept])

    def rate(self, target: Target, threshold: float) -> float:
        """Return what a target bounds, of all that may come."""
        at = min(max(threshold, 1e-9), 1 - 1e-9)
        margin = float(np.log(at / (1 - at)))
        recall, fpr = (1 - NormalDist(mean).cdf(margin) for mean in (self.apart, 0.0))
        right, wrong = self.prevalence * recall, (1 - self.prevalence) * fpr
        precision = right / (right + wrong)
        return {TargetKind.RECALL: recall, TargetKind.PRECISION: precision, TargetKind.FPR: fpr}[target.kind]

    def keeps(self, target: Target, threshold: float) -> bool:
        """Say whether a threshold keeps a target on all that may come."""
        rate = self.rate(target, threshold)
        return rate <= target.value if target.kind is TargetKind.FPR else rate >= target.value


@dataclass(frozen=True, slots=True)
class Planted:
    """Hold one item as it should lie in the queue's tables.

    `chance` and `drawn` are the random audit's. `said` is the policy that was confirmed, "" where it was
    dismissed, None where nobody decided. `signals` are what the model made of it.
    """

    level: Level | None
    at: datetime
    said: str | None = None
    chance: float | None = None
    drawn: bool = False
    score: float = 0.5
    language: str = "en"
    community: str | None = None
    flags: Mapping[str, Level] = field(default_factory=dict)
    signals: Mapping[str, float | None] = field(default_factory=dict)
    model: str = "d1"
    text: str | None = None


def plant(tx: Connection, context: Context, reviewer: int, planted: Sequence[Planted]) -> list[int]:
    """Put items into the tables, with tasks, decisions and flags; return their numbers. Nothing is logged."""
    del context
    first = tx.execute(select(func.coalesce(func.max(items.c.id), 0))).scalar_one() + 1
    names = [f"planted-{first + place}" for place in range(len(planted))]
    _put(
        tx,
        items,
        [
            _item(name, first + place, one)
            for place, (name, one) in enumerate(zip(names, planted, strict=True))
        ],
    )
    told = zip(planted, _numbers(tx, items, first), strict=True)
    pairs = list(told)
    _put(tx, flags, [
        {"item": number, "policy": policy, "level": level.value}
        for one, number in pairs
        for policy, level in one.flags.items()
    ])  # fmt: skip
    asked = [(one, number) for one, number in pairs if one.level is not Level.NONE or one.drawn]
    newest = tx.execute(select(func.coalesce(func.max(tasks.c.id), 0))).scalar_one() + 1
    _put(tx, tasks, [_task(reviewer, number, one) for one, number in asked])
    made = zip(asked, _numbers(tx, tasks, newest), strict=True)
    _put(tx, decisions, [
        _decision(reviewer, task, number, one) for (one, number), task in made if one.said is not None
    ])  # fmt: skip
    return [number for _, number in pairs]


def _put(tx: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        tx.execute(insert(table), list(rows))


def _numbers(tx: Connection, table: Table, first: int) -> Sequence[int]:
    return tx.execute(select(table.c.id).where(table.c.id >= first).order_by(table.c.id)).scalars().all()


def _item(name: str, number: int, one: Planted) -> dict[str, Any]:
    salt, said = new_salt(), one.text or recipe(number)
    made = unscorable(name) if one.level is None else assessed(name, one.level, one.score)
    assessment = made.to_dict()
    assessment["signals"] |= one.signals
    assessment["model"]["digest"] = one.model
    asked = one.level is not Level.NONE or one.drawn
    return {
        "platform_id": name,
        "received_at": one.at,
        "text": said if asked else None,
        "salt": salt,
        "digest": digest(salt, name, said),
        "assessment": assessment,
        "language": one.language,
        "community": one.community,
        "level": None if one.level is None else one.level.value,
        "priority": None if one.level is None else one.score,
        "inclusion": one.chance,
    }


def _task(reviewer: int, item: int, one: Planted) -> dict[str, Any]:
    done = one.said is not None
    queue = _QUEUES[one.level].value
    return {
        "item": item,
        "queue": queue,
        "shown": queue,
        "state": "done" if done else "open",
        "least_role": int(Role.REVIEWER),
        "priority": one.score,
        "created_at": one.at,
        "serve_by": one.at,
        "available_at": one.at,
        "claim": uuid.uuid4().hex if done else None,
        "claimed_by": reviewer if done else None,
        "inclusion": one.chance if one.drawn else None,
        "done_at": one.at + timedelta(hours=1) if done else None,
        "level": None if one.level is None else one.level.value,
        "language": one.language,
        "community": one.community,
    }


def _decision(reviewer: int, task: int, item: int, one: Planted) -> dict[str, Any]:
    return {
        "task": task,
        "item": item,
        "reviewer": reviewer,
        "claim": uuid.uuid4().hex,
        "verdict": "confirm" if one.said else "dismiss",
        "policy": one.said or None,
        "made_at": one.at + timedelta(hours=1),
    }
