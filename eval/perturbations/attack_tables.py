"""The tables of what perturbations do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tocsin.eval.cells import LEAST_POSITIVES
from tocsin.eval.perturbations.drawn import MOST_ROWS, WRITTEN_AS_TESTS, Drawn
from tocsin.eval.perturbations.effects import FALSE_POSITIVE_RATE, Attacked, Effect
from tocsin.eval.perturbations.summary import Summary
from tocsin.eval.perturbations.unnamed import Unnamed
from tocsin.eval.tables import Better, Column, Kind, Row, Table

__all__ = ["AS_POSTED", "attacks", "by_cell", "by_strength", "cells_as_posted", "languages"]

AS_POSTED: Final = "as posted"
_PLACE: Final = (
    Column("corpus", "corpus", key=True),
    Column("signal", "signal", Kind.CODE, key=True),
    Column("language", "language", key=True),
)
_WAY: Final = Column("perturbation", "perturbation", Kind.CODE, key=True)
_STRENGTH: Final = Column("strength", "strength", about="How much of each text is written otherwise.")
_LOST: Final = "Positives found as posted less those found perturbed, of all positives drawn."
_FOUND: Final = (
    Column("recall_before", "recall as posted", Kind.SHARE),
    Column("recall", "recall perturbed", Kind.SHARE, better=Better.HIGHER),
    Column("lost", "recall lost", Kind.POINTS, better=Better.LOWER, about=_LOST),
    Column("fpr", "negatives flagged", Kind.SHARE, better=Better.LOWER, about="Of perturbed negatives."),
)
_PLAIN: Final = (
    Column("plain_recall_before", "recall as posted, no normaliser", Kind.SHARE),
    Column("plain_recall", "recall perturbed, no normaliser", Kind.SHARE),
    Column("plain_lost", "recall lost, no normaliser", Kind.POINTS, about=_LOST),
    Column("plain_fpr", "negatives flagged, no normaliser", Kind.SHARE, about="Of perturbed negatives."),
)
_WAYS: Final = (
    "The same posts, written otherwise as people do to evade a filter, or as noise does. Words, letters and"
    " blanks are drawn at random with fixed seeds: whoever knows which word gives a post away hides more"
    " with less. Links, handles and hashtags of the post stay as they are."
)
_FOUND_ABOVE: Final = (
    f"A post is *found* if its score is above the threshold that flags {FALSE_POSITIVE_RATE:.0%} of all of"
    " the cell's own test negatives **as posted** (fewer where scores tie): not the shipped thresholds. Up"
    f" to {MOST_ROWS} positives and {MOST_ROWS} negatives of each cell are perturbed, drawn with a fixed"
    f" seed; cells have at least {LEAST_POSITIVES} positives. The language is named, as the corpus has it."
    " What can no longer be judged, such as a text without a word, is not found."
)
_WITHOUT: Final = (
    "*No normaliser*: the same weights read texts that are only lowercased, with single blanks, at a"
    " threshold of their own, fixed in the same way. They were fitted to normalised text: a model trained on"
    " texts as posted might lose less, or more."
)
_CEILING: Final = (
    "In points of recall: a cell cannot lose more than it finds as posted (next table). *Worst* is the"
    " largest of several noisy figures and so a little too large; the middle one is not."
)
_LEFT_OUT: Final = (
    f"Left out: {', '.join(sorted(WRITTEN_AS_TESTS))}, written case by case, with misspelt cases of their"
    " own."
)
_UNNAMED: Final = (
    "Positives of the same cells, posted without a word of which language they are in. *Refused* ones are"
    " unscorable: they reach the queue that such posts have of their own, and no threshold. *Undetermined*"
    " ones are judged as the language that the operator assumes, English by default: right for English,"
    " wrong for German. *Mistaken* ones are judged as another language of this bundle. *Missed* are all"
    " that are not judged in their own language. Most missed first."
)


def attacks(found: Sequence[Summary]) -> Table:
    """Return a row for each perturbation, the worst first."""
    return Table(
        "attacks",
        "What each way of writing otherwise costs",
        (
            _WAY,
            Column("does", "what it does"),
            _STRENGTH,
            Column(
                "lost_middle",
                "recall lost, middle cell",
                Kind.POINTS,
                better=Better.LOWER,
                about="Of the cell than which as many lose more as lose less; its own interval.",
            ),
            Column("lost_most", "recall lost, worst cell", Kind.POINTS, better=Better.LOWER, about=_LOST),
            Column("worst", "worst cell"),
            Column(
                "plain_lost_middle",
                "middle cell, no normaliser",
                Kind.POINTS,
                about="Of the cell that is in the middle without the normaliser: it may be another one.",
            ),
            Column("fpr_most", "negatives flagged, at most", Kind.SHARE, better=Better.LOWER),
        ),
        [_summary_row(one) for one in found],
        about=(_WAYS, _FOUND_ABOVE, _WITHOUT),
        notes=(_CEILING, _LEFT_OUT),
        card=True,
    )


def cells_as_posted(cells: Sequence[Drawn], found: Sequence[Attacked]) -> Table:
    """Return what is found in each cell before anything is perturbed."""
    of_cell = {id(one.cell): one for one in reversed(found)}
    return Table(
        "as-posted",
        "The cells, as posted",
        (
            *_PLACE,
            Column("positives", "+ drawn", Kind.COUNT),
            Column("positives_of_cell", "+ in all", Kind.COUNT),
            Column("negatives", "− drawn", Kind.COUNT),
            Column("negatives_of_cell", "− in all", Kind.COUNT, about="They fix the threshold."),
            Column("recall", "recall", Kind.SHARE, better=Better.HIGHER, about="Of the positives drawn."),
            Column("fpr", "negatives flagged", Kind.SHARE, about="Of the negatives drawn."),
            Column("plain_recall", "recall, no normaliser", Kind.SHARE),
        ),
        [_posted_row(cell, of_cell[id(cell)]) for cell in cells],
    )


def by_cell(found: Iterable[Summary]) -> Table:
    """Return a row for each perturbation and cell."""
    return Table(
        "cells",
        "Every perturbation, in every cell",
        (_WAY, *_PLACE, *_FOUND, *_PLAIN),
        [
            {"perturbation": one.way.name, **_place(one.cell), **_effects(one)}
            for summary in found
            for one in summary.found
        ],
        notes=("Recall lost: intervals for paired shares (Newcombe 1998, method 10); the others Wilson's.",),
    )


def by_strength(found: Iterable[Attacked]) -> Table:
    """Return a row for each perturbation and strength, in one cell a language."""
    return Table(
        "strengths",
        "By strength, in one cell of each language",
        (_WAY, Column("strength", "strength", key=True), *_PLACE, *_FOUND, *_PLAIN[2:]),
        [
            {
                "perturbation": one.way.name,
                "strength": one.way.told(one.strength),
                **_place(one.cell),
                **{
                    name: value
                    for name, value in _effects(one).items()
                    if name not in {"plain_recall_before", "plain_recall"}
                },
            }
            for one in found
        ],
        about=("`hate`, on the corpus that has most positives of it in each language.",),
    )


def languages(found: Iterable[Unnamed]) -> Table:
    """Return what becomes of perturbed positives whose language nobody names."""
    return Table(
        "languages",
        "Perturbed posts whose language nobody names",
        (
            _WAY,
            Column("strength", "strength", key=True),
            *_PLACE,
            Column("rows", "positives", Kind.COUNT),
            Column("missed", "missed", Kind.SHARE, better=Better.LOWER),
            Column("undetermined", "undetermined", Kind.SHARE, better=Better.LOWER),
            Column("mistaken", "mistaken", Kind.SHARE, better=Better.LOWER),
            Column("refused", "refused", Kind.SHARE, better=Better.LOWER),
        ),
        [_language_row(one) for one in found],
        about=(_UNNAMED,),
    )


def _summary_row(one: Summary) -> Row:
    return {
        "perturbation": one.way.name,
        "does": one.way.about,
        "strength": one.way.told(one.strength),
        "lost_middle": one.middle.normalised.lost,
        "lost_most": one.worst.normalised.lost,
        "worst": one.worst.cell.name,
        "plain_lost_middle": one.plain_middle.plain.lost,
        "fpr_most": one.most_flagged.normalised.fpr,
    }


def _posted_row(cell: Drawn, one: Attacked) -> Row:
    return {
        **_place(cell),
        "positives": len(cell.positives),
        "positives_of_cell": cell.all_positives,
        "negatives": len(cell.negatives),
        "negatives_of_cell": len(cell.all_negatives),
        "recall": one.normalised.recall_before,
        "fpr": one.normalised.fpr_before,
        "plain_recall": one.plain.recall_before,
    }


def _language_row(one: Unnamed) -> Row:
    name, strength = (one.way[0].name, one.way[0].told(one.way[1])) if one.way else (AS_POSTED, "–")
    return {
        "perturbation": name,
        "strength": strength,
        **_place(one.cell),
        "rows": one.rows,
        "missed": one.missed,
        "undetermined": one.undetermined,
        "mistaken": one.mistaken,
        "refused": one.refused,
    }


def _place(cell: Drawn) -> Row:
    return {"corpus": cell.corpus, "signal": cell.signal.value, "language": cell.language}


def _effects(one: Attacked) -> Row:
    return {**_effect("", one.normalised), **_effect("plain_", one.plain)}


def _effect(prefix: str, effect: Effect) -> Row:
    return {
        f"{prefix}recall_before": effect.recall_before,
        f"{prefix}recall": effect.recall,
        f"{prefix}lost": effect.lost,
        f"{prefix}fpr": effect.fpr,
    }
