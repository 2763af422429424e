"""Suite "corpora": how well each signal ranks each corpus's test rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.eval.cells import LEAST_POSITIVES, Cell, cell
from tocsin.eval.comparison.twins import twin_findings, twin_table
from tocsin.eval.corpus_alone import corpus_alone
from tocsin.eval.detection import detection
from tocsin.eval.slices import slices
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, Tell
from tocsin.eval.tables import Better, Column, Kind, Marked, Plot, Row, Table

__all__ = ["FEW", "FIGURES", "PLACE", "SUITE", "Corpora"]

FEW: Final = "few"
_THIN: Final = "recall_at_fpr_0.01"
PLACE: Final = (
    Column("corpus", "corpus", key=True),
    Column("signal", "signal", Kind.CODE, key=True),
    Column("language", "language", key=True),
)
FIGURES: Final = {
    "auroc": "AUROC",
    "average_precision": "average precision",
    "recall_at_fpr_0.01": "recall at fpr 1%",
    "recall_at_fpr_0.05": "recall at fpr 5%",
}
_SAYS: Final = {
    "auroc": "How often a positive row outranks a negative one: 0.5 is chance, 1 is perfect.",
    "average_precision": "Precision averaged over recall: chance is the share of positives.",
    "recall_at_fpr_0.01": "Share of positives found at the threshold that flags 1% of the cell's negatives.",
    "recall_at_fpr_0.05": "Share of positives found at the threshold that flags 5% of the cell's negatives.",
}
_ABOUT: Final = (
    (
        "On test rows that fitted nothing, as the corpora are split: no copy, contrast partner or row of the"
        " same group of one is in training, calibration or thresholds; nor, as far as locality-sensitive"
        " hashing finds them, is a near-copy (90% of the characters alike). Of rows from a file of one's own,"
        " and of corpora that the bundle knew with other files, nobody checked that. Recall at fpr"
        " is the recall at the lowest threshold whose false-positive rate on the cell's own test negatives"
        " does not pass that rate: a measure of ranking, not what the shipped thresholds do."
    ),
    (
        "Figures of different corpora are not comparable, and none is pooled: which corpus a text comes"
        " from is easier to tell than what it says."
    ),
)
_INTERVALS: Final = (
    "Intervals are of 95%: of the AUROC after DeLong et al. (1988) on the scale of log-odds, of average"
    " precision likewise from its influence function, of recall Wilson's, wider by what the place of the"
    " threshold is uncertain. Rows that came together (one author, one thread, one template, contrast"
    " partners) count as one cluster where the corpus says so."
)


@dataclass(frozen=True, slots=True)
class Corpora:
    """Measure ranking by corpus, signal and language, beside what simpler explanations reach."""

    name: str = "corpora"
    title: str = "Ranking, by corpus, signal and language"
    question: str = "How well does each signal put the right posts first, on which kind of text?"

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return the cells, what the corpus alone tells, twins if any, and language detection."""
        found = []
        for part in slices(subject.rows, subject.scores):
            found.append(cell(part))
            tell(f"ranked {part.corpus} · {part.signal}")
        tables = [_cells(found), *corpus_alone(subject)]
        findings = list(_findings(found))
        if subject.twins:
            tell("comparing with twins")
            twins = twin_table(subject)
            tables += [twins]
            findings += twin_findings(twins)
        tell("detecting languages")
        return Measured([*tables, detection(subject)], findings)


def _cells(found: Sequence[Cell]) -> Table:
    return Table(
        "cells",
        "Every cell that has enough rows",
        (
            *PLACE,
            Column("positives", "+", Kind.COUNT, about="Test rows that a person labelled positive."),
            Column("negatives", "−", Kind.COUNT, about="Test rows that a person labelled negative."),
            *(
                Column(name, head, Kind.SCORE, better=Better.HIGHER, about=_SAYS[name])
                for name, head in FIGURES.items()
            ),
        ),
        [_row(one) for one in found if one.estimates],
        about=_ABOUT,
        notes=[
            f"**{FEW}**: fewer than {LEAST_POSITIVES} positives, shown and no ground for a claim.",
            _INTERVALS,
            *_left_out(found),
        ],
        card=True,
        plot=Plot.BARS,
    )


def _row(one: Cell) -> Row:
    return {
        "corpus": one.corpus,
        "signal": one.signal.value,
        "language": one.language,
        "positives": one.positives if one.claimed else Marked(one.positives, FEW),
        "negatives": one.negatives,
        **{name: one.estimates[name] for name in FIGURES},
    }


def _left_out(found: Iterable[Cell]) -> list[str]:
    told = [
        f"{one.corpus} `{one.signal}` ({one.positives} / {one.negatives})"
        for one in found
        if not one.estimates
    ]
    return [f"Too few rows of one class to report, or signal not offered: {', '.join(told)}."] if told else []


def _findings(found: Iterable[Cell]) -> Iterator[str]:
    claimed = sorted((one for one in found if one.claimed), key=lambda one: one.estimates["auroc"].value)
    if not claimed:
        yield "No cell has enough labelled test rows for a claim."
        return
    yield _ranks(
        "Weakest" if len(claimed) > 1 else "Weakest, and the only cell with enough rows for a claim",
        claimed[0],
    )
    if len(claimed) > 1:
        yield _ranks("Strongest", claimed[-1])
    recalls = sorted(claimed, key=lambda one: one.estimates[_THIN].value)
    ends = [
        f"{one.estimates[_THIN].value:.0%} (`{one.signal}` on {one.corpus})"
        for one in (recalls[0], *recalls[1:][-1:])
    ]
    yield (
        "At the threshold that flags 1% of a cell's negatives, it finds"
        f" {'from ' if len(ends) > 1 else ''}{' to '.join(ends)} of the positives."
    )


def _ranks(words: str, one: Cell) -> str:
    estimate = one.estimates["auroc"]
    return (
        f"{words}: `{one.signal}` on {one.corpus} ({one.language}) puts a positive post above a negative one"
        f" {estimate.value:.0%} of the time (chance is 50%; {estimate.low:.0%} to {estimate.high:.0%})."
    )


SUITE: Final = Corpora()
