"""Tables of how well signals rank posts that name a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.cells import LEAST_POSITIVES, LEAST_ROWS
from tocsin.eval.fairness.areas import AREAS, subgroup_areas
from tocsin.eval.fairness.naming import Key, Part
from tocsin.eval.statistics.intervals import Estimate
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Better, Column, Kind, Marked, Row, Table
from tocsin.signals import Signal

__all__ = ["Ranked", "area_findings", "area_table", "ranked"]

Bools = NDArray[np.bool_]

SIGNALS: Final = (Signal.HATE, Signal.INCITEMENT, Signal.THREAT, Signal.DEHUMANISATION)
_SAYS: Final = {
    "subgroup": ("within the group", "How often its positive outranks its negative."),
    "bpsn": (
        "others' + over its −",
        (
            "Background positive, subgroup negative: how often another positive outranks its negative."
            " Low where merely naming the group raises the score."
        ),
    ),
    "bnsp": (
        "its + over others' −",
        (
            "Background negative, subgroup positive: how often its positive outranks another negative."
            " Low where attacks on it are missed."
        ),
    ),
}
_ABOUT: Final = (
    "The AUROC of a signal on pairs of a positive and a negative row of one corpus, by whether they name the"
    " group (Borkan et al. 2019). It needs no threshold. Low *others' + over its −* means that harmless posts"
    " which name the group score like attacks on others."
)
_NOTE: Final = (
    f"A figure needs {LEAST_ROWS} rows on either side (–: fewer). **few**: under {LEAST_POSITIVES}"
    " positives that name the group. Intervals are of 95%, after DeLong et al. (1988) on the scale of"
    " log-odds; rows that came together are one cluster. The lowest of many figures is lower than its true"
    " size, somewhat."
)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Hold the areas of one group, or term of one, in one corpus, language and signal."""

    corpus: str
    language: str
    signal: Signal
    named: tuple[str, ...]
    positives: int
    negatives: int
    areas: Mapping[str, Estimate]


def ranked(subject: Subject, parts: Iterable[Part], *, terms: bool = False) -> list[Ranked]:
    """Return what has enough rows: groups under all four signals, or terms under `hate` alone."""
    found: list[Ranked] = []
    for part in parts:
        for signal in SIGNALS[:1] if terms else SIGNALS:
            found += _ranked(subject, part, signal, part.terms if terms else part.groups)
    return sorted(found, key=lambda one: SIGNALS.index(one.signal))


def area_table(found: Sequence[Ranked], *, terms: bool = False) -> Table:
    """Return the areas of groups, or of terms."""
    names = ("group", "term") if terms else ("group",)
    return Table(
        "areas-terms" if terms else "areas",
        f"Ranking of posts by {'term' if terms else 'group'} named",
        (
            Column("corpus", "corpus", key=True),
            Column("language", "language", key=True),
            Column("signal", "signal", Kind.CODE, key=True),
            *(Column(name, name, key=True) for name in names),
            Column("positives", "its +", Kind.COUNT),
            Column("negatives", "its −", Kind.COUNT),
            *(
                Column(name, head, Kind.SCORE, better=Better.HIGHER, about=about)
                for name, (head, about) in _SAYS.items()
            ),
        ),
        [_row(one, names) for one in found],
        about=() if terms else (_ABOUT,),
        notes=() if terms else (_NOTE,),
    )


def area_findings(found: Sequence[Ranked]) -> Iterator[str]:
    """Yield where `hate` tells harmless posts about a group worst from attacks on others."""
    told = [one for one in found if one.signal is Signal.HATE and one.negatives >= LEAST_POSITIVES]
    worst = min(
        (one for one in told if "bpsn" in one.areas), key=lambda one: one.areas["bpsn"].value, default=None
    )
    if worst is not None:
        area = worst.areas["bpsn"]
        yield (
            f"In {worst.corpus} ({worst.language}) a hateful post about others outranks a harmless one that"
            f" names {worst.named[0]} only {area.value:.0%} of the time ({area.low:.0%} to {area.high:.0%};"
            " chance is 50%), the lowest of all groups."
        )


def _ranked(subject: Subject, part: Part, signal: Signal, members: Mapping[Key, Bools]) -> Iterator[Ranked]:
    labels = subject.labels[signal][part.places]
    scores = subject.scores[part.places, list(Signal).index(signal)]
    told = (labels >= 0) & ~np.isnan(scores)
    masks = {named: mask[told] for named, mask in members.items()}
    areas = subgroup_areas(labels[told], scores[told], list(masks.values()), part.together[told])
    for (named, mask), one in zip(masks.items(), areas, strict=True):
        if one:
            inside = labels[told][mask]
            counts = int((inside == 1).sum()), int((inside == 0).sum())
            yield Ranked(part.corpus, part.language, signal, named, *counts, one)


def _row(one: Ranked, names: Sequence[str]) -> Row:
    return {
        "corpus": one.corpus,
        "language": one.language,
        "signal": one.signal.value,
        **dict(zip(names, one.named, strict=True)),
        "positives": one.positives if one.positives >= LEAST_POSITIVES else Marked(one.positives, "few"),
        "negatives": one.negatives,
        **{name: one.areas.get(name) for name in AREAS},
    }
