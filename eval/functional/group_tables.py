"""What functional tests found group by group, as tables: functionalities, targets, slices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.functional.functionalities import MEANINGS
from tocsin.eval.functional.published import PERSPECTIVE
from tocsin.eval.functional.suite_tables import CASES, COMPARED, LANGUAGE, PUBLISHED, SUITE, intervals, less
from tocsin.eval.functional.verdicts import FUNCTIONAL_SUITES, NOTHING, RULES, Group, Verdicts
from tocsin.eval.rules import BALANCED
from tocsin.eval.tables import Better, Column, Kind, Marked, Plot, Row, Table, Value

__all__ = ["BELOW_HALF", "by_functionality", "by_slice", "by_target"]

BELOW_HALF: Final = "below half"
_HALF: Final = 0.5
_NO_FIGURE: Final = 2.0  # sorts after every accuracy
_LABEL: Final = Column("label", "label", key=True, about="What the cases of this row are labelled.")
_RULES: Final = (
    Column(
        "balanced", "balanced", Kind.SHARE, better=Better.HIGHER, about="At the threshold of equal error."
    ),
    Column(
        "review", "at review", Kind.SHARE, better=Better.HIGHER, about="Flagged for review, or as urgent."
    ),
    Column("urgent", "at urgent", Kind.SHARE, better=Better.HIGHER, about="Flagged as urgent."),
)
_BESIDE: Final = (
    Column("perspective", "Perspective, published", Kind.SHARE, about="IDENTITY_ATTACK, from one half on."),
    Column("difference", "balanced less Perspective", Kind.POINTS, better=Better.HIGHER),
)
_SLICES: Final = {  # the suites' own attributes, beside functionality and target
    "direction": "direction",
    "set": "set",
    "agreed": "most annotators agree",
}
_BELOW: Final = f"**{BELOW_HALF}**: at the balanced threshold, fewer than half are decided as labelled."
_ABOUT_TARGETS: Final = (
    "Where harmless cases about a group are decided wrongly more often, its members and whoever speaks kindly"
    " of them are flagged more; where hateful ones are, it is protected less. *None*: cases that speak of no"
    " protected group. The cases of the groups are mostly made from the same templates."
)
_ABOUT_SLICES: Final = (
    "*Direction*: whether a case speaks to those whom it attacks, or of them. *Set*: HatemojiCheck's"
    " originals, and what became of them: harmless instead, without emoji, without a protected group. *Most"
    " annotators agree*: with the label that a case of Multilingual HateCheck has from its template."
)


def by_functionality(found: Sequence[Verdicts]) -> Iterator[Table]:
    """Yield a table for each suite: accuracy on each of its functionalities, worst first."""
    for corpus, title in FUNCTIONAL_SUITES.items():
        ones = [one for one in found if one.corpus == corpus]
        if ones:
            yield _functionalities(corpus, title, ones)


def by_target(found: Sequence[Verdicts]) -> Table:
    """Return accuracy by the group that cases speak of."""
    return Table(
        "targets",
        "Cases by the group that they speak of",
        (SUITE, LANGUAGE, Column("target", "group", key=True), _LABEL, CASES, *_RULES),
        [
            {"suite": one.corpus, "language": one.language, "target": group.value} | _accuracy(one, group)
            for one in found
            for group in _large(one.valued("target"))
        ],
        about=(_ABOUT_TARGETS,),
        notes=[_BELOW, *intervals(found), *_too_few(found, "target")],
    )


def by_slice(found: Sequence[Verdicts]) -> Table:
    """Return accuracy by whatever else the suites say of their cases."""
    return Table(
        "slices",
        "Cases by how they were made",
        (SUITE, LANGUAGE, Column("slice", "slice", key=True), _LABEL, CASES, *_RULES),
        [
            {"suite": one.corpus, "language": one.language, "slice": f"{told}: {group.value}"}
            | _accuracy(one, group)
            for one in found
            for attribute, told in _SLICES.items()
            for group in _large(one.valued(attribute))
            if group.value != NOTHING
        ],
        about=(_ABOUT_SLICES,),
        notes=[_BELOW, *intervals(found), *(note for name in _SLICES for note in _too_few(found, name))],
    )


def _functionalities(corpus: str, title: str, ones: Sequence[Verdicts]) -> Table:
    published = PERSPECTIVE.functionalities if corpus == COMPARED else {}
    rows = [_tested(one, group, published) for one in ones for group in _large(one.valued("functionality"))]
    return Table(
        f"functionalities-{corpus}",
        f"{title}, functionality by functionality",
        (
            LANGUAGE,
            Column("functionality", "functionality", Kind.CODE, key=True),
            Column("tests", "what it tests"),
            _LABEL,
            CASES,
            *_RULES,
            *(_BESIDE if published else ()),
        ),
        [row for _, row in sorted(rows, key=lambda told: told[0])],
        about=("Worst at the balanced threshold first.",),
        notes=[
            _BELOW,
            *([PUBLISHED] if published else []),
            *intervals(ones),
            *_too_few(ones, "functionality"),
        ],
        plot=Plot.BARS,
    )


def _tested(
    one: Verdicts, group: Group, published: Mapping[str, float]
) -> tuple[tuple[float, str, str], Row]:
    """Return one functionality's row, after what it is sorted by."""
    ours = one.accuracy(BALANCED, group.where)
    theirs = published.get(group.value)
    place = {"language": one.language, "functionality": group.value, "tests": MEANINGS.get(group.value)}
    beside = {"perspective": theirs, "difference": less(ours, theirs)} if published else {}
    order = (ours.value if ours else _NO_FIGURE, group.value, group.label)
    return order, place | _accuracy(one, group) | beside


def _accuracy(one: Verdicts, group: Group) -> dict[str, Value]:
    found: dict[str, Value] = {"label": group.label, "cases": group.cases}
    for rule in RULES:
        accuracy = one.accuracy(rule, group.where)
        below = rule == BALANCED and accuracy is not None and accuracy.value < _HALF
        found[rule] = Marked(accuracy, BELOW_HALF) if below else accuracy
    return found


def _large(groups: Sequence[Group]) -> list[Group]:
    return [group for group in groups if group.cases >= LEAST_ROWS]


def _too_few(found: Sequence[Verdicts], attribute: str) -> Iterator[str]:
    few = [
        f"{one.corpus} {group.value} ({group.label})"
        for one in found
        for group in one.valued(attribute)
        if group.cases < LEAST_ROWS
    ]
    if few:
        yield f"Fewer than {LEAST_ROWS} cases, so no figures: {'; '.join(few)}."
