"""A design made in two passes over the scored parts: what there is, then where strata end."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

import tocsin
from tocsin.errors import InputError
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.sampling.boundaries import EDGES, bins_of
from tocsin.service.audit.sampling.density import Density, expected_spread
from tocsin.service.audit.sampling.design import (
    DesignRecord,
    GroupKind,
    GroupRecord,
    PolicyRecord,
    StratumRecord,
    WeightRecord,
)
from tocsin.service.audit.sampling.dividing import Divided, divide
from tocsin.service.audit.sampling.frame import Frame
from tocsin.service.audit.sampling.plan import SamplePlan
from tocsin.service.audit.sampling.strata import BINS, Groups, density_of
from tocsin.service.audit.sampling.values import Values
from tocsin.service.audit.slicing import LEAST_ROWS

__all__ = ["audit_digest", "make_design"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_WEIGHTED: Final = 1 / 3  # of the even share, where there is a weight column
_SMALL: Final = 10  # of what could not be judged no more than a tenth of the labels, unless it deserves them
_NONE_YET: Final = "0" * 16


@dataclass(slots=True)
class _Sums:
    """Add up what the density takes of one policy."""

    scored: int = 0
    score: float = 0.0
    spread: float = 0.0
    flags: tuple[int, int] = (0, 0)

    def add(self, scores: Floats, flags: Sequence[NDArray[np.bool_]]) -> None:
        """Add some rows."""
        told = scores[~np.isnan(scores)]
        self.scored += len(told)
        self.score += float(told.sum())
        self.spread += float(expected_spread(told).sum())
        review, urgent = (int(flagged.sum()) for flagged in flags)
        self.flags = (self.flags[0] + review, self.flags[1] + urgent)

    def record(self, name: str) -> PolicyRecord:
        """Return the means."""
        count = self.scored or 1
        return PolicyRecord(
            name=name,
            scored=self.scored,
            score=self.score / count,
            spread=self.spread / count,
            flags=self.flags,
        )


@dataclass(slots=True)
class _Census:
    """Count what there is."""

    policies: tuple[str, ...]
    rows: int = 0
    unjudged: int = 0
    weight: float = 0.0
    values: Counter[str | None] = field(default_factory=Counter)
    sums: dict[str, _Sums] = field(default_factory=dict)

    def records(self) -> tuple[PolicyRecord, ...]:
        """Return the means of each policy."""
        return tuple(self.sums.get(name, _Sums()).record(name) for name in self.policies)


def make_design(layout: AuditLayout, frame: Frame, plan: SamplePlan) -> DesignRecord:
    """Return the design of a sample of the audit; raise InputError where the plan cannot be carried out.

    The highest hash that each stratum takes is not known yet.
    """
    census = _count(frame, plan)
    if not census.rows:
        raise InputError(f"{layout.scored}: must have rows to draw a sample from, has none")
    weighted = plan.even * _WEIGHTED if frame.weight and census.weight else 0.0
    design = DesignRecord(
        tocsin=tocsin.__version__,
        audit=audit_digest(layout),
        seed=plan.seed,
        asked=plan.labels,
        rows=census.rows,
        even=plan.even - weighted,
        weighted=weighted,
        flagged=plan.flagged,
        policies=census.records(),
        weight=WeightRecord(column=frame.weight, mean=census.weight / census.rows) if frame.weight else None,
        by=plan.by,
        groups=(),
    )
    groups = _groups(plan, census)
    cut = _records(plan, groups, *_histogram(frame, groups, density_of(design)))
    return design.model_copy(update={"groups": cut})


def audit_digest(layout: AuditLayout) -> str:
    """Return the digest of an audit's manifest."""
    return f"sha256:{hashlib.sha256(layout.manifest.read_bytes()).hexdigest()}"


def _count(frame: Frame, plan: SamplePlan) -> _Census:
    census, values = _Census(frame.policies), Values(plan.by or "")
    for batch in frame.batches():
        census.rows += len(batch)
        census.unjudged += int((~batch.judged).sum())
        census.weight += float(batch.weights.sum()) if batch.weights is not None else 0.0
        if plan.by is not None:
            codes = np.bincount(
                values.number(batch.slices[plan.by])[batch.judged], minlength=len(values.known)
            )
            census.values.update(dict(zip(values.known, codes.tolist(), strict=True)))
        for place, name in enumerate(frame.policies):
            sums = census.sums.setdefault(name, _Sums())
            sums.add(batch.scores[:, place], [flagged[:, place] for flagged in batch.flags])
    return census


def _groups(plan: SamplePlan, census: _Census) -> Groups:
    """Return the groups; values with too few rows are of the rest."""
    own = sorted(
        (value for value, count in census.values.items() if count >= LEAST_ROWS),
        key=lambda value: (value is None, value or ""),
    )
    rest, flagged, unjudged = range(len(own), len(own) + 3)
    return Groups(plan.by, {value: number for number, value in enumerate(own)}, rest, flagged, unjudged)


def _histogram(frame: Frame, groups: Groups, density: Density) -> tuple[Ints, Floats]:
    """Return how many rows each group has in each bin of density, and the sum of their densities."""
    count, values = groups.unjudged + 1, Values(groups.by or "")
    rows, sums = np.zeros(count * BINS, np.int64), np.zeros(count * BINS)
    for batch in frame.batches():
        told = density.of(batch.scores, batch.flags, batch.weights)
        keys = groups.of(batch, values) * BINS + bins_of(told)
        rows += np.bincount(keys, minlength=len(rows))
        sums += np.bincount(keys, told, minlength=len(sums))
    return rows.reshape(count, BINS), sums.reshape(count, BINS)


def _records(plan: SamplePlan, groups: Groups, rows: Ints, sums: Floats) -> tuple[GroupRecord, ...]:
    named: list[tuple[GroupKind, str | None]] = [(GroupKind.VALUE, value) for value in groups.numbers]
    named += [(kind, None) for kind in (GroupKind.REST, GroupKind.FLAGGED, GroupKind.UNJUDGED)]
    there = [number for number in range(len(named)) if rows[number].any()]
    least = np.array([_least(plan, named[number][0]) for number in there], np.int64)
    return tuple(
        GroupRecord(
            kind=named[number][0],
            value=named[number][1],
            rows=int(rows[number].sum()),
            strata=_strata(divided),
        )
        for number, divided in zip(there, divide(plan, rows[there], sums[there], least), strict=True)
    )


def _least(plan: SamplePlan, kind: GroupKind) -> int:
    if kind is GroupKind.UNJUDGED:
        return min(plan.least, plan.labels // _SMALL)
    return plan.least if kind is GroupKind.VALUE else 0


def _strata(divided: Divided) -> tuple[StratumRecord, ...]:
    columns = (divided.starts, divided.rows, divided.labels)
    return tuple(
        StratumRecord(
            bin=start,
            density=float(EDGES[start - 1]) if start else 0.0,
            rows=rows,
            labels=labels,
            probability=labels / rows,
            last=_NONE_YET,
        )
        for start, rows, labels in zip(*(column.tolist() for column in columns), strict=True)
    )
