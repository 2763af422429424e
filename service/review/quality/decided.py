"""The decided items of a period with what the model made of them: what thresholds are refitted to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Select, and_, or_, select

from tocsin.assessment import Level
from tocsin.errors import InputError
from tocsin.policy import Policy
from tocsin.service.review.context import Context
from tocsin.service.review.quality.arrivals import Group, count_arrivals, is_arrival, is_correction, latest
from tocsin.service.review.quality.evidence import Evidence
from tocsin.service.review.quality.period import Period
from tocsin.service.review.quality.strata import Chance, Stratum, count_items, is_quiet, strata_of
from tocsin.service.review.quality.weighing import MOST_WAITING, waits
from tocsin.service.review.store.learning_tables import learning
from tocsin.service.review.store.tables import decisions, flags, items, tasks
from tocsin.signals import Signal

__all__ = [
    "Decided",
    "DecidedItem",
    "corrected_rows",
    "decided_rows",
    "evidence_of",
    "learnt_rows",
    "read_decided",
]

_AT_A_TIME: Final = 2_000
_MOST_ERASED: Final = 0.01  # of what was decided: more hides which scores people found wrong
_DRAWN: Final = tasks.alias("drawn")


@dataclass(frozen=True, slots=True)
class DecidedItem:
    """Hold one decided item: what it counts for, and which policies flagged it how high."""

    confirmed: str | None
    weight: float
    drawn: bool
    signals: Mapping[str, float | None]
    flags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decided:
    """Hold the decided items of a period, and how many arrived; all were scored by the bundle `model`."""

    items: Sequence[DecidedItem]
    arrived: int
    model: str | None


def read_decided(tx: Connection, context: Context, period: Period) -> Decided:
    """Return what was decided of what arrived in a period; what was erased has no scores and is left out.

    Raises InputError where two bundles scored it, where the random audit was off, where so much waits that
    what is decided is what was most urgent, or where so much was erased that what is left is what is kept
    longest: schedules part what was confirmed from what was dismissed.
    """
    del context
    groups = count_arrivals(tx, period).groups
    strata = strata_of(groups)
    _check_decided(groups, strata)
    kept, models, erased = [], dict[str, datetime](), Counter[bool]()
    flagged = _flags(tx, period)
    for row in decided_rows(tx, period, items.c.assessment):
        drawn = row.drawn is not None
        if row.assessment is None:
            erased[drawn] += 1
            continue
        models.setdefault(row.assessment["model"]["digest"], row.received_at)
        level = None if row.level is None else Level(row.level)
        stratum = strata[level, row.chance if level is Level.NONE else None]
        told = row.assessment["signals"]
        kept.append(DecidedItem(row.policy, stratum.weight, drawn, told, flagged.get(row.id, {})))
    _check_erased(Counter(one.drawn for one in kept), erased)
    _check_models(models)
    return Decided(kept, count_items(groups), next(iter(models), None))


def _check_decided(groups: Sequence[Group], strata: Mapping[Chance, Stratum]) -> None:
    off = count_items(one for one in groups if is_quiet(one) and not one.chance)
    if off:
        raise InputError(f"the random audit must be on in all of the period, was off when {off:,} items came")
    waiting, decided = (sum(getattr(one, name) for one in strata.values()) for name in ("waiting", "decided"))
    if waiting > MOST_WAITING * (waiting + decided):
        raise InputError(
            f"of what people are to decide at most {MOST_WAITING:.0%} must wait, {waiting:,} of"
            f" {waiting + decided:,} do: end the period earlier"
        )
    sides = [[one for one in strata.values() if one.flagged is flagged] for flagged in (True, False)]
    if why := waits(sides):
        raise InputError(f"at most {MOST_WAITING:.0%} must wait, {why}")


def _check_erased(kept: Mapping[bool, int], erased: Mapping[bool, int]) -> None:
    """Refuse where much of what was flagged, or of what the audit drew (True), has no scores any more."""
    for drawn, gone in erased.items():
        there = gone + kept[drawn]
        if gone > _MOST_ERASED * there:
            what = "what the random audit drew" if drawn else "what was flagged or not judged"
            raise InputError(
                f"of {what} and was decided at most {_MOST_ERASED:.0%} must be erased, {gone:,} of {there:,}"
                " are: begin the period later, or keep what is decided longer"
            )


def decided_rows(tx: Connection, period: Period, *columns: Any) -> Iterator[Any]:
    """Yield the decided items that people were asked about, in the order of their arrival.

    Each with `id`, `received_at`, `level`, `chance`, `drawn` (the task of the random audit, or None),
    `learning` (with which probability it would have been drawn to learn from, or None), `decision`, `policy`
    and `columns`: what was flagged or not judged, and of the rest what the audit drew. What came to people by
    a notice alone, or to learn from, is not among them.
    """
    bounds = {"since": period.since, "until": period.until}
    asked = or_(items.c.level.is_(None), items.c.level != Level.NONE.value, _DRAWN.c.id.is_not(None))
    query = _decided(*columns).where(*is_arrival(), asked)
    yield from tx.execute(query.execution_options(yield_per=_AT_A_TIME), bounds)


def learnt_rows(tx: Connection, period: Period, *columns: Any) -> Iterator[Any]:
    """Yield the decided items that were drawn to learn from and not by the audit, as `decided_rows` does.

    They have a known probability, but not the audit's: rates and refits know nothing of them.
    """
    bounds = {"since": period.since, "until": period.until}
    query = _decided(*columns).where(*is_arrival(), learning.c.drawn, _DRAWN.c.id.is_(None))
    yield from tx.execute(query.execution_options(yield_per=_AT_A_TIME), bounds)


def corrected_rows(tx: Connection, period: Period, *columns: Any) -> Iterator[Any]:
    """Yield the decided items that corrections put into the queue in a period, as `decided_rows` does.

    They are no part of what the platform handed in: rates and refits know nothing of them.
    """
    bounds = {"since": period.since, "until": period.until}
    yield from tx.execute(_decided(*columns).where(*is_correction()), bounds)


def evidence_of(found: Decided, policy: Policy) -> Evidence:
    """Return what was decided of one policy, by score; a hit is what was confirmed for it."""
    columns = {
        signal: np.array([_number(one.signals.get(signal.value)) for one in found.items], np.float64)
        for signal in Signal
    }
    scores = policy.when.score(columns).copy() if found.items else np.zeros(0)
    for signal in policy.requires:
        scores[np.isnan(columns[signal])] = np.nan
    return Evidence.of(
        scores,
        np.array([one.confirmed == policy.name for one in found.items], bool),
        np.array([one.weight for one in found.items], np.float64),
        np.array([one.drawn for one in found.items], bool),
    )


def _decided(*columns: Any) -> Select[Any]:
    last, made, drawn = latest(), decisions.alias("made"), _DRAWN
    return (
        select(
            items.c.id,
            items.c.received_at,
            items.c.level,
            items.c.inclusion.label("chance"),
            drawn.c.id.label("drawn"),
            learning.c.chance.label("learning"),
            made.c.id.label("decision"),
            made.c.policy,
            *columns,
        )
        .select_from(items)
        .join(last, last.c.item == items.c.id)
        .join(made, made.c.id == last.c.id)
        .outerjoin(drawn, and_(drawn.c.item == items.c.id, drawn.c.inclusion.is_not(None)))
        .outerjoin(learning, learning.c.item == items.c.id)
        .order_by(items.c.received_at, items.c.id)
    )


def _flags(tx: Connection, period: Period) -> Mapping[int, Mapping[str, str]]:
    query = select(flags).join(items, items.c.id == flags.c.item).where(*is_arrival())
    found: dict[int, dict[str, str]] = {}
    for row in tx.execute(query, {"since": period.since, "until": period.until}):
        found.setdefault(row.item, {})[row.policy] = row.level
    return found


def _check_models(models: Mapping[str, datetime]) -> None:
    if len(models) > 1:
        first = max(models.values()).isoformat(timespec="seconds")
        raise InputError(
            f"one bundle must have scored all of the period, {len(models)} did: begin it with the last one,"
            f" about {first}"
        )


def _number(score: float | None) -> float:
    return float("nan") if score is None else score
