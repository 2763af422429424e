"""Suite "calibration": whether a score keeps what it promises, corpus by corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.eval.calibration_error import (
    AIMED_POSITIVES,
    ERROR,
    LARGEST_ERROR,
    LEAST_OF_A_CLASS,
    SKILL,
    SURELY_OTHERWISE,
    CalibrationCell,
    Shift,
    calibration_cell,
    calibration_rows,
)
from tocsin.eval.slices import slices
from tocsin.eval.statistics.intervals import proportion
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun, Tell
from tocsin.eval.suites.corpora import FEW, PLACE
from tocsin.eval.tables import Better, Column, Kind, Marked, Plot, Row, Table, Value

__all__ = ["MISSED", "OTHERWISE", "SUITE", "CalibrationSuite"]

MISSED: Final = "missed"
OTHERWISE: Final = "drawn otherwise"
_WORST: Final = 5  # findings; the table marks all
_FIGURES: Final = {ERROR: "debiased error", SKILL: "Brier skill"}
_BETTER: Final = {ERROR: Better.LOWER, SKILL: Better.HIGHER}
_ABOUT: Final = (
    (
        "A score is a probability at the reference prevalence that the bundle declares. Here each is moved"
        " to the share of positives among the corpus's own *calibration* rows, test rows playing no part"
        " in it, then compared with what the test rows are. It is moved in two ways. The *prior shift*"
        " multiplies the odds by what the two shares say, as if only they differed; `priority` applies it."
        " The *matched shift* adds to the log-odds the one constant with which the mean score of those"
        " calibration rows equals their share of positives. It needs unlabelled texts of a platform and a"
        " known share, no label of any single text; no score in use applies it."
    ),
    (
        "The error is the debiased calibration error of Kumar, Liang and Ma (2019) over ten bins of equal"
        " mass: the root of the mean squared distance between scores and shares of positives, less what"
        " chance alone adds to it; 0 where that leaves nothing. The Brier skill says how much nearer the"
        " scores come to the labels than that one share, named for every text: 1 is perfect, 0 no better,"
        " below 0 worse."
    ),
    (
        f"The aim, from {AIMED_POSITIVES} test positives on, is an error of {LARGEST_ERROR} at most and a"
        f" skill above 0 after either shift; a figure that misses it is marked **{MISSED}**. Cells with"
        f" fewer than {LEAST_OF_A_CLASS} test rows of a class are left out."
    ),
)
_NOTES: Final = (
    (
        f"**{FEW}**: fewer than {AIMED_POSITIVES} positives, shown, held to no aim. Intervals are of 95%, by"
        " bootstrap."
    ),
    (
        f"**{OTHERWISE}**: the share of positives among test rows differs from that of the calibration rows"
        f" beyond chance (Fisher's exact test, p < {SURELY_OTHERWISE}), so both shifts move to a share that"
        " the test rows do not have."
    ),
)


@dataclass(frozen=True, slots=True)
class CalibrationSuite:
    """Measure calibration errors and reliability, after the shift to each corpus's prevalence."""

    name: str = "calibration"
    title: str = "Calibration, after the shift to each corpus's prevalence"
    question: str = "When it says 30%, is it right about 30 times in a hundred?"

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return the errors and the reliability of every cell; raise NotRun where no cell is large enough."""
        rows = calibration_rows(subject.training)
        found = []
        for part in slices(subject.rows, subject.scores):
            if one := calibration_cell(part, subject.scorer.bundle.calibration, rows):
                found.append(one)
                tell(f"calibration of {part.corpus} · {part.signal}")
        if not found:
            raise NotRun(
                f"needs a signal with {LEAST_OF_A_CLASS} test rows of each class in one corpus: had none"
            )
        if not any(one.estimates for one in found):
            raise NotRun(
                f"needs calibration rows of a tested corpus to go by: {' '.join(_not_measured(found))}"
            )
        tables = [_errors(found), *_reliability(found)]
        return Measured(tables, list(_findings(found)))


def _errors(found: Sequence[CalibrationCell]) -> Table:
    return Table(
        "errors",
        "Errors of calibration",
        (
            *PLACE,
            Column("prevalence", "prevalence used", Kind.SCORE),
            Column("calibration", "calibration + / −"),
            Column("positives", "test +", Kind.COUNT),
            Column("negatives", "test −", Kind.COUNT),
            *(
                Column(f"{figure}_{shift}", f"{head}, {shift} shift", Kind.SCORE, better=_BETTER[figure])
                for shift in Shift
                for figure, head in _FIGURES.items()
            ),
        ),
        [_row(one) for one in found if one.estimates],
        about=_ABOUT,
        notes=[*_NOTES, *_not_measured(found)],
        card=True,
    )


def _row(one: CalibrationCell) -> Row:
    positives, negatives = one.fitted_on or (0, 0)
    return {
        "corpus": one.corpus,
        "signal": one.signal.value,
        "language": one.language,
        "prevalence": one.prevalence,
        "calibration": f"{positives} / {negatives}",
        "positives": one.positives if one.aimed else Marked(one.positives, FEW),
        "negatives": Marked(one.negatives, OTHERWISE) if one.drawn_otherwise else one.negatives,
        **{f"{figure}_{shift}": _figure(one, shift, figure) for shift in Shift for figure in _FIGURES},
    }


def _figure(one: CalibrationCell, shift: Shift, figure: str) -> Value:
    estimate = one.estimates[shift][figure]
    return Marked(estimate, MISSED) if figure in one.missed(shift) else estimate


def _not_measured(found: Sequence[CalibrationCell]) -> list[str]:
    by_reason: dict[str, list[str]] = {}
    for cell in found:
        if cell.lacks:
            by_reason.setdefault(cell.lacks, []).append(f"{cell.corpus} `{cell.signal}` ({cell.language})")
    return [f"Not measured: {why}: {', '.join(cells)}." for why, cells in by_reason.items()]


def _reliability(found: Sequence[CalibrationCell]) -> Iterator[Table]:
    """Yield what came of the scores in each bin, after the prior shift: what a reliability diagram draws."""
    rows = [row for one in found for row in _bins(one)]
    if rows:
        yield Table(
            "reliability",
            "Reliability: what came of each tenth of the scores",
            (
                *PLACE,
                Column("bin", "bin", Kind.COUNT, key=True),
                Column("rows", "rows", Kind.COUNT),
                Column("score", "mean score", Kind.SCORE),
                Column("share", "share of positives", Kind.SCORE),
            ),
            rows,
            about=(
                (
                    "After the prior shift. On the diagonal, scores keep what they promise; below it they"
                    " promise too much. Intervals are Wilson's, of 95%."
                ),
            ),
            plot=Plot.RELIABILITY,
        )


def _bins(one: CalibrationCell) -> Iterator[Row]:
    for number, (rows, score, positives) in enumerate(one.bins, 1):
        yield {
            "corpus": one.corpus,
            "signal": one.signal.value,
            "language": one.language,
            "bin": number,
            "rows": rows,
            "score": score,
            "share": proportion(positives, rows),
        }


def _findings(found: Sequence[CalibrationCell]) -> Iterator[str]:
    aimed = [one for one in found if one.aimed]
    missed = sorted(
        (one for one in aimed if one.missed(Shift.PRIOR)),
        key=lambda one: -one.estimates[Shift.PRIOR][ERROR].value,
    )
    yield from map(_misses, missed[:_WORST])
    if not aimed:
        yield f"No cell has the {AIMED_POSITIVES} positives from which on it is held to the aim."
        return
    yield (
        f"{len(aimed) - len(missed)} of {len(aimed)} cells with {AIMED_POSITIVES} positives or more meet"
        " the aim after the prior shift. On texts from elsewhere, read scores as an order, not as shares."
    )


def _misses(one: CalibrationCell) -> str:
    found, missed = one.estimates[Shift.PRIOR], one.missed(Shift.PRIOR)
    told = {
        ERROR: f"are off by {found[ERROR].value:.2f} in the root of the mean square (aim: {LARGEST_ERROR})",
        SKILL: f"tell no more than one share for every text would (Brier skill {found[SKILL].value:.2f})",
    }
    words = " and ".join(said for figure, said in told.items() if figure in missed)
    return f"Scores of `{one.signal}` on {one.corpus} ({one.language}), after the prior shift, {words}."


SUITE: Final = CalibrationSuite()
