"""A platform's policy file, refitted: what each target comes to on decisions, and the file that says so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from tocsin.errors import InputError
from tocsin.policy import LevelName, Policy, PolicyDocument, Target
from tocsin.service.review.quality.decided import Decided, evidence_of
from tocsin.service.review.quality.evidence import Cumulated
from tocsin.service.review.quality.refitting import REFITTED, Refit, rate_of, refit
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

    What is urgent is reviewed: a threshold for urgent is never below that for review.
    """
    made: list[LevelRefit] = []
    for policy in document.policies:
        levels = [_level(policy, level, found) for level in _LEVELS]
        review, urgent = (one.refit.threshold if one.refit else None for one in levels)
        if review is not None and urgent is not None and urgent < review:
            levels[1] = _raised(levels[1], levels[0])
        made += levels
    return made


def rewritten(rules: str, made: Sequence[LevelRefit], note: str) -> str:
    """Return a policy file with the thresholds that were found in the place of their targets.

    Each says behind it what it was fitted to. Raises InputError where a target is not written on a line of
    its own, under a header such as ``[policies.hate]``.
    """
    written = rules
    for one in made:
        if one.refit is not None and one.refit.threshold is not None:
            written = _replaced(written, one, f"{one.refit.threshold:.7g}", note)
    return written


def _level(policy: Policy, level: LevelName, found: Decided) -> LevelRefit:
    target = policy.review if level == "review" else policy.urgent
    levels = {"review", "urgent"} if level == "review" else {"urgent"}
    flagged = [one.flags.get(policy.name) in levels for one in found.items]
    if target.kind not in REFITTED:
        return LevelRefit(policy.name, level, target, None, Told(), sum(flagged))
    now = rate_of(target, _sides(policy, flagged, found), len(found.items))
    return LevelRefit(
        policy.name, level, target, refit(target, evidence_of(found, policy)), now, sum(flagged)
    )


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


def _raised(urgent: LevelRefit, review: LevelRefit) -> LevelRefit:
    """Return urgent at review's threshold, which is stricter than it asks for."""
    refitted = (
        urgent.refit
        and review.refit
        and replace(
            urgent.refit,
            threshold=review.refit.threshold,
            flags=review.refit.flags,
            why="raised to that for review",
        )
    )
    return replace(urgent, refit=refitted)


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
            changed = f"{text[: found.start()]}{found[1]}{value}  # {one.target}: {note}{text[found.end() :]}"
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
