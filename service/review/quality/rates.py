"""How often the model is wrong: of what it flags, and of what it does not; each share with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from tocsin.assessment import Level
from tocsin.service.audit.slicing import LEAST_ROWS, check_values
from tocsin.service.review.context import Context
from tocsin.service.review.quality.arrivals import Arrivals, By, Fate, Flagged, Group, count_arrivals
from tocsin.service.review.quality.period import Period
from tocsin.service.review.quality.strata import FLAGGING, Stratum, count_items, is_quiet, scale_of, strata_of
from tocsin.service.review.quality.weighing import Question, Told, Weighed, answered, ask, weigh

__all__ = ["Part", "PolicyRates", "Rates", "parts_of", "rates"]


@dataclass(frozen=True, slots=True)
class PolicyRates:
    """Hold one policy's rates; `policy` None is any of them.

    `urgent` and `review` are the shares of what the model flagged for it at the level, or above, that people
    confirmed for it. `missed` is the share of what breaks it that the model flagged for no policy at all:
    `found` and `missed_found` are how many were confirmed among what was flagged, and among the rest.
    """

    policy: str | None
    urgent: Told
    review: Told
    missed: Told
    found: int
    missed_found: int


@dataclass(frozen=True, slots=True)
class Part:
    """Hold what arrived of one language or community, or all of it (`value` None of `by` None).

    `flagged` items, `drawn` by the random audit of the rest and `unjudged` ones are for people to decide:
    `waiting` still do, `gone` were erased before. `no_chance` could not be drawn: the audit was off. Of a
    community only what came to people is among the `items`: where the rest was posted is not kept.
    """

    value: str | None
    items: int
    flagged: int
    unjudged: int
    drawn: int
    waiting: int
    gone: int
    no_chance: int
    policies: Sequence[PolicyRates]


@dataclass(frozen=True, slots=True)
class Rates:
    """Hold the rates of what arrived in a period, as decided by `as_of`.

    Parts of fewer than 20 items are in `small_parts` and `small_items` alone.
    """

    since: datetime
    until: datetime
    as_of: datetime
    by: By | None
    whole: Part
    parts: Sequence[Part]
    small_parts: int
    small_items: int


def rates(tx: Connection, context: Context, period: Period, by: By | None = None) -> Rates:
    """Return the rates of what arrived in a period; raise InputError where `by` has more than 500 values."""
    whole = count_arrivals(tx, period)
    cut = Arrivals((), ()) if by is None else count_arrivals(tx, period, by)
    cells = _cells(cut)
    if by is not None:
        check_values(by.value, len(cells))
    # Where an item was posted is kept of what people are to look at alone: how many there are in all of a
    # community is not known, and what the audit drew there stands for as much as it does everywhere.
    scale = scale_of(whole.groups) if by is By.COMMUNITY else None
    (first,), parts = parts_of([(None, whole)]), parts_of(cells, scale)
    small = [one for one in parts if one.items < LEAST_ROWS]
    return Rates(
        period.since,
        period.until,
        context.clock(),
        by,
        first,
        sorted((one for one in parts if one.items >= LEAST_ROWS), key=lambda one: -one.items),
        len(small),
        sum(one.items for one in small),
    )


def parts_of(cells: Sequence[tuple[str | None, Arrivals]], scale: float | None = None) -> list[Part]:
    """Return the rates of several parts, from their counts; `scale` as `strata_of` takes it."""
    drafts = [_draft(value, cell, scale) for value, cell in cells]
    told = iter(answered([question for _, asked in drafts for one in asked for question in one.questions]))
    return [
        replace(part, policies=[_told(one, [next(told) for _ in one.questions]) for one in asked])
        for part, asked in drafts
    ]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold one policy's questions, in the order of its rates."""

    policy: str | None
    questions: tuple[Question, Question, Question]
    found: int
    missed_found: int


def _told(asked: _Asked, shares: Sequence[Told]) -> PolicyRates:
    urgent, review, missed = shares
    return PolicyRates(asked.policy, urgent, review, missed, asked.found, asked.missed_found)


def _draft(value: str | None, cell: Arrivals, scale: float | None) -> tuple[Part, list[_Asked]]:
    groups = cell.groups
    asked = [one for one in groups if one.level is None or one.level in FLAGGING or one.drawn]
    names = {one.policy for one in cell.flagged} | {one.confirmed for one in asked if one.confirmed}
    part = Part(
        value,
        count_items(groups),
        count_items(one for one in groups if one.level in FLAGGING),
        count_items(one for one in groups if one.level is None),
        count_items(one for one in groups if one.drawn),
        count_items(one for one in asked if one.fate is Fate.WAITING),
        count_items(one for one in asked if one.fate in {Fate.GONE, Fate.PASSED}),
        count_items(one for one in groups if is_quiet(one) and not one.chance),
        (),
    )
    strata = list(strata_of(cell.groups, scale).values())
    return part, [_asked(name, cell, part, strata) for name in (None, *sorted(names))]


def _asked(name: str | None, cell: Arrivals, part: Part, every: Sequence[Stratum]) -> _Asked:
    strata = [weigh(one, name) for one in every]
    found = [one for one in strata if one.stratum.flagged]
    rest = [one for one in strata if not one.stratum.flagged]
    questions = (
        _precision(name, (Level.URGENT,), cell),
        _precision(name, FLAGGING, cell),
        _missed(found, rest, part, cell),
    )
    return _Asked(name, questions, sum(one.hits for one in found), sum(one.hits for one in rest))


def _missed(found: Sequence[Weighed], rest: Sequence[Weighed], part: Part, cell: Arrivals) -> Question:
    off = f"the random audit was off when {part.no_chance:,} of them came: choose a period in which it was on"
    drawn = count_items(one for one in cell.groups if one.drawn and one.fate is Fate.DECIDED)
    return ask(rest, found, fewest=drawn, why=off if part.no_chance else None)


def _precision(name: str | None, levels: Sequence[Level], cell: Arrivals) -> Question:
    """Return what asks which share of what was flagged at these levels was confirmed."""
    if name is None:
        counted: Iterable[Group | Flagged] = (one for one in cell.groups if one.level in levels)
    else:
        counted = (one for one in cell.flagged if one.policy == name and one.level in levels)
    evidence = weigh(Stratum.of(counted, flagged=True), name)
    return ask([evidence], [evidence.others()], fewest=evidence.stratum.decided)


def _cells(cut: Arrivals) -> list[tuple[str | None, Arrivals]]:
    """Return what arrived of each part."""
    groups: dict[str | None, list[Group]] = {}
    flagged: dict[str | None, list[Flagged]] = {}
    for one in cut.groups:
        groups.setdefault(one.part, []).append(one)
    for each in cut.flagged:
        flagged.setdefault(each.part, []).append(each)
    return [(part, Arrivals(those, flagged.get(part, []))) for part, those in groups.items()]
