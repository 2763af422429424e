"""The card's part on calibration: what scores promise, corpus by corpus, beside what came of it."""

from __future__ import annotations

from collections.abc import Sequence
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
)
from tocsin.eval.markdown import decimals, table

__all__ = ["calibration_part"]

_FIGURES: Final = {ERROR: "debiased error", SKILL: "Brier skill"}
_ABOUT: Final = f"""\
A score is a probability at the reference prevalence above. Here each is moved to the share of positives
among the corpus's own *calibration* rows, test rows playing no part in it, then compared with what the test
rows are. It is moved in two ways. The *prior shift* multiplies the odds by what the two shares say, as if
only they differed; `priority` applies it. The *matched shift* adds to the log-odds the one constant with
which the mean score of those calibration rows equals their share of positives. It needs unlabelled texts of
a platform and a known share, no label of any single text; no score in use applies it.

The error is the debiased calibration error of Kumar, Liang and Ma (2019) over ten bins of equal mass: the
root of the mean squared distance between scores and shares of positives, less what chance alone adds to it;
0 where that leaves nothing. The Brier skill says how much nearer the scores come to the labels than that one
share, named for every text: 1 is perfect, 0 no better, below 0 worse. Intervals are bootstrapped as above.
The aim, from {AIMED_POSITIVES} test positives on, is an error of {LARGEST_ERROR} at most and a skill above 0
after either shift; a figure that misses it is marked **missed**. Cells with fewer than {LEAST_OF_A_CLASS}
test rows of a class are left out.
‡ fewer than {AIMED_POSITIVES} positives: shown, held to no aim.
§ test drawn otherwise: its share of positives differs from that of the calibration rows beyond chance
(Fisher's exact test, p < {SURELY_OTHERWISE}), so both shifts move to a share that the test rows do not have.
"""


def calibration_part(found: Sequence[CalibrationCell]) -> str:
    """Return the table of the cells that were measured, and by name those that were not."""
    measured = [_row(cell) for cell in found if cell.estimates]
    header = (
        "corpus",
        "signal",
        "language",
        "prevalence used (calibration + / −)",
        "test + / −",
        *(f"{figure}, {shift} shift" for shift in Shift for figure in _FIGURES.values()),
    )
    return "\n".join([_ABOUT, *([table(header, measured)] if measured else []), *_not_measured(found)])


def _row(cell: CalibrationCell) -> tuple[str, ...]:
    positives, negatives = cell.fitted_on or (0, 0)
    return (
        cell.corpus,
        f"`{cell.signal}`" + ("" if cell.aimed else " ‡"),
        cell.language,
        f"{cell.prevalence:.3f} ({positives} / {negatives})",
        f"{cell.positives} / {cell.negatives}" + (" §" if cell.drawn_otherwise else ""),
        *(
            decimals(cell.estimates[shift][name]) + (" **missed**" if name in cell.missed(shift) else "")
            for shift in Shift
            for name in _FIGURES
        ),
    )


def _not_measured(found: Sequence[CalibrationCell]) -> list[str]:
    by_reason: dict[str, list[str]] = {}
    for cell in found:
        if cell.lacks:
            by_reason.setdefault(cell.lacks, []).append(f"{cell.corpus} `{cell.signal}` ({cell.language})")
    return [f"Not measured: {why}: {', '.join(cells)}.\n" for why, cells in by_reason.items()]
