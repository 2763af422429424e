"""Tables of what naming another group does to a post's score."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tocsin.eval.cells import LEAST_POSITIVES, LEAST_ROWS
from tocsin.eval.fairness.swaps import Family, Swaps
from tocsin.eval.statistics.intervals import DRAWS, Estimate
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Better, Column, Kind, Marked, Row, Table, Value
from tocsin.signals import Signal

__all__ = ["Swapped", "measured", "swap_findings", "swap_tables"]

GOLD: Final = {"no hate": 0, "hate": 1}
_SEVERAL: Final = 2
_TOLD: Final = 5
_PLACE: Final = (
    Column("corpus", "corpus", key=True),
    Column("language", "language", key=True),
    Column("kind", "kind", key=True),
)
_ABOUT: Final = (
    (
        "Rows that name one identity term, however often, read again with the word for each other group"
        " of its kind in the same form: *Christian* becomes *Muslim*, *Jewish* and so on (counterfactual"
        " token fairness, Garg et al. 2019). *Flips* is the share of swaps that move the row into"
        " `review` or out of it, *moved* the mean absolute change of the score of `hate`. The label"
        " stays what people said of the row as it was, which some swaps make untrue."
    ),
    (
        "Swapped rows read oddly now and then: forms are chosen by rules of thumb, pronouns and other"
        " allusions stay, and German endings are not always right. Some of what moves a score is that."
    ),
)
_NOTE: Final = (
    f"Each row counts once. Intervals are of 95%, by bootstrap of whole rows ({DRAWS} draws; those that came"
    f" together are drawn together). **few**: under {LEAST_POSITIVES} rows; slices with under"
    f" {LEAST_ROWS} are left out."
)


@dataclass(frozen=True, slots=True)
class Swapped:
    """Hold what swapping does to the rows of one corpus, language and kind: by what people said of them."""

    family: Family
    by_gold: dict[str, Swaps | None]


def measured(subject: Subject, families: Iterable[Family]) -> list[Swapped]:
    """Return what swapping does to harmless and to hateful rows of each family."""
    labels = subject.labels[Signal.HATE]
    return [
        Swapped(one, {gold: one.measured(labels[one.places] == label) for gold, label in GOLD.items()})
        for one in families
    ]


def swap_tables(found: Sequence[Swapped]) -> Iterator[Table]:
    """Yield how much swapping moves, and which groups' names raise a score."""
    yield Table(
        "swaps",
        "Another group named instead",
        (
            *_PLACE,
            Column("gold", "labelled", key=True),
            Column("rows", "rows", Kind.COUNT),
            Column("swaps", "swaps", Kind.COUNT),
            Column("flips", "flips", Kind.SHARE, better=Better.LOWER),
            Column("moved", "moved", Kind.SCORE, better=Better.LOWER),
        ),
        [_row(one, gold, swaps) for one in found for gold, swaps in one.by_gold.items() if swaps],
        about=_ABOUT,
        notes=(_NOTE,),
    )
    yield Table(
        "raised",
        "Which groups' names raise the score",
        (
            *_PLACE,
            Column("group", "group", key=True),
            Column("rows", "harmless rows", Kind.COUNT),
            Column("raised", "raised", Kind.CHANGE),
            Column("hateful_rows", "hateful rows", Kind.COUNT),
            Column("hateful_raised", "raised", Kind.CHANGE),
        ),
        [row for one in found for row in _raised(one)],
        about=(
            (
                "How far the score of `hate` lies above its mean over all groups in the same row when the row"
                " names this one: 0 is even. The rest of the text is the same."
            ),
        ),
    )


def swap_findings(found: Sequence[Swapped]) -> Iterator[str]:
    """Yield where swapping flips most harmless rows, and whose names raise scores everywhere."""
    told = [
        (one.family, swaps)
        for one in found
        if (swaps := one.by_gold["no hate"]) and swaps.rows >= LEAST_POSITIVES
    ]
    if not told:
        return
    family, swaps = max(told, key=lambda one: one[1].flips.value)
    yield (
        f"Naming another group of the same kind ({family.kind}) in harmless posts of {family.corpus}"
        f" ({family.language}) changes whether they are sent to review in {swaps.flips.value:.0%} of swaps"
        f" ({swaps.flips.low:.0%} to {swaps.flips.high:.0%}), the most of any kind{_in_hateful(found)}."
    )
    kinds = dict.fromkeys(family.kind for family, _ in told)
    lifted = [one for kind in kinds if (one := _lifted([one for one in told if one[0].kind == kind]))]
    if lifted:
        names = "; ".join(
            f"{group} (by {min(values):.2f} to {max(values):.2f}, {len(values)} corpora)"
            for group, values in sorted(lifted, key=lambda one: -float(np.mean(one[1])))[:_TOLD]
        )
        yield f"With all other words the same, a harmless post's score rises most with the name of {names}."


def _in_hateful(found: Sequence[Swapped]) -> str:
    """Return what swapping does to the hateful rows that it does most to, nothing without enough rows."""
    told = [
        (swaps.flips.value, one.family)
        for one in found
        if (swaps := one.by_gold["hate"]) and swaps.rows >= LEAST_POSITIVES
    ]
    if not told:
        return ""
    share, family = max(told, key=lambda one: one[0])
    return f"; in hateful ones in up to {share:.0%} ({family.kind}, {family.corpus})"


def _lifted(told: Sequence[tuple[Family, Swaps]]) -> tuple[str, list[float]] | None:
    """Return the group of a kind whose name lifts scores most, clearly so in each of several corpora."""
    if len(told) < _SEVERAL:
        return None
    groups = set.intersection(*({*swaps.raised} for _, swaps in told))
    means = {group: [swaps.raised[group][1] for _, swaps in told] for group in sorted(groups)}
    clear = {
        group: [one.value for one in of] for group, of in means.items() if all(one.low > 0 for one in of)
    }
    return max(clear.items(), key=lambda one: float(np.mean(one[1])), default=None)


def _row(one: Swapped, gold: str, swaps: Swaps) -> Row:
    return {
        **_placed(one),
        "gold": gold,
        "rows": swaps.rows if swaps.rows >= LEAST_POSITIVES else Marked(swaps.rows, "few"),
        "swaps": swaps.swaps,
        "flips": swaps.flips,
        "moved": swaps.moved,
    }


def _raised(one: Swapped) -> Iterator[Row]:
    told = {gold: swaps.raised if swaps else {} for gold, swaps in one.by_gold.items()}
    for group in one.family.groups:
        harmless, hateful = (told[gold].get(group) for gold in GOLD)
        if harmless or hateful:
            rows, raised = _counted(harmless)
            hateful_rows, hateful_raised = _counted(hateful)
            yield {
                **_placed(one),
                "group": group,
                "rows": rows,
                "raised": raised,
                "hateful_rows": hateful_rows,
                "hateful_raised": hateful_raised,
            }


def _counted(told: tuple[int, Estimate] | None) -> tuple[Value, Value]:
    if told is None:
        return None, None
    rows, raised = told
    return rows if rows >= LEAST_POSITIVES else Marked(rows, "few"), raised


def _placed(one: Swapped) -> dict[str, str]:
    return {"corpus": one.family.corpus, "language": one.family.language, "kind": one.family.kind}
