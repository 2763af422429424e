"""What functional tests found on whole suites, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tocsin.eval.cells import cell
from tocsin.eval.functional.published import HATECHECK_CASES, HATECHECK_SYSTEMS, PERSPECTIVE
from tocsin.eval.functional.verdicts import FUNCTIONAL_SUITES, HARMLESS, HATEFUL, RULES, Verdicts
from tocsin.eval.rules import POLICY
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.tables import Better, Column, Kind, Row, Table

__all__ = [
    "CASES",
    "COMPARED",
    "LANGUAGE",
    "PUBLISHED",
    "SUITE",
    "intervals",
    "less",
    "overall",
    "ranking",
]

COMPARED: Final = "hatecheck"  # of which published figures are at hand
PUBLISHED: Final = (
    "Published figures are those of HateCheck's authors, from the notebook that goes with their paper"
    f" (Röttger et al. 2021), on the same {HATECHECK_CASES:,} cases. **The thresholds differ**: theirs is one"
    " half of the system's own score, fitted to nothing; ours is the balanced one. So a difference says which"
    " was right more often, each as it was set, not which ranks better. Its interval is that of our figure"
    " alone. –: our source has none."
)
SUITE: Final = Column("suite", "suite", key=True)
LANGUAGE: Final = Column("language", "language", key=True)
CASES: Final = Column("cases", "cases", Kind.COUNT)
_ABOUT: Final = (
    (
        f"Cases made to test one thing at a time: whether a text is `{POLICY}`. Accuracy is the share of"
        " cases decided as they are labelled. *Balanced* flags a case whose score reaches the bundle's own"
        " threshold of equal error: the one at which, of the bundle's calibration rows in that language, as"
        " large a share of the harmless is flagged as of the hateful is missed. No test case had a part in"
        f" it. *Review* and *urgent* are the levels of the policy `{POLICY}`: they are set to flag little, so"
        " they miss much."
    ),
    "Read hateful and harmless cases together: whatever flags everything has every hateful case right.",
)
_ABOUT_RANKING: Final = (
    "AUROC is how often a hateful case scores higher than a harmless one: 0.5 is chance, 1 is perfect. No"
    " threshold takes part, so none can hide a poor order or spoil a good one."
)
_ALIKE: Final = (
    "as many cases count as there would be if each were a fresh one: those of one template, or contrast"
    " partners, are decided alike, and tell less."
)
_FRESH: Final = (
    "each case counts as a fresh one, for the test rows do not say which share a template; where that was"
    " counted, intervals had to be about twice as wide."
)


def overall(found: Sequence[Verdicts]) -> Table:
    """Return accuracy on all, hateful and harmless cases of each suite, by each rule."""
    there = {one.corpus for one in found}
    absent = [title for corpus, title in FUNCTIONAL_SUITES.items() if corpus not in there]
    return Table(
        "overall",
        "All cases of a suite",
        (
            SUITE,
            LANGUAGE,
            Column("rule", "decided by", key=True),
            CASES,
            Column("unjudged", "not judged", Kind.COUNT, about="Cases that are in no share."),
            Column("all", "all", Kind.SHARE, better=Better.HIGHER),
            Column("hateful", "hateful", Kind.SHARE, better=Better.HIGHER),
            Column("harmless", "non-hateful", Kind.SHARE, better=Better.HIGHER),
            Column("difference", "all, less Perspective's", Kind.POINTS, better=Better.HIGHER),
        ),
        [row for one in found for row in (*_ours(one), *_theirs(one))],
        about=_ABOUT,
        notes=[
            *([PUBLISHED] if COMPARED in there else []),
            *(note for one in found if (note := _in_part(one))),
            *intervals(found),
            *(_unset(one) for one in found if one.threshold is None),
            *(f"{title}: not among the test rows." for title in absent),
        ],
        card=True,
    )


def ranking(found: Sequence[Verdicts]) -> Table:
    """Return how well the scores rank each suite's cases, whatever the threshold."""
    return Table(
        "ranking",
        "Ranking of the cases, whatever the threshold",
        (
            SUITE,
            LANGUAGE,
            Column("hateful", "hateful", Kind.COUNT),
            Column("harmless", "non-hateful", Kind.COUNT),
            Column("auroc", "AUROC", Kind.SCORE, better=Better.HIGHER),
            Column("recall_at_fpr_0.05", "recall at fpr 5%", Kind.SCORE, better=Better.HIGHER),
            Column("threshold", "balanced threshold", Kind.SCORE),
        ),
        [_ranked(one) for one in found],
        about=(_ABOUT_RANKING,),
        notes=("Intervals are of 95%; they allow for cases that are known to share a template.",),
    )


def less(ours: Estimate | None, theirs: float | None) -> Estimate | None:
    """Return ours less theirs, which is taken as it is; None where either is missing."""
    if ours is None or theirs is None:
        return None
    return Estimate(ours.value - theirs, ours.low - theirs, ours.high - theirs)


def intervals(found: Sequence[Verdicts]) -> Iterator[str]:
    """Yield what the intervals of these suites are, and take for granted."""
    for alike, words in ((True, _ALIKE), (False, _FRESH)):
        named = [one.corpus for one in found if one.alike is alike]
        if named:
            yield f"Intervals are of 95%, Wilson's; of {', '.join(dict.fromkeys(named))}, {words}"


def _ours(one: Verdicts) -> Iterator[Row]:
    theirs = PERSPECTIVE.overall if one.corpus == COMPARED and not _in_part(one) else None
    for rule in RULES:
        both = one.accuracy(rule, one.labelled(HATEFUL) | one.labelled(HARMLESS))
        yield {
            "suite": one.corpus,
            "language": one.language,
            "rule": rule,
            "cases": len(one.cases),
            "unjudged": one.unjudged(rule),
            "all": both,
            "hateful": one.accuracy(rule, one.labelled(HATEFUL)),
            "harmless": one.accuracy(rule, one.labelled(HARMLESS)),
            "difference": less(both, theirs),
        }


def _in_part(one: Verdicts) -> str | None:
    """Return what to say where only some of the cases are here that the published figures are of."""
    if one.corpus != COMPARED or len(one.cases) == HATECHECK_CASES:
        return None
    return (
        f"{len(one.cases):,} of {one.title}'s {HATECHECK_CASES:,} cases are here: published figures are of"
        " all of them, and not to be compared with ours."
    )


def _theirs(one: Verdicts) -> Iterator[Row]:
    for system in HATECHECK_SYSTEMS if one.corpus == COMPARED else ():
        yield {
            "suite": one.corpus,
            "language": one.language,
            "rule": f"{system.system}, published",
            "cases": HATECHECK_CASES,
            "unjudged": None,
            "all": system.overall,
            "hateful": system.hateful,
            "harmless": system.harmless,
            "difference": None,
        }


def _ranked(one: Verdicts) -> Row:
    ranked = cell(one.slice)
    return {
        "suite": one.corpus,
        "language": one.language,
        "hateful": ranked.positives,
        "harmless": ranked.negatives,
        "auroc": ranked.estimates.get("auroc"),
        "recall_at_fpr_0.05": ranked.estimates.get("recall_at_fpr_0.05"),
        "threshold": one.threshold,
    }


def _unset(one: Verdicts) -> str:
    return (
        f"{one.title} has no balanced threshold: the bundle has too few calibration rows of `{POLICY}` in"
        f" {one.language}, or does not judge it there."
    )
