"""Tables of the dialect audit: posts that are not hateful, with and without features of a dialect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.cells import LEAST_POSITIVES, LEAST_ROWS
from tocsin.eval.fairness.dialect import FEATURES, features
from tocsin.eval.fairness.gap_tables import CLEAR, FEW
from tocsin.eval.fairness.gaps import ratio
from tocsin.eval.ranks import NULL
from tocsin.eval.rules import RULES, flags
from tocsin.eval.statistics.intervals import Estimate, proportion, proportions_apart
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Better, Column, Kind, Marked, Row, Table, bare
from tocsin.signals import Signal

__all__ = ["dialect_findings", "dialect_tables"]

CORPUS: Final = "davidson"
_CLASS: Final = "class"
_ALL: Final = "not hate"
_ABOUT: Final = (
    (
        f"Test rows of {CORPUS} that people labelled offensive or neither, so no hate: how many the policy"
        " `hate` flags of those that carry a feature of African American English, and of those that carry"
        " none. Published classifiers have flagged such posts more often than others (Davidson, Bhattacharya"
        " and Weber 2019; Sap et al. 2019)."
    ),
    (
        f"**A proxy**, not a measure of the dialect: {len(FEATURES)} sets of spellings and constructions"
        " that are described as features of it (Green 2002; Jones 2015; Blodgett et al. 2016), found by"
        " pattern. No author's own word and no model of the dialect is behind it. It misses every post"
        " in the dialect that has none of them, words of the community that we leave out because they"
        " are slurs elsewhere, and all of its prosody and most of its grammar; *y'all*, *ain't* and"
        " *-in'* are Southern and colloquial English as well. The labels may lean the same way:"
        " annotators who are not told of the dialect call more of it offensive (Sap et al. 2019), which"
        " is why rows are compared within one label, too."
    ),
)
_COLUMNS: Final = (
    Column("with_rows", "rows with", Kind.COUNT),
    Column("without_rows", "rows without", Kind.COUNT),
    Column("with_rate", "flagged with", Kind.SHARE, better=Better.LOWER),
    Column("without_rate", "flagged without", Kind.SHARE, better=Better.LOWER),
    Column("apart", "difference", Kind.POINTS, better=Better.LOWER),
    Column("times", "times", Kind.SCORE, about="The one share over the other: 1 is even."),
)

Bools = NDArray[np.bool_]


def dialect_tables(subject: Subject) -> Iterator[Table]:
    """Yield the audit by label and by feature, nothing where its corpus is not there."""
    places = subject.places(CORPUS, "en")
    places = places[subject.labels[Signal.HATE][places] == 0]
    carried = [features(subject.rows[place].text) for place in places]
    classes = np.array([subject.rows[place].attributes.get(_CLASS, "") for place in places], np.str_)
    marked = np.array([bool(one) for one in carried], np.bool_)
    slices = {_ALL: np.ones(len(places), np.bool_)} | {
        name: classes == name for name in sorted(set(classes.tolist()))
    }
    by_rule = {rule: flags(subject, rule)[places] for rule in RULES}
    rows = [
        {"corpus": CORPUS, "labelled": name, "level": rule, **row}
        for name, here in slices.items()
        for rule, flagged in by_rule.items()
        if (row := _compared(flagged, here & marked, here & ~marked))
    ]
    if not rows:
        return
    yield Table(
        "dialect",
        "Posts with features of African American English",
        (
            Column("corpus", "corpus", key=True),
            Column("labelled", "labelled", key=True),
            Column("level", "level", Kind.CODE, key=True),
            *_COLUMNS,
        ),
        rows,
        about=_ABOUT,
        notes=(
            (
                "Intervals are of 95%: Wilson's of shares, Newcombe's of differences, Katz's of ratios."
                f" **{CLEAR}**: above 0. **{FEW}**: under {LEAST_POSITIVES} rows with a feature; comparisons"
                f" with under {LEAST_ROWS} on a side are left out."
            ),
        ),
        card=True,
    )
    yield Table(
        "dialect-features",
        "The same at `review`, feature by feature",
        (Column("feature", "feature", key=True), *_COLUMNS),
        [
            {"feature": name, **row}
            for name, mask in _by_feature(carried).items()
            if (row := _compared(by_rule["review"], mask, ~marked))
        ],
        about=("All labels that are no hate together, against posts that carry no feature at all.",),
    )


def dialect_findings(tables: Sequence[Table]) -> Iterator[str]:
    """Yield the gap at `review` over all rows that are no hate."""
    for table in tables:
        for row in table.find({"labelled": _ALL, "level": "review"}) if table.name == "dialect" else ():
            ours, theirs, apart = (bare(row[name]) for name in ("with_rate", "without_rate", "apart"))
            if not (
                isinstance(ours, Estimate) and isinstance(theirs, Estimate) and isinstance(apart, Estimate)
            ):
                continue
            verdict = (
                "a clear gap" if apart.low > 0 else "no clear gap" if apart.high >= 0 else "clearly fewer"
            )
            yield (
                f"Of {CORPUS} posts that are not hateful, {ours.value:.1%} of those with features of"
                f" African American English are sent to review, {theirs.value:.1%} of those without:"
                f" {verdict} ({100 * apart.value:+.1f} percentage points, {100 * apart.low:+.1f} to"
                f" {100 * apart.high:+.1f}; by a rough proxy)."
            )


def _compared(flagged: NDArray[np.int8], ours: Bools, theirs: Bools) -> Row | None:
    told = flagged != NULL
    ours, theirs = ours & told, theirs & told
    rows, others = int(ours.sum()), int(theirs.sum())
    if min(rows, others) < LEAST_ROWS:
        return None
    hits, misses = int((flagged[ours] == 1).sum()), int((flagged[theirs] == 1).sum())
    apart = proportions_apart(hits, rows, misses, others)
    return {
        "with_rows": rows if rows >= LEAST_POSITIVES else Marked(rows, FEW),
        "without_rows": others,
        "with_rate": proportion(hits, rows),
        "without_rate": proportion(misses, others),
        "apart": Marked(apart, CLEAR) if apart.low > 0 else apart,
        "times": ratio(hits, rows, misses, others),
    }


def _by_feature(carried: Sequence[frozenset[str]]) -> Mapping[str, Bools]:
    return {name: np.array([name in one for one in carried], np.bool_) for name in FEATURES}
