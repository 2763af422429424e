"""Suite "drift": whether scores of one time differ from those of another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.comparison.moved import Moved, moved, rows_of, without_score
from tocsin.eval.comparison.score_file import ScoreFile
from tocsin.eval.statistics.drifting import LARGE, mean_of, means_apart
from tocsin.eval.statistics.intervals import proportion, proportions_apart
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun, Tell
from tocsin.eval.tables import Better, Column, Kind, Marked, Row, Table
from tocsin.signals import Signal

__all__ = ["DRIFTED", "SUITE", "DriftSuite"]

DRIFTED: Final = "drifted"
_QUANTILES: Final = {"median": 0.5, "90%": 0.9, "95%": 0.95, "99%": 0.99}
_MOST_TOLD: Final = 3
_SIGNAL: Final = Column("signal", "signal", Kind.CODE, key=True)
_ABOUT: Final = (
    (
        "Two sets of scores, before and after: of a platform's posts in two months, say. PSI, the population"
        " stability index, adds up how far the shares of posts moved in ten bins, each a tenth of *before*;"
        " half a post is added to every bin, lest one be empty. A rule of thumb calls 0.1 a change and 0.25 a"
        " large one, however many posts there are; but a few hundred reach 0.1 by chance. So *by chance* is"
        " the PSI that two samples as large as these pass in 5% of cases where nothing changed: the posts of"
        " both, dealt anew 500 times."
    ),
    (
        f"**{DRIFTED}**: the PSI is at least {LARGE} and beyond what chance gives. KS is the largest gap"
        " between the two cumulative distributions (Kolmogorov and Smirnov); where there are many posts, its"
        " p-value (asymptotic) is small for the slightest change."
    ),
    "Drift says that scores changed, not why: other posts, other languages among them, another bundle.",
)
_ABOUT_QUANTILES: Final = (
    "A tenth of *before* lies above its 90% quantile. Where more of *after* does, a threshold set there flags"
    " more."
)
_INTERVALS: Final = (
    "Intervals are of 95%: Wilson's for shares, normal for means. They, and what chance gives, take each row"
    " for a fresh one."
)


@dataclass(frozen=True, slots=True)
class DriftSuite:
    """Measure how far two files of scores differ, signal by signal."""

    name: str = "drift"
    title: str = "Drift, between two sets of scores"
    question: str = "Have scores changed since, further than chance alone would move them?"

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return drift and quantiles by signal; raise NotRun without two files that share a signal."""
        if subject.drift is None:
            raise NotRun("needs two files of scores: name them with --before FILE --after FILE")
        before, after = subject.drift
        found = []
        for one in moved(before, after):
            tell(f"compared scores of {one.signal}: a PSI of {one.drift.psi:.3f}")
            found.append(one)
        if not found:
            raise NotRun(
                f"needs {LEAST_ROWS} scores of one signal in both files: {before.name} and {after.name} have"
                " no such signal"
            )
        tables = [_signals(found, before, after), _quantiles(found), _files(before, after)]
        return Measured(tables, [*_drifted(found), *_unscored(before, after), *_risen(found), _most(found)])


def _signals(found: list[Moved], before: ScoreFile, after: ScoreFile) -> Table:
    return Table(
        "signals",
        "Scores before and after",
        (
            _SIGNAL,
            Column("before", "before", Kind.COUNT, about="Rows with a score."),
            Column("after", "after", Kind.COUNT, about="Rows with a score."),
            Column("missing_before", "without a score before", Kind.SHARE),
            Column("missing_after", "without a score after", Kind.SHARE),
            Column("mean_before", "mean before", Kind.SCORE),
            Column("mean_after", "mean after", Kind.SCORE),
            Column("change", "change of the mean", Kind.CHANGE),
            Column("psi", "PSI", Kind.SCORE, better=Better.LOWER),
            Column("by_chance", "PSI by chance", Kind.SCORE),
            Column("ks", "KS", Kind.SCORE, better=Better.LOWER),
            Column("p", "p of KS", Kind.SCORE),
        ),
        [_row(one) for one in found],
        about=_ABOUT,
        notes=[
            f"Before: {before.name}. After: {after.name}.",
            _INTERVALS,
            *_too_few(found, before, after),
            *_both(before, after),
        ],
    )


def _row(one: Moved) -> Row:
    missing = one.unscored
    return {
        "signal": one.signal.value,
        "before": len(one.before),
        "after": len(one.after),
        "missing_before": missing[0],
        "missing_after": missing[1],
        "mean_before": mean_of(one.before),
        "mean_after": mean_of(one.after),
        "change": means_apart(one.before, one.after),
        "psi": Marked(one.drift.psi, DRIFTED) if one.drift.drifted else one.drift.psi,
        "by_chance": one.drift.no_drift,
        "ks": one.drift.ks,
        "p": one.drift.p,
    }


def _quantiles(found: list[Moved]) -> Table:
    return Table(
        "quantiles",
        "Quantiles, and what lies above those of before",
        (
            _SIGNAL,
            Column("quantile", "quantile", key=True),
            Column("before", "before", Kind.SCORE),
            Column("after", "after", Kind.SCORE),
            Column("above_before", "of before, above that of before", Kind.SHARE),
            Column("above_after", "of after, above that of before", Kind.SHARE),
        ),
        [row for one in found for row in _quantile_rows(one)],
        about=(_ABOUT_QUANTILES,),
    )


def _quantile_rows(one: Moved) -> Iterator[Row]:
    for name, share in _QUANTILES.items():
        value = float(np.quantile(one.before, share))
        yield {
            "signal": one.signal.value,
            "quantile": name,
            "before": value,
            "after": float(np.quantile(one.after, share)),
            "above_before": proportion(int((one.before > value).sum()), len(one.before)),
            "above_after": proportion(int((one.after > value).sum()), len(one.after)),
        }


def _too_few(found: list[Moved], before: ScoreFile, after: ScoreFile) -> Iterator[str]:
    told = {one.signal for one in found}
    named = {*before.scores, *after.scores} - told
    few = [f"`{signal}`" for signal in Signal if signal in named]
    if few:
        yield f"Fewer than {LEAST_ROWS} scores before or after, so no figures: {', '.join(few)}."


def _both(before: ScoreFile, after: ScoreFile) -> Iterator[str]:
    shared = len(rows_of(before) & rows_of(after))
    if shared:
        yield (
            f"{shared:,} ids are in both files. Of the same posts, chance moves scores less than said here;"
            " to compare two bundles on the same posts, the suite `stability` is the sharper one."
        )


def _files(before: ScoreFile, after: ScoreFile) -> Table:
    return Table(
        "files",
        "What could not be scored at all",
        (
            Column("when", "when", key=True),
            Column("file", "file"),
            Column("rows", "rows", Kind.COUNT),
            Column("unscored", "without any score", Kind.SHARE, better=Better.LOWER),
        ),
        [
            {
                "when": when,
                "file": file.name,
                "rows": len(rows_of(file)),
                "unscored": proportion(without_score(file), len(rows_of(file))),
            }
            for when, file in (("before", before), ("after", after))
        ],
        about=(
            "Rows without any score are in no figure above: empty, too long, or in a language not judged.",
        ),
    )


def _drifted(found: list[Moved]) -> Iterator[str]:
    drifted = sorted((one for one in found if one.drift.drifted), key=lambda one: -one.drift.psi)
    for one in drifted[:_MOST_TOLD]:
        yield (
            f"Scores of `{one.signal}` drifted: a PSI of {one.drift.psi:.2f} ({one.drift.no_drift:.3f} by"
            f" chance); their mean went from {one.before.mean():.3f} to {one.after.mean():.3f}."
        )


def _unscored(before: ScoreFile, after: ScoreFile) -> Iterator[str]:
    """Yield the share of rows without any score, where it surely rose."""
    (old, earlier), (new, later) = ((without_score(file), len(rows_of(file))) for file in (before, after))
    if proportions_apart(new, later, old, earlier).low > 0:
        yield (
            f"Rows that could not be scored at all went from {old / earlier:.1%} to {new / later:.1%}: they"
            " are in no other figure here."
        )


def _risen(found: list[Moved]) -> Iterator[str]:
    """Yield where the share of rows without a score of one signal surely rose most."""
    most = max(found, key=lambda one: one.risen.value)
    if most.risen.low > 0:
        before, after = most.unscored
        yield f"Rows without a score of `{most.signal}` went from {before.value:.1%} to {after.value:.1%}."


def _most(found: list[Moved]) -> str:
    most = max(found, key=lambda one: one.drift.psi)
    return (
        f"{sum(one.drift.drifted for one in found)} of {len(found)} signals drifted; the largest PSI is"
        f" {most.drift.psi:.3f}, of `{most.signal}`, where chance gives up to {most.drift.no_drift:.3f}."
    )


SUITE: Final = DriftSuite()
