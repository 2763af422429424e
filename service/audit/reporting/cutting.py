"""What was counted, as records: scores by policy and language, and slices; small ones kept back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.reporting.counting import FINE, Counted
from tocsin.service.audit.reporting.groups import Ends, Pieces
from tocsin.service.audit.reporting.periods import flags_of
from tocsin.service.audit.reporting.records import (
    CutRecord,
    LanguageRecord,
    LevelRecord,
    ScoresRecord,
    SliceRecord,
)
from tocsin.service.audit.sampling.frame import FLAGGING
from tocsin.service.audit.slicing import LEAST_ROWS, MOST_VALUES

__all__ = ["BINS", "cut_record", "scores_record"]

Ints = NDArray[np.int64]

BINS: Final = 50  # bars of a histogram
_QUANTILES: Final = (0.5, 0.9, 0.99)
_CROWDED: Final = f"more than {MOST_VALUES} values"


def scores_record(counted: Counted, policy: int, name: str) -> ScoresRecord:
    """Return how the scores of one policy lie, by number and name."""
    (counts, flagged), crowded = counted.scores[:, policy], counted.languages.crowded
    judged = int(counts.sum())
    ranked = [] if crowded else _ranked(counted.language_scores[:, 0, policy].sum(axis=1))
    small = [size for _, size in ranked if size < LEAST_ROWS]
    return ScoresRecord(
        name=name,
        judged=judged,
        unjudged=counted.rows - judged,
        levels=_levels(counted.flagged[policy], counted.ends, 0, policy),
        counts=_coarse(counts),
        flagged=_coarse(flagged),
        languages=tuple(_language(counted, code, policy) for code, size in ranked if size >= LEAST_ROWS),
        suppressed=len(small),
        suppressed_rows=sum(small),
        why=_CROWDED if crowded else None,
    )


def _levels(flagged: Ints, ends: Ends, group: int, policy: int) -> tuple[LevelRecord, ...]:
    """Return the levels of one policy; `flagged` are counts by level."""
    low, high = ends.lowest[group, policy], ends.highest[group, policy]
    return tuple(
        LevelRecord(
            level=level,
            flagged=int(flagged[place]),
            lowest=_finite(low[place]),
            highest_below=_finite(high[place]),
        )
        for place, level in enumerate(FLAGGING)
    )


def _finite(value: np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None


def _language(counted: Counted, code: int, policy: int) -> LanguageRecord:
    counts, told = counted.language_scores[code, :, policy]
    median, ninetieth, ninety_ninth = (_quantile(counts, share) for share in _QUANTILES)
    flagged = counted.languages.groups.flagged[code, policy]
    return LanguageRecord(
        language=counted.languages.values.known[code],
        rows=int(counts.sum()),
        levels=_levels(flagged, counted.language_ends, code, policy),
        counts=_coarse(counts),
        flagged=_coarse(told),
        median=median,
        ninetieth=ninetieth,
        ninety_ninth=ninety_ninth,
    )


def _coarse(counts: Ints) -> tuple[int, ...]:
    return tuple(counts.reshape(BINS, -1).sum(axis=1).tolist())


def _quantile(counts: Ints, share: float) -> float:
    """Return the score, rounded down to one in a thousand, that this share of rows lies at or below."""
    return float(np.searchsorted(np.cumsum(counts), share * counts.sum()) / FINE)


def cut_record(pieces: Pieces, names: Sequence[str]) -> CutRecord:
    """Return the slices of one column, the largest first."""
    if pieces.crowded:
        return CutRecord(slices=(), suppressed=0, suppressed_rows=0, why=_CROWDED)
    groups = pieces.groups
    ranked = _ranked(groups.rows)
    small = [size for _, size in ranked if size < LEAST_ROWS]
    return CutRecord(
        slices=tuple(
            SliceRecord(
                value=pieces.values.known[code],
                rows=size,
                unscorable=int(groups.unscorable[code]),
                policies=flags_of(names, groups.flagged[code]),
            )
            for code, size in ranked
            if size >= LEAST_ROWS
        ),
        suppressed=len(small),
        suppressed_rows=sum(small),
    )


def _ranked(sizes: Ints) -> list[tuple[int, int]]:
    """Return the numbers of values that have rows, and how many, the largest first."""
    return [(code, int(sizes[code])) for code in np.argsort(-sizes, kind="stable").tolist() if sizes[code]]
