"""Two classifiers on exactly the same rows: figures of both, how far apart, and whether that is chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.cells import LEAST_POSITIVES, LEAST_ROWS
from tocsin.eval.comparison.score_file import ScoreFile
from tocsin.eval.slices import Slice, slices
from tocsin.eval.statistics.apart import Apart, Verdict, holm, rankings_apart, verdict
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.statistics.ranking_intervals import ranked
from tocsin.eval.tables import Better, Column, Kind, Marked, Row, Table
from tocsin.example import Example
from tocsin.signals import Signal

__all__ = ["BEHIND", "FEW", "FIGURES", "Pair", "beside", "difference_tables", "left_out", "score_matrix"]

BEHIND: Final = "behind"
FEW: Final = "few"
FIGURES: Final = {
    "auroc": "AUROC",
    "average_precision": "average precision",
    "recall_at_fpr_0.01": "recall at fpr 1%",
    "recall_at_fpr_0.05": "recall at fpr 5%",
}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Hold what two classifiers reach on the rows of one corpus, signal and language that both scored.

    `lacking` counts the labelled rows that the first did not score, and those that the second did not.
    `first`, `second` and `apart` are by figure; empty where either class has fewer than 20 rows.
    """

    corpus: str
    signal: Signal
    language: str
    positives: int
    negatives: int
    lacking: tuple[int, int]
    first: Mapping[str, Estimate]
    second: Mapping[str, Estimate]
    apart: Mapping[str, Apart]

    @property
    def claimed(self) -> bool:
        """Say whether there are enough positives for a verdict."""
        return self.positives >= LEAST_POSITIVES and bool(self.apart)


def score_matrix(file: ScoreFile, rows: Sequence[Example]) -> Floats:
    """Return ``(rows, signals)`` scores, NaN where the file has none."""
    columns = [file.scores.get(signal, {}) for signal in Signal]
    return np.array([[column.get(row.id, np.nan) for column in columns] for row in rows], np.float64)


def beside(rows: Sequence[Example], first: Floats, second: Floats) -> Iterator[Pair]:
    """Yield a pair for every slice where both scored at least one labelled row.

    `first` and `second` are ``(rows, signals)`` of any scale, larger is more positive, NaN for no score.
    """
    nobody = np.isnan(first) | np.isnan(second)
    cut = (
        slices(rows, scores)
        for scores in (np.where(nobody, np.nan, first), np.where(nobody, np.nan, second), first, second)
    )
    for ours, theirs, mine, other in zip(*cut, strict=True):
        if len(ours.labels):
            yield _pair(ours, theirs, (mine.unscored, other.unscored))


def _pair(ours: Slice, theirs: Slice, lacking: tuple[int, int]) -> Pair:
    enough = min(ours.positives, ours.negatives) >= LEAST_ROWS
    a, b = (ranked(part.labels, part.scores, part.groups) if enough else {} for part in (ours, theirs))
    return Pair(
        ours.corpus,
        ours.signal,
        ours.language,
        ours.positives,
        ours.negatives,
        lacking,
        {name: found.estimate for name, found in a.items()},
        {name: found.estimate for name, found in b.items()},
        {name: rankings_apart(a[name], b[name]) for name in a},
    )


def difference_tables(
    found: Mapping[str, Sequence[Pair]],
    first: str,
    name: str,
    about: Sequence[str] = (),
    second: str = "it",
) -> list[Table]:
    """Return one table a figure: the classifier called `first` beside each that `found` names.

    Heads call the other one `second`; tables are called `name` and their figure. Verdicts are Holm's over
    all pairs of a table that have 50 positives or more; the others get none.
    """
    told = [(rival, pair) for rival, pairs in found.items() for pair in pairs if pair.apart]
    return [
        Table(
            f"{name}_{figure}",
            f"{head}, on the same rows",
            _columns(first, second),
            _rows(told, figure),
            about=about if place == 0 else (),
            notes=_notes(first),
        )
        for place, (figure, head) in enumerate(FIGURES.items())
    ]


def _columns(first: str, second: str) -> tuple[Column, ...]:
    return (
        Column("beside", "beside", key=True),
        Column("corpus", "corpus", key=True),
        Column("signal", "signal", Kind.CODE, key=True),
        Column("language", "language", key=True),
        Column("positives", "+", Kind.COUNT, about="Positive rows that both scored."),
        Column("negatives", "−", Kind.COUNT, about="Negative rows that both scored."),
        Column(
            "lacking", f"{second} lacks", Kind.COUNT, about="Labelled rows that the other one gave no score."
        ),
        Column("unscored", f"{first} lacks", Kind.COUNT, about=f"Labelled rows that {first} gave no score."),
        Column("first", first, Kind.SCORE, better=Better.HIGHER),
        Column("second", second, Kind.SCORE),
        Column("difference", f"{first} − {second}", Kind.CHANGE, better=Better.HIGHER),
        Column("p_value", "p, adjusted", Kind.SCORE, about="Two-sided, by Holm's rule over this table."),
        Column("verdict", f"{first} is", about="Better or worse where the adjusted p-value is below .05."),
    )


def _rows(told: Sequence[tuple[str, Pair]], figure: str) -> list[Row]:
    claimed = [pair for _, pair in told if pair.claimed]
    adjusted = iter(holm([pair.apart[figure].p_value for pair in claimed]))
    return [_row(rival, pair, figure, next(adjusted) if pair.claimed else None) for rival, pair in told]


def _row(rival: str, pair: Pair, figure: str, adjusted: float | None) -> Row:
    apart = pair.apart[figure]
    said = None if adjusted is None else verdict(apart, adjusted)
    return {
        "beside": rival,
        "corpus": pair.corpus,
        "signal": pair.signal.value,
        "language": pair.language,
        "positives": pair.positives if pair.claimed else Marked(pair.positives, FEW),
        "negatives": pair.negatives,
        "lacking": pair.lacking[1],
        "unscored": pair.lacking[0],
        "first": pair.first[figure],
        "second": pair.second[figure],
        "difference": Marked(apart.estimate, BEHIND) if said is Verdict.WORSE else apart.estimate,
        "p_value": adjusted,
        "verdict": said.value if said else None,
    }


def _notes(first: str) -> list[str]:
    return [
        (
            f"**{BEHIND}**: {first} is worse, and chance alone would say so of nothing in less than one table"
            " of twenty. *No detectable difference* does not mean that there is none: the interval says how"
            f" large it may be. **{FEW}**: fewer than {LEAST_POSITIVES} positives, shown without a verdict."
        )
    ]


def left_out(found: Mapping[str, Sequence[Pair]]) -> list[str]:
    """Return a note on the slices that are too small to show, none where there are none."""
    small = [
        f"{pair.corpus} `{pair.signal}` beside {name} ({pair.positives} / {pair.negatives})"
        for name, pairs in found.items()
        for pair in pairs
        if not pair.apart
    ]
    return [f"Fewer than {LEAST_ROWS} rows of a class that both scored: {', '.join(small)}."] if small else []
