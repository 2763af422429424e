"""What knowing a row's corpus alone is worth: why no figure over all corpora is ever given as quality."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from tocsin.eval.calibration_error import calibration_rows
from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.statistics.ranking import Ranking
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Column, Kind, Row, Table
from tocsin.signals import Signal

__all__ = ["corpus_alone"]

_ABOUT: Final = (
    (
        "The AUROC that a guess reaches which never looks at a text, over the test rows of all corpora"
        " together that have calibration rows: each row gets the share of positives among those of its"
        " corpus. **No measure of this bundle**: it is what a pooled figure would be flattered by, and why"
        " none is given. Within one corpus the same guess is at 0.5 by construction."
    ),
)


def corpus_alone(subject: Subject) -> Iterator[Table]:
    """Yield one table, nothing where the training record does not count calibration rows by corpus."""
    rows = list(_rows(subject))
    if rows:
        yield Table(
            "corpus-alone",
            "What knowing the corpus alone would reach",
            (
                Column("signal", "signal", Kind.CODE, key=True),
                Column("language", "language", key=True),
                Column("corpora", "corpora", Kind.COUNT),
                Column("positives", "+", Kind.COUNT),
                Column("negatives", "−", Kind.COUNT),
                Column("corpus_only", "AUROC of the corpus's name", Kind.SCORE),
            ),
            rows,
            about=_ABOUT,
        )


def _rows(subject: Subject) -> Iterator[Row]:
    counts = calibration_rows(subject.training) or {}
    languages = np.array([row.language for row in subject.rows])
    corpora = np.array([row.corpus for row in subject.rows])
    for signal in Signal:
        for language in np.unique(languages).tolist():
            shares = {
                corpus: told[signal][language]["positives"]
                / max(told[signal][language]["positives"] + told[signal][language]["negatives"], 1)
                for corpus, told in counts.items()
                if language in told.get(signal, {})
            }
            here = (subject.labels[signal] >= 0) & (languages == language) & np.isin(corpora, list(shares))
            labels = subject.labels[signal][here]
            known = np.unique(corpora[here]).tolist()
            if len(known) < 2 or min((labels == 1).sum(), (labels == 0).sum()) < LEAST_ROWS:
                continue
            guesses = np.array([shares[corpus] for corpus in corpora[here].tolist()])
            reached = Ranking.of(labels, guesses).figures(np.ones(len(labels)))["auroc"]
            yield {
                "signal": signal.value,
                "language": language,
                "corpora": len(known),
                "positives": int((labels == 1).sum()),
                "negatives": int((labels == 0).sum()),
                "corpus_only": reached,
            }
