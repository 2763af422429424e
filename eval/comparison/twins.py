"""The bundle beside models of one corpus alone, and beside models that never saw that corpus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.cells import LEAST_POSITIVES
from tocsin.eval.statistics.apart import rankings_apart
from tocsin.eval.statistics.clusters import clusters
from tocsin.eval.statistics.ranking import Ranking
from tocsin.eval.statistics.ranking_intervals import ranked
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Better, Column, Kind, Marked, Row, Table
from tocsin.signals import Signal

__all__ = ["BEHIND", "NEAR", "twin_findings", "twin_table"]

NEAR: Final = 0.02  # how far behind its twin a cell may be without a word of explanation
BEHIND: Final = "behind"
_ABOUT: Final = (
    (
        "*Twin*: the same recipe fitted on the training rows of that corpus alone, its strength chosen on"
        " that corpus's dev rows. *Without*: fitted on all other corpora, this one never seen (one signal"
        " by itself, at the bundle's strength; – where no other corpus teaches it): what is to be expected"
        " of a platform that no corpus comes from. All on the same test rows; the interval is that"
        " of the paired difference (DeLong et al. 1988)."
    ),
)

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]
Clusters = NDArray[np.intp]


def twin_table(subject: Subject) -> Table:
    """Return AUROC of the bundle, of each cell's twin, and of a model without its corpus.

    Cells have 50 test rows of each class or more; one that is more than .02 behind its twin is marked.
    """
    return Table(
        "twins",
        "Beside models of one corpus alone, and without it",
        (
            Column("corpus", "corpus", key=True),
            Column("signal", "signal", Kind.CODE, key=True),
            Column("language", "language", key=True),
            Column("positives", "+", Kind.COUNT),
            Column("negatives", "−", Kind.COUNT),
            Column("bundle", "bundle", Kind.SCORE, better=Better.HIGHER),
            Column("twin", "twin", Kind.SCORE),
            Column("difference", "bundle − twin", Kind.CHANGE, better=Better.HIGHER),
            Column("without", "without", Kind.SCORE),
        ),
        list(_rows(subject)),
        about=_ABOUT,
        notes=(f"**{BEHIND}**: more than {NEAR} behind its twin.",),
        card=True,
    )


def _rows(subject: Subject) -> Iterator[Row]:
    if subject.twins is None:
        return
    alone, without = subject.twins
    together = clusters(subject.rows)
    for corpus, language in sorted({(row.corpus, row.language) for row in subject.rows}):
        places = subject.places(corpus, language)
        ids = [subject.rows[place].id for place in places]
        for column, signal in enumerate(Signal):
            scores = np.stack(
                [
                    subject.scores[places, column],
                    *(
                        np.array([told.scores.get(signal, {}).get(row, np.nan) for row in ids])
                        for told in (alone, without)
                    ),
                ]
            )
            labels = subject.labels[signal][places]
            here = (labels >= 0) & ~np.isnan(scores[:2]).any(axis=0)
            counts = [int((labels[here] == one).sum()) for one in (1, 0)]
            if min(counts) >= LEAST_POSITIVES:
                yield {
                    "corpus": corpus,
                    "signal": signal.value,
                    "language": language,
                    "positives": counts[0],
                    "negatives": counts[1],
                    **_figures(labels[here], scores[:, here], together[places][here]),
                }


def _figures(labels: Labels, scores: Floats, groups: Clusters) -> Row:
    bundle, twin = (ranked(labels, one, groups)["auroc"] for one in scores[:2])
    difference, without = rankings_apart(bundle, twin).estimate, scores[2]
    return {
        "bundle": bundle.estimate.value,
        "twin": twin.estimate.value,
        "difference": Marked(difference, BEHIND) if difference.value < -NEAR else difference,
        "without": None
        if np.isnan(without).any()
        else Ranking.of(labels, without).figures(np.ones(len(labels)))["auroc"],
    }


def twin_findings(table: Table) -> Iterator[str]:
    """Yield how many cells are behind their twin, and the cell that falls most without its corpus."""
    behind = [row for row in table.rows if isinstance(row["difference"], Marked)]
    if table.rows:
        named = "; ".join(f"`{row['signal']}` on {row['corpus']} ({row['language']})" for row in behind)
        yield (
            f"In {len(behind)} of {len(table.rows)} cells it ranks more than {NEAR} worse than a model of"
            f" that corpus alone{': ' + named if named else ''}."
        )
    unseen = [(row, share) for row in table.rows if isinstance(share := row["without"], float)]
    if unseen:
        row, share = min(unseen, key=lambda one: one[1])
        yield (
            "Of a corpus that it never saw, expect less: fitted without it, the same recipe puts a"
            f" positive post above a negative one {share:.0%} of the time for `{row['signal']}` on"
            f" {row['corpus']} ({row['language']}), the lowest of {len(unseen)} (chance is 50%)."
        )
