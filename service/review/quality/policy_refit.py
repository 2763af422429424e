"""A platform's policy file, refitted: what each target comes to on decisions, and the file that says so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from tocsin.errors import InputError
from tocsin.policy import LevelName, Policy, PolicyDocument, Target, TargetKind
from tocsin.service.review.quality.decided import Decided, evidence_of
from tocsin.service.review.quality.evidence import Cumulated, Evidence
from tocsin.service.review.quality.refitting import REFITTED, Refit, keeps, rate_of, refit
from tocsin.service.review.quality.weighing import Told
from tocsin.service.statistics.counts import Count

__all__ = ["LevelRefit", "refit_policies", "rewritten"]

_LEVELS: Final[tuple[LevelName, ...]] = ("review", "urgent")
_HEADER: Final = re.compile(r"^[ \t]*\[", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LevelRefit:
    """Hold what one level of one policy comes to; `now` is its rate as the items were flagged when they came.

    `flagged` is how many the level flagged then. `refit` None is a target that decisions cannot refit.
    """

    policy: str
    level: LevelName
    target: Target
    refit: Refit | None
    now: Told
    flagged: int


def refit_policies(document: PolicyDocument, found: Decided) -> list[LevelRefit]:
    """Return what every level of every policy comes to, in the order of the file.

    What is urgent is reviewed: a threshold for urgent is never below that for review. It is raised to that
    where that keeps its target as well.
    """
    made: list[LevelRefit] = []
    for policy in document.policies:
        evidence = evidence_of(found, policy)
        review, urgent = (_level(policy, level, found, evidence) for level in _LEVELS)
        made += _ordered(review, urgent, evidence)
    return made


def rewritten(rules: str, made: Sequence[LevelRefit], note: str) -> str:
    """Return a policy file with the thresholds that were found in the place of their targets.

    Each says behind it what it was fitted to, before a comment that stands there. Raises InputError where a
    target is not written on a line of its own, under a header such as ``[policies.hate]``.
    """
    written = rules
    for one in made:
        if one.refit is not None and one.refit.threshold is not None:
            written = _replaced(written, one, f"{one.refit.threshold:.7g}", note)
    return written


def _level(policy: Policy, level: LevelName, found: Decided, evidence: Evidence) -> LevelRefit:
    target = policy.review if level == "review" else policy.urgent
    levels = {"review", "urgent"} if level == "review" else {"urgent"}
    flagged = [one.flags.get(policy.name) in levels for one in found.items]
    if target.kind not in REFITTED:
        return LevelRefit(policy.name, level, target, None, Told(), sum(flagged))
    now = rate_of(target, _sides(policy, flagged, found), len(found.items))
    return LevelRefit(policy.name, level, target, refit(target, evidence), now, sum(flagged))


def _sides(policy: Policy, flagged: Sequence[bool], found: Decided) -> Cumulated:
    """Return hits and alarms among what was flagged, then those among the rest."""
    weights = np.array([one.weight for one in found.items], np.float64)
    hits = np.array([one.confirmed == policy.name for one in found.items], bool)
    inside = np.array(flagged, bool)
    return Cumulated(
        *(
            Count.of(weights[part & (hits == hit)], weights[part])
            for part in (inside, ~inside)
            for hit in (True, False)
        )
    )


def _ordered(review: LevelRefit, urgent: LevelRefit, evidence: Evidence) -> list[LevelRefit]:
    """Return both with thresholds in order, each of which keeps its target; one that would not has none."""
    lower, upper = (_threshold(one) for one in (review, urgent))
    if lower is None or upper is None or upper >= lower:
        return [review, urgent]
    if urgent.refit is not None:
        return [review, replace(urgent, refit=_raised(urgent.refit, lower, evidence))]
    if review.refit is None or review.target.kind is TargetKind.RECALL:  # which more flags only raise
        return [review, urgent]
    why = (
        f"urgent is the number {upper:.7g}, below what keeps it, {lower:.7g}, and what is urgent is reviewed"
    )
    return [replace(review, refit=_without(review.refit, why)), urgent]


def _threshold(one: LevelRefit) -> float | None:
    if one.refit is not None:
        return one.refit.threshold
    return one.target.value if one.target.kind is TargetKind.NUMBER else None


def _raised(urgent: Refit, threshold: float, evidence: Evidence) -> Refit:
    """Return urgent at review's threshold, where that keeps its target too."""
    place = int((evidence.scores >= threshold).sum()) - 1
    if place < 0 or not keeps(urgent.target, evidence, place):
        why = f"{urgent.threshold:.7g} would keep it, but lies below that for review, {threshold:.7g}"
        return _without(urgent, why)
    above = evidence.at(place)
    rate = rate_of(urgent.target, above, len(evidence.scores))
    return Refit(urgent.target, threshold, rate, float(above.flags), "raised to that for review")


def _without(one: Refit, why: str) -> Refit:
    return Refit(one.target, None, Told(one.rate.decided), why=why)


def _replaced(text: str, one: LevelRefit, value: str, note: str) -> str:
    name = re.escape(one.policy)
    header = re.compile(
        rf'^[ \t]*\[[ \t]*policies[ \t]*\.[ \t]*(?:{name}|"{name}")[ \t]*\][^\n]*\n', re.MULTILINE
    )
    opened = header.search(text)
    if opened is not None:
        closed = _HEADER.search(text, opened.end())
        end = len(text) if closed is None else closed.start()
        line = re.compile(rf"^([ \t]*{one.level}[ \t]*=[ \t]*)([^#\n]*?)[ \t]*(#[^\n]*)?$", re.MULTILINE)
        found = line.search(text, opened.end(), end)
        if found is not None:
            kept = f"; {found[3].lstrip('# ')}" if found[3] else ""
            said = f"{found[1]}{value}  # {one.target}: {note}{kept}"
            changed = f"{text[: found.start()]}{said}{text[found.end() :]}"
            if _differs_there(text, changed, one):
                return changed
    raise InputError(
        f"policies.{one.policy}.{one.level} must stand on a line of its own under [policies.{one.policy}],"
        " does not: write the thresholds in by hand"
    )


def _differs_there(before: str, after: str, one: LevelRefit) -> bool:
    """Say whether nothing but the one value changed."""
    old: Any
    new: Any
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        return False
    table: Mapping[str, Any] = new["policies"][one.policy]
    old["policies"][one.policy][one.level] = table[one.level]
    return bool(old == new)
