"""What commands tell of a made-up month, each figure with its interval beside the truth."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.assessment import Level
from tocsin.service.review.month_testing.platform import SOUP
from tocsin.service.review.month_testing.truth import Truth, golden_truth
from tocsin.service.statistics.counts import Count, shares

__all__ = ["Figure", "of_agreement", "of_golden", "of_labels", "of_rates", "of_summary"]


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold a figure of a group, and the truth; `low` None where it was not told.

    `so` is what it would be if nobody erred, None where that is no question.
    """

    group: str
    what: str
    value: float | None
    low: float | None
    high: float | None
    truth: float
    so: float | None = None

    @property
    def told(self) -> bool:
        """Say whether there was one."""
        return self.low is not None

    @property
    def holds(self) -> bool:
        """Say whether the truth lies in the interval."""
        return self.low is not None and self.high is not None and self.low <= self.truth <= self.high

    @property
    def holds_so(self) -> bool:
        """Say whether what is so lies in the interval."""
        if self.low is None or self.high is None or self.so is None:
            return False
        return self.low <= self.so <= self.high


def of_rates(told: Mapping[str, Any], truth: Truth) -> Iterator[Figure]:
    """Yield what ``tocsin review rates --json`` tells, of all and of each part."""
    by = told["by"]
    parts: list[tuple[Mapping[str, Any], str, dict[str, str]]]
    parts = [(told["whole"], "all", {})] if by is None else []
    parts += [(part, by, {by: part["value"]}) for part in told["parts"] if part["value"] is not None]
    so = Truth(truth.platform, truth.changed, so=True)
    for part, group, within in parts:
        if math.isnan(truth.precision(None, Level.REVIEW, **within)):
            continue  # the model judges none of it
        for one in part["policies"]:
            policy = one["policy"]
            what = f"{', '.join(within.values()) or 'all'}, {policy or 'any'}"
            for level in (Level.URGENT, Level.REVIEW):
                exact, planted = (each.precision(policy, level, **within) for each in (truth, so))
                yield _figure(f"{level.value}, {group}", what, one[level.value], exact, planted)
            exact, planted = (each.missed(policy, **within) for each in (truth, so))
            yield _figure(f"missed, {group}", what, one["missed"], exact, planted)


def of_agreement(told: Mapping[str, Any], truth: Truth) -> Iterator[Figure]:
    """Yield what ``tocsin review agreement --json`` tells."""
    for one in told["agreement"]:
        plain, kappa, cohen = truth.agreement(one["policy"])
        what = one["policy"] or "which, if any"
        yield _figure("pairs that agree", what, one["agreement"]["plain"], plain)
        yield _figure("kappa", what, one["agreement"]["kappa"], kappa)
        yield _figure("Cohen's kappa", what, one["second"], cohen)


def of_golden(told: Sequence[Mapping[str, Any]]) -> Iterator[Figure]:
    """Yield what ``tocsin review golden --json`` tells."""
    for one in told:
        policy = one["policy"]
        yield _figure("golden items", policy or "none", one["accuracy"], golden_truth(policy))


def of_labels(rows: Sequence[Mapping[str, Any]], truth: Truth) -> Iterator[Figure]:
    """Yield which share of posts exported labels say breaks soup, each row weighing one over its chance."""
    drawn = [one for one in rows if "x_queue" not in one]
    weights = np.array([1 / one["inclusion_probability"] for one in drawn])
    hits = np.array([one["x_policy"] == SOUP for one in drawn])
    found = shares(Count.of(weights[hits], weights), Count.of(weights[~hits], weights))
    told = {name: float(getattr(found, name)) for name in ("value", "low", "high")}
    so = Truth(truth.platform, truth.changed, so=True)
    yield _figure("labels", SOUP, told, truth.confirmed(SOUP), so.confirmed(SOUP))


def of_summary(told: Mapping[str, Any], truth: Truth) -> Iterator[Figure]:
    """Yield what ``tocsin review transparency --json`` tells of how accurate the model is."""
    automated = told["automated"]
    so = Truth(truth.platform, truth.changed, so=True)
    for policy, rate in automated["precision"].items():
        exact, planted = (each.precision(policy, Level.REVIEW) for each in (truth, so))
        yield _figure("yearly report: precision", policy, rate, exact, planted)
    exact, planted = (each.missed_of_quiet() for each in (truth, so))
    yield _figure("yearly report: missed", "any", automated["missed"]["share"], exact, planted)


def _figure(group: str, what: str, told: Mapping[str, Any], truth: float, so: float | None = None) -> Figure:
    return Figure(group, what, told["value"], told["low"], told["high"], truth, so)
