"""Counts as figures: by policy, by slice, and how far scores moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args

import numpy as np

from tocsin.service.audit.diffing.records import (
    CutRecord,
    FlaggedRecord,
    MoveRecord,
    PolicyDiff,
    ScoresRecord,
    SliceRecord,
    Status,
    StatusRecord,
)
from tocsin.service.audit.diffing.scores import QUANTILES, ScoreMoves
from tocsin.service.audit.diffing.states import STATES, Moves, State
from tocsin.service.audit.diffing.tally import Tally
from tocsin.service.audit.sampling.values import Values
from tocsin.service.audit.slicing import LEAST_ROWS

__all__ = ["policy_diff", "statuses"]

_STATUSES: Final[tuple[Status, ...]] = get_args(Status)
_WITHOUT: Final = {State.UNSCORABLE: 1, State.REJECTED: 2}  # all other states are of scored rows


def statuses(moves: Moves) -> tuple[StatusRecord, ...]:
    """Return how many rows have which status in A and in B, from the table of any policy."""
    places = [_WITHOUT.get(state, 0) for state in STATES]
    found = np.zeros((len(_STATUSES), len(_STATUSES)), np.int64)
    np.add.at(found, (np.repeat(places, len(places)), np.tile(places, len(places))), moves.table.reshape(-1))
    return tuple(
        StatusRecord(a=_STATUSES[one], b=_STATUSES[other], rows=int(found[one, other]))
        for one, other in np.argwhere(found).tolist()
    )


def policy_diff(
    name: str, number: int, tally: Tally, values: Mapping[str, Values], ranks: float | None
) -> PolicyDiff:
    """Return what flips under one policy, which has this number in the tally."""
    moves = tally.moves(number)
    return PolicyDiff(
        name=name,
        **_flips(moves),
        agreement=None if moves.share is None else 1 - moves.share,
        kappa=moves.kappa,
        lost=moves.lost,
        gained=moves.gained,
        scores=_scores(tally.scores[number], ranks),
        moves=tuple(
            MoveRecord(a=STATES[one], b=STATES[other], rows=int(moves.table[one, other]))
            for one, other in np.argwhere(moves.table).tolist()
        ),
        cuts={column: _cut(known.known, tally.by_slice(column, number)) for column, known in values.items()},
    )


def _flips(moves: Moves) -> dict[str, Any]:
    one, other, both = moves.flagged
    return {
        "judged": moves.judged,
        "raised": moves.raised,
        "lowered": moves.lowered,
        "share": moves.share,
        "flagged": FlaggedRecord(a=one, b=other, both=both, change=moves.change),
    }


def _scores(moves: ScoreMoves, ranks: float | None) -> ScoresRecord | None:
    if not moves.rows:
        return None
    higher, lower = moves.moved
    return ScoresRecord(
        rows=moves.rows,
        higher=higher,
        lower=lower,
        distance=moves.distance,
        quantiles={f"{share:g}": moves.quantile(share) for share in QUANTILES},
        rank_correlation=ranks,
    )


def _cut(values: tuple[str | None, ...], tables: list[Moves]) -> CutRecord:
    told = [(value, moves) for value, moves in zip(values, tables, strict=True) if moves.rows >= LEAST_ROWS]
    small = [moves.rows for moves in tables if 0 < moves.rows < LEAST_ROWS]
    told.sort(key=lambda one: -one[1].rows)
    return CutRecord(
        slices=tuple(SliceRecord(value=value, rows=moves.rows, **_flips(moves)) for value, moves in told),
        suppressed=len(small),
        suppressed_rows=sum(small),
    )
