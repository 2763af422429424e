"""Measures, counted: of the platform's own initiative (Article 15(1)(c)), and all others beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from tocsin.service.review.compliance.measured import Measured, measured
from tocsin.service.review.compliance.transparency.period import Period
from tocsin.service.review.compliance.transparency.policies import NOT_SAID
from tocsin.service.review.context import Context
from tocsin.service.review.records.measuring import MeasureKind, MeasureSource
from tocsin.service.review.store.tables import measures

__all__ = ["MeasureCounts", "Moderation", "count_measures"]

_DETECTED: Mapping[bool | None, str] = {True: "automated", False: "not_automated", None: "not_known"}


@dataclass(frozen=True, slots=True)
class MeasureCounts:
    """Hold measures that came into force in a period; a measure may be one of several on an item."""

    measures: int
    by_kind: Mapping[str, int]
    by_ground: Mapping[str, int]
    by_policy: Mapping[str, int]
    by_detection: Mapping[str, int]
    by_automation: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Moderation:
    """Hold the measures of a period by what they came of; `taken_back` counts those that were restored."""

    own_initiative: MeasureCounts
    by_source: Mapping[str, MeasureCounts]
    taken_back: int


def count_measures(tx: Connection, context: Context, period: Period) -> Moderation:
    """Return the counts of a period's measures."""
    del context
    found = measured(tx, measures.c.applied_at >= period.since, measures.c.applied_at < period.until)
    kept = [one for one in found if one.kind is not MeasureKind.RESTORED]
    by_source = {
        source.value: _counts([one for one in kept if one.source is source]) for source in MeasureSource
    }
    own = by_source.pop(MeasureSource.OWN_INITIATIVE.value)
    return Moderation(own, by_source, len(found) - len(kept))


def _counts(found: Sequence[Measured]) -> MeasureCounts:
    return MeasureCounts(
        len(found),
        _counted(one.kind.value for one in found),
        _counted(one.ground.value for one in found),
        _counted(one.policy or NOT_SAID for one in found),
        _counted(_DETECTED[one.detected] for one in found),
        _counted(one.automation.value for one in found),
    )


def _counted(words: Iterable[str]) -> Mapping[str, int]:
    return dict(sorted(Counter(words).items()))
