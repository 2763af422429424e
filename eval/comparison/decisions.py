"""What two bundles decide about the same labelled rows under one policy file, and where they part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Level
from tocsin.eval.cells import LEAST_POSITIVES, LEAST_ROWS
from tocsin.eval.comparison.side_by_side import BEHIND, FEW
from tocsin.eval.ranks import NULL, ranks, reaching
from tocsin.eval.statistics.apart import Apart, Verdict, holm, shares_apart, verdict
from tocsin.eval.statistics.clusters import clusters
from tocsin.eval.statistics.intervals import Estimate, clustered_share
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Better, Column, Kind, Marked, Row, Table

__all__ = ["Decided", "decided", "decision_table"]

_UNTOLD: Final = -1
_MEASURES: Final = {"recall": True, "left alone": False}
_ABOUT: Final = (
    (
        "Rows whose labels decide the whole policy and that both bundles could judge, at `review`. *Recall*"
        " is the share of those that mean the policy which is flagged, *left alone* the share of the others"
        " which is not: a bundle that flags less gains in the one what it loses in the other. The p-value is"
        " McNemar's exact one on the rows that one decides rightly and the other does not (where rows share"
        " a group, a template or a contrast pair: Durkalski's), adjusted by Holm's rule over this table."
    ),
)

Labels = NDArray[np.int8]
Bools = NDArray[np.bool_]
Clusters = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Decided:
    """Hold how two bundles decide the rows of one corpus that mean one policy, or those that do not.

    `measure` is "recall" or "left alone"; `right` has both shares of rows decided rightly, `alone` counts
    the rows that the first alone decides so, and those that the second alone does.
    """

    policy: str
    corpus: str
    language: str
    measure: str
    rows: int
    right: tuple[Estimate, Estimate]
    apart: Apart
    alone: tuple[int, int]

    @property
    def claimed(self) -> bool:
        """Say whether there are enough rows for a verdict."""
        return self.rows >= LEAST_POSITIVES


def decided(first: Subject, second: Subject) -> Iterator[Decided]:
    """Yield what two bundles make of the same rows under the policies that both have.

    Measures of which both judged fewer than 20 rows are left out.
    """
    theirs = {policy.name for policy in second.scorer.policy.policies}
    together = clusters(first.rows)
    places = sorted({(row.corpus, row.language) for row in first.rows})
    for policy in first.scorer.policy.policies:
        if policy.name not in theirs:
            continue
        truth = _truth(first, second, policy.name)
        flags = [reaching(ranks(one.assessments, policy.name), Level.REVIEW) for one in (first, second)]
        judged = (flags[0] != NULL) & (flags[1] != NULL)
        for corpus, language in places:
            here = first.places(corpus, language)
            for measure, means in _MEASURES.items():
                told = here[judged[here] & (truth[here] == means)]
                if len(told) >= LEAST_ROWS:
                    right = [flag[told] == means for flag in flags]
                    yield _decided((policy.name, corpus, language, measure), right, together[told])


def _truth(first: Subject, second: Subject, name: str) -> Labels:
    """Return what the labels say of a policy, -1 where they do not tell, or not alike for both bundles."""
    languages = np.array([row.language for row in first.rows])
    found = np.full((2, len(languages)), _UNTOLD, np.int8)
    for language in np.unique(languages).tolist():
        here = languages == language
        for side, subject in enumerate((first, second)):
            policy = next(one for one in subject.scorer.policy.policies if one.name == name)
            found[side, here] = policy.when.decide(first.labels, subject.known(language))[here]
    return np.where(found[0] == found[1], found[0], _UNTOLD).astype(np.int8)


def _decided(place: tuple[str, str, str, str], right: Sequence[Bools], groups: Clusters) -> Decided:
    first, second = right
    return Decided(
        *place,
        len(groups),
        (clustered_share(first, groups), clustered_share(second, groups)),
        shares_apart(first, second, groups),
        (int((first & ~second).sum()), int((second & ~first).sum())),
    )


def decision_table(found: Sequence[Decided], first: str, second: str) -> Table:
    """Return two rows for each policy and corpus; differences are `first` less `second`."""
    adjusted = iter(holm([one.apart.p_value for one in found if one.claimed]))
    return Table(
        "decisions",
        "Decisions at review, row by row",
        (
            Column("policy", "policy", Kind.CODE, key=True),
            Column("corpus", "corpus", key=True),
            Column("language", "language", key=True),
            Column("measure", "measure", key=True),
            Column("rows", "rows", Kind.COUNT, about="Positives for recall, negatives for left alone."),
            Column("first", first, Kind.SHARE, better=Better.HIGHER),
            Column("second", second, Kind.SHARE),
            Column("difference", f"{first} − {second}", Kind.POINTS, better=Better.HIGHER),
            Column("p_value", "p, adjusted", Kind.SCORE),
            Column("verdict", f"{first} is"),
            Column("alone_first", f"{first} alone", Kind.COUNT, about=f"Rows that only {first} gets right."),
            Column("alone_second", f"{second} alone", Kind.COUNT),
        ),
        [_row(one, next(adjusted) if one.claimed else None) for one in found],
        about=_ABOUT,
        notes=(f"**{FEW}**: fewer than {LEAST_POSITIVES} rows, shown without a verdict.",),
    )


def _row(one: Decided, adjusted: float | None) -> Row:
    said = None if adjusted is None else verdict(one.apart, adjusted)
    difference = one.apart.estimate
    return {
        "policy": one.policy,
        "corpus": one.corpus,
        "language": one.language,
        "measure": one.measure,
        "rows": one.rows if one.claimed else Marked(one.rows, FEW),
        "first": one.right[0],
        "second": one.right[1],
        "difference": Marked(difference, BEHIND) if said is Verdict.WORSE else difference,
        "p_value": adjusted,
        "verdict": said.value if said else None,
        "alone_first": one.alone[0],
        "alone_second": one.alone[1],
    }
