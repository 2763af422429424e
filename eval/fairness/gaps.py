"""How much more often harmless posts are flagged where they name a group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from fairlearn.metrics import MetricFrame, count
from numpy.typing import NDArray

from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.fairness.naming import Key
from tocsin.eval.statistics.intervals import (
    NORMAL,
    Estimate,
    clustered_share,
    effective_rows,
    newcombe,
    wilson,
)

__all__ = ["Counts", "Gap", "apart_from_all", "gaps", "ratio"]

_NOBODY: Final = ("",)

Bools = NDArray[np.bool_]
Clusters = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Counts:
    """Hold how many of some rows are flagged; `told` is how many independent ones would tell as much."""

    hits: int
    rows: int
    told: float

    @property
    def share(self) -> Estimate:
        """Return the share that is flagged, with Wilson's interval."""
        return wilson(self.hits / self.rows, self.told)

    @property
    def effective(self) -> tuple[float, float]:
        """Return hits and rows, as many as tell as much."""
        return self.hits / self.rows * self.told, self.told


@dataclass(frozen=True, slots=True)
class Gap:
    """Hold how many harmless rows that name a group are flagged, beside others of the same corpus.

    `apart` and `times` are the difference to, and the ratio with, rows that name nobody, None where
    fewer than 20 do (`times` also where none is flagged on one side); `apart_from_all` is the difference
    to all harmless rows.
    """

    named: Key
    rows: int
    rate: Estimate
    apart: Estimate | None
    times: Estimate | None
    apart_from_all: Estimate | None

    @property
    def clear(self) -> bool:
        """Say whether more are flagged than where nobody is named, beyond sampling error."""
        return self.apart is not None and self.apart.low > 0


def gaps(flagged: Bools, members: Mapping[Key, Bools], groups: Clusters | None = None) -> Iterator[Gap]:
    """Yield the gap of each group with at least 20 harmless rows; `flagged` is one entry a harmless row.

    Rows of one number in `groups` came together. Without it every row stands for itself.
    """
    if len(flagged) < LEAST_ROWS:
        return  # no group has as many; nor does MetricFrame take a single row
    together = np.arange(len(flagged)) if groups is None else groups
    counts = _counts(flagged, members, together)
    nobody = counts.pop(_NOBODY, None)
    for named, ours in counts.items():
        if ours.rows < LEAST_ROWS:
            continue
        mask = members[named]
        base = nobody if nobody and nobody.rows >= LEAST_ROWS else None
        yield Gap(
            named,
            ours.rows,
            clustered_share(flagged[mask], together[mask]),
            newcombe(ours.share, base.share) if base else None,
            ratio(*ours.effective, *base.effective) if base else None,
            apart_from_all(ours, _counted(flagged[~mask], together[~mask])) if not mask.all() else None,
        )


def apart_from_all(ours: Counts, others: Counts) -> Estimate:
    """Return the share in a group less that in all rows, the group's and at least one other.

    It is the difference to the other rows, taken as independent of these, times their part of all.
    """
    apart = newcombe(ours.share, others.share)
    part = others.rows / (ours.rows + others.rows)
    return Estimate(apart.value * part, apart.low * part, apart.high * part)


def ratio(hits_a: float, rows_a: float, hits_b: float, rows_b: float) -> Estimate | None:
    """Return the share in a over that in b with Katz's interval (1978), None where either has no hit.

    Where rows are not independent, counts are of as many that are and would tell as much.
    """
    if not hits_a or not hits_b:
        return None
    found = (hits_a / rows_a) / (hits_b / rows_b)
    half = NORMAL * float(np.sqrt(1 / hits_a - 1 / rows_a + 1 / hits_b - 1 / rows_b))
    return Estimate(found, found * float(np.exp(-half)), found * float(np.exp(half)))


def _counts(flagged: Bools, members: Mapping[Key, Bools], groups: Clusters) -> dict[Key, Counts]:
    """Return the counts of every group; a row counts for each that it names, or for nobody."""
    unnamed = ~np.any([*members.values(), np.zeros(len(flagged), np.bool_)], axis=0)
    masks = {**members, _NOBODY: unnamed}
    keys = [key for key, mask in masks.items() if mask.any()]
    rows = np.concatenate([np.flatnonzero(masks[key]) for key in keys])
    frame = MetricFrame(
        metrics={"hits": _hits, "rows": count, "told": _told},
        y_true=np.zeros(len(rows)),
        y_pred=flagged[rows],
        sensitive_features=np.repeat(np.arange(len(keys)), [masks[key].sum() for key in keys]),
        sample_params={"told": {"groups": groups[rows]}},
    )
    return {
        keys[place]: Counts(int(found["hits"]), int(found["rows"]), float(found["told"]))
        for place, found in frame.by_group.iterrows()
    }


def _counted(flagged: Bools, groups: Clusters) -> Counts:
    return Counts(_hits(None, flagged), len(flagged), effective_rows(flagged, groups))


def _hits(_labels: object, flagged: Bools) -> int:
    return int(np.sum(flagged))


def _told(_labels: object, flagged: Bools, groups: Clusters) -> float:
    return effective_rows(np.asarray(flagged), np.asarray(groups))
