"""What the scored parts add up to: score by score, slice by slice, day by day; in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.manifest import Manifest
from tocsin.service.audit.reporting.groups import Ends, Groups, Pieces
from tocsin.service.audit.sampling.frame import FLAGGING, Batch, frame_of
from tocsin.service.audit.sampling.values import Values

__all__ = ["DAYS", "FINE", "Counted", "count_rows"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FINE: Final = 1000  # bins that scores are counted in
DAYS: Final = 47_482  # from 1970 to 2099
_DAY_US: Final = 24 * 60 * 60 * 1_000_000
_LANGUAGE: Final = "language"  # the column that every assessment has
_LEVELS: Final = len(FLAGGING)


@dataclass(slots=True)
class Counted:
    """Hold all of it.

    `scores` are ``(2, policies, bins)``: of all rows, and of those that were flagged at `review` or above;
    those of `languages` ``(values, 2, policies, bins)``. `flagged` rows are ``(policies, levels)``. `ends`
    have one group, `language_ends` one for each value. `days` are groups by day from 1970 on, None without a
    time column, and `untimed` rows that are in none of them.
    """

    scores: Ints
    flagged: Ints
    ends: Ends
    languages: Pieces
    language_scores: Ints
    language_ends: Ends
    cuts: dict[str, Pieces]
    days: Groups | None
    untimed: int = 0
    rows: int = 0


def count_rows(layout: AuditLayout, manifest: Manifest, slices: Sequence[str]) -> Counted:
    """Return what the scored parts add up to, cut by these columns.

    Memory does not grow with rows. Raises InputError where a part cannot be read.
    """
    frame = frame_of(layout, manifest, slices)
    time, policies = manifest.columns.time, len(manifest.policy.names)
    own = next((name for name, column in frame.slices.items() if column == _LANGUAGE), "\0language")
    frame = replace(
        frame, slices={**frame.slices, own: _LANGUAGE}, time=time.column if time else None, weight=None
    )
    counted = Counted(
        scores=np.zeros((2, policies, FINE), np.int64),
        flagged=np.zeros((policies, _LEVELS), np.int64),
        ends=Ends.empty(1, policies),
        languages=_pieces(_LANGUAGE, policies),
        language_scores=np.zeros((0, 2, policies, FINE), np.int64),
        language_ends=Ends.empty(0, policies),
        cuts={name: _pieces(name, policies) for name in slices},
        days=Groups.empty(DAYS, policies) if time else None,
    )
    for batch in frame.batches():
        _add(counted, batch, own)
    return counted


def _pieces(name: str, policies: int) -> Pieces:
    return Pieces(Values(name), Groups.empty(0, policies))


def _add(counted: Counted, batch: Batch, own: str) -> None:
    bins = np.where(np.isnan(batch.scores), -1, np.floor(batch.scores * FINE + 1e-9)).astype(np.int64)
    bins = np.minimum(bins, FINE - 1)
    counted.rows += len(batch)
    for kind, told in enumerate(_kinds(batch, bins)):
        for policy, column in enumerate(told.T):
            counted.scores[kind, policy] += np.bincount(column[column >= 0], minlength=FINE)
    counted.flagged += np.stack([flagged.sum(axis=0) for flagged in batch.flags], axis=1)
    counted.ends.add(np.zeros(len(batch), np.int64), batch.scores, batch.flags)
    for name, pieces in counted.cuts.items():
        pieces.add(batch, batch.slices[name])
    _add_languages(counted, batch, bins, own)
    _add_days(counted, batch)


def _kinds(batch: Batch, bins: Ints) -> tuple[Ints, Ints]:
    """Return the bins of all rows, and those of rows that were flagged; -1 for others."""
    return bins, np.where(batch.flags[0], bins, -1)


def _add_languages(counted: Counted, batch: Batch, bins: Ints, own: str) -> None:
    codes = counted.languages.add(batch, batch.slices[own])
    if codes is None:
        return
    known, policies = len(counted.languages.values.known), bins.shape[1]
    more = known - len(counted.language_scores)
    if more > 0:
        empty = np.zeros((more, 2, policies, FINE), np.int64)
        counted.language_scores = np.concatenate([counted.language_scores, empty])
    counted.language_ends.grow(known)
    counted.language_ends.add(codes, batch.scores, batch.flags)
    for kind, binned in enumerate(_kinds(batch, bins)):
        for policy, column in enumerate(binned.T):
            told = column >= 0
            flat = np.bincount(codes[told] * FINE + column[told], minlength=known * FINE)
            counted.language_scores[:, kind, policy] += flat.reshape(known, FINE)


def _add_days(counted: Counted, batch: Batch) -> None:
    if counted.days is None:
        return
    days = _days(batch.times)
    timed = (days >= 0) & (days < DAYS)
    counted.untimed += int((~timed).sum())
    counted.days.add(days[timed], batch.judged[timed], [flagged[timed] for flagged in batch.flags])


def _days(times: Any) -> Ints:
    """Return the day of each time stamp, from 1970 on; -1 where there is none."""
    stamps = np.asarray(times.cast("int64").fill_null(-1).to_numpy(zero_copy_only=False), np.int64)
    return stamps // _DAY_US
