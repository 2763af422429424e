"""What the scored parts add up to, by stratum, and the rows among them that the sample drew: in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Level
from tocsin.errors import InputError
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.sampling.design import DesignRecord
from tocsin.service.audit.sampling.frame import FLAGGING, Batch, Frame
from tocsin.service.audit.sampling.hashing import row_hashes
from tocsin.service.audit.sampling.strata import Strata
from tocsin.service.audit.sampling.values import Values
from tocsin.service.scan.arrow import import_arrow

__all__ = ["Cut", "Population", "SampleRows", "Totals", "read_population"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Totals:
    """Hold sums over rows: how many, ``(strata, ...)``, and of their scores, ``(strata, ..., policies)``."""

    rows: Ints
    scores: Floats


@dataclass(slots=True)
class Cut:
    """Hold what one slice column adds up to: totals are ``(values, strata)``."""

    values: tuple[str | None, ...]
    totals: Totals


@dataclass(frozen=True, slots=True)
class SampleRows:
    """Hold the rows of the sample, in the order of their hashes: a random one within strata.

    A policy's score is the mean score where a row has none. `slices` are numbers of the cut's values.
    """

    stratum: Ints
    source: Ints
    place: Ints
    ids: tuple[str, ...]
    scores: Floats
    levels: Mapping[Level, Bools]
    weights: Floats
    slices: Mapping[str, Ints]


@dataclass(frozen=True, slots=True)
class Population:
    """Hold totals of all rows, and the sample's rows.

    `whole` has totals over all rows, `weighted` those of rows of a weight, where each counts by it; `weight`
    is the sum of weights by stratum. `flagged` are those that a policy flagged at a level or above,
    ``(strata, policies)`` for rows and scores alike.
    """

    whole: Totals
    weighted: Totals
    weight: Floats
    flagged: Mapping[Level, Totals]
    cuts: Mapping[str, Cut]
    sample: SampleRows


def read_population(layout: AuditLayout, frame: Frame, design: DesignRecord) -> Population:
    """Return what the scored parts add up to; raise InputError where the sample was not drawn from them."""
    adding = _Adding(design, frame)
    for batch in frame.batches():
        adding.add(batch)
    strata = np.array([one.rows for one in design.strata])
    labels = np.array([one.labels for one in design.strata])
    found = adding.finish()
    drawn = np.bincount(found.sample.stratum, minlength=len(labels))
    if not np.array_equal(found.whole.rows, strata) or not np.array_equal(drawn, labels):
        raise InputError(
            f"{layout.sample_design}: must be of the parts in {layout.scored}, which have other rows now:"
            " draw a new sample"
        )
    return found


class _Adding:
    """Add batches up, and keep the rows of the sample."""

    def __init__(self, design: DesignRecord, frame: Frame) -> None:
        count, policies = len(design.strata), len(frame.policies)
        self._seed = design.seed
        self._strata, self._by = Strata.of(design), Values(design.by or "")
        self._last = np.array([int(one.last, 16) for one in design.strata], np.uint64)
        self._means = np.array([one.score for one in design.policies])
        self._whole, self._weighted = _totals((count,), policies), _totals((count,), policies)
        self._weight = np.zeros(count)
        self._flagged = {level: _totals((count, policies)) for level in FLAGGING}
        self._values = {name: Values(name) for name in frame.slices}
        self._cuts = {name: _totals((0, count), policies) for name in frame.slices}
        self._kept: list[tuple[Any, ...]] = []

    def add(self, batch: Batch) -> None:
        """Add some rows."""
        stratum = self._strata.place(batch, self._by)
        scores = np.where(np.isnan(batch.scores), self._means, batch.scores)
        weights = np.ones(len(batch)) if batch.weights is None else batch.weights
        _add(self._whole, stratum, scores)
        _add(self._weighted, stratum[weights > 0], (scores * weights[:, None])[weights > 0])
        self._weight += np.bincount(stratum, weights, minlength=len(self._weight))
        for level, totals in self._flagged.items():
            for policy, flagged in enumerate(batch.levels[level].T):
                told = stratum[flagged]
                count = len(totals.rows)
                totals.rows[:, policy] += np.bincount(told, minlength=count)
                totals.scores[:, policy] += np.bincount(told, scores[flagged, policy], minlength=count)
        codes = {name: self._code(name, batch.slices[name], stratum, scores) for name in self._cuts}
        self._keep(batch, stratum, scores, weights, codes)

    def finish(self) -> Population:
        """Return what was added up."""
        cuts = {name: Cut(self._values[name].known, totals) for name, totals in self._cuts.items()}
        return Population(self._whole, self._weighted, self._weight, self._flagged, cuts, self._sample())

    def _code(self, name: str, column: Any, stratum: Ints, scores: Floats) -> Ints:
        codes = self._values[name].number(column)
        totals, values = self._cuts[name], len(self._values[name].known)
        strata = totals.rows.shape[1]
        if values > len(totals.rows):
            totals.rows = _grown(totals.rows, values)
            totals.scores = _grown(totals.scores, values)
        flat = Totals(totals.rows.reshape(-1), totals.scores.reshape(values * strata, -1))
        _add(flat, codes * strata + stratum, scores)
        return codes

    def _keep(
        self, batch: Batch, stratum: Ints, scores: Floats, weights: Floats, codes: Mapping[str, Ints]
    ) -> None:
        hashes = row_hashes(self._seed, batch.source, batch.place)
        drawn = np.flatnonzero(hashes <= self._last[stratum])
        ids = batch.ids.take(_arrow(drawn)).to_pylist()
        columns = [batch.levels[level] for level in FLAGGING] + list(codes.values())
        told = (hashes, stratum, batch.source, batch.place, scores, weights, *columns)
        self._kept.append((ids, *(column[drawn] for column in told)))

    def _sample(self) -> SampleRows:
        ids = [one for kept in self._kept for one in kept[0]]
        columns = [np.concatenate(parts) for parts in zip(*(kept[1:] for kept in self._kept), strict=True)]
        order = np.argsort(columns[0], kind="stable")
        stratum, source, place, scores, weights, *others = (column[order] for column in columns[1:])
        return SampleRows(
            stratum,
            source,
            place,
            tuple(ids[one] for one in order),
            scores,
            dict(zip(FLAGGING, others, strict=False)),
            weights,
            dict(zip(self._cuts, others[len(FLAGGING) :], strict=True)),
        )


def _totals(shape: tuple[int, ...], *policies: int) -> Totals:
    return Totals(np.zeros(shape, np.int64), np.zeros((*shape, *policies)))


def _add(totals: Totals, place: Ints, scores: Floats) -> None:
    count = len(totals.rows)
    totals.rows += np.bincount(place, minlength=count)
    for policy in range(scores.shape[1]):
        totals.scores[:, policy] += np.bincount(place, scores[:, policy], minlength=count)


def _grown(array: NDArray[Any], length: int) -> NDArray[Any]:
    more = np.zeros((length - len(array), *array.shape[1:]), array.dtype)
    return np.concatenate([array, more])


def _arrow(places: Ints) -> Any:
    return import_arrow()[0].array(places)
