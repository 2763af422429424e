"""Suite "robustness": what is still found when posts are written otherwise, to evade or by accident."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from tocsin.eval.cells import LEAST_POSITIVES, LEAST_ROWS
from tocsin.eval.perturbations import PERTURBATIONS
from tocsin.eval.perturbations.attack_tables import (
    attacks,
    by_cell,
    by_strength,
    cells_as_posted,
    languages,
)
from tocsin.eval.perturbations.drawn import ATTACKED, Drawn, drawn
from tocsin.eval.perturbations.effects import FALSE_POSITIVE_RATE, Attacked, attacked
from tocsin.eval.perturbations.summary import Summary, summaries
from tocsin.eval.perturbations.unnamed import Unnamed, unnamed
from tocsin.eval.subject import Subject
from tocsin.eval.suite import Measured, NotRun, Tell
from tocsin.signals import Signal

__all__ = ["SUITE", "Robustness"]

_MUCH: Final = 0.1  # of positives, in the middle cell
_LITTLE: Final = 0.02
_DEFAULTS: Final = [(way, way.default) for way in PERTURBATIONS.values()]
_OTHER_STRENGTHS: Final = [
    (way, strength) for way in PERTURBATIONS.values() for strength in way.strengths if strength != way.default
]
_USUAL_AND_STRONGEST: Final = [
    (way, strength)
    for way in PERTURBATIONS.values()
    for strength in dict.fromkeys((way.default, way.strengths[-1]))
]


@dataclass(frozen=True, slots=True)
class Robustness:
    """Measure what perturbations cost, cell by cell, and what the normaliser saves of it."""

    name: str = "robustness"
    title: str = "Robustness to evasion and noise"
    question: str = "What does it still find when people, or accidents, write the same thing otherwise?"

    def measure(self, subject: Subject, tell: Tell) -> Measured:
        """Return what perturbations do; raise NotRun where no cell is large enough."""
        cells = drawn(subject)
        if not cells:
            raise NotRun(
                f"needs a corpus with at least {LEAST_POSITIVES} positive and {LEAST_ROWS} negative test rows"
                f" for one of {', '.join(ATTACKED)}: had none"
            )
        tell(f"perturbing rows of {len(cells)} cells in {len(PERTURBATIONS)} ways")
        found = list(attacked(subject, cells, _DEFAULTS))
        every = summaries(found)
        leading = list(_leading(cells))
        tell("perturbing more and less")
        more = [*found, *attacked(subject, leading, _OTHER_STRENGTHS)]
        tell("detecting languages of perturbed texts")
        told = [one for cell in leading for one in _most_missed(subject, cell)]
        tables = [
            attacks(every),
            cells_as_posted(cells, found),
            by_cell(every),
            *([by_strength(_by_strength(more, leading, every)), languages(told)] if leading else []),
        ]
        return Measured(tables, list(_findings(every, told)))


def _leading(cells: Iterable[Drawn]) -> Iterator[Drawn]:
    """Yield the cell of `hate` that has most positives, in each language."""
    of_hate = [cell for cell in cells if cell.signal is Signal.HATE]
    for language in sorted({cell.language for cell in of_hate}):
        yield max(
            (cell for cell in of_hate if cell.language == language), key=lambda cell: cell.all_positives
        )


def _by_strength(
    found: Sequence[Attacked], cells: Sequence[Drawn], every: Sequence[Summary]
) -> Iterator[Attacked]:
    """Yield what was found in some cells, one after another: the worst perturbations first, by strength."""
    for cell in cells:
        for summary in every:
            here = [one for one in found if one.cell is cell and one.way is summary.way]
            yield from sorted(here, key=lambda one: one.strength)


def _most_missed(subject: Subject, cell: Drawn) -> list[Unnamed]:
    posted, *rest = unnamed(subject, cell, _USUAL_AND_STRONGEST)
    return [posted, *sorted(rest, key=lambda one: -one.missed.value)]


def _findings(every: Sequence[Summary], told: Sequence[Unnamed]) -> Iterator[str]:
    yield _worst(every)
    yield from _next_worst(every[1:])
    yield from _missed(told)
    yield from _made_worse(every)
    yield _saved(every)
    yield from _harmless(every)


def _worst(every: Sequence[Summary]) -> str:
    worst = every[0]
    return (
        f"{worst.told} hides most: {worst.way.about}. {_fall(worst.middle)}, the middle one of"
        f" {len(worst.found)} cells; {_fall(worst.worst)}, the worst. (Thresholds flag"
        f" {FALSE_POSITIVE_RATE:.0%} of harmless posts as posted.)"
    )


def _fall(one: Attacked) -> str:
    effect = one.normalised
    return f"{one.cell.name} finds {effect.recall.value:.0%} instead of {effect.recall_before.value:.0%}"


def _next_worst(rest: Sequence[Summary]) -> Iterator[str]:
    costly = [one for one in rest if one.lost >= _MUCH]
    if costly:
        named = ", ".join(f"{one.told} {100 * one.lost:.0f}" for one in costly)
        yield f"Others that cost the middle cell {100 * _MUCH:.0f} points of recall or more: {named}."


def _missed(told: Sequence[Unnamed]) -> Iterator[str]:
    """Yield which perturbation hides the language best: in each cell it follows the posts as posted."""
    named = [
        f"{worst.missed.value:.0%} of positives of {worst.cell.name} under `{worst.way[0].name}`"
        f" ({worst.way[0].told(worst.way[1])}; as posted {posted.missed.value:.1%})"
        for posted, worst in pairwise(told)
        if posted.way is None and worst.way
    ]
    if named:
        yield (
            "Where nobody names the language, it can be hidden: refused, or judged in another one, are"
            f" {' and '.join(named)}."
        )


def _made_worse(every: Sequence[Summary]) -> Iterator[str]:
    one = min(every, key=lambda one: one.saved)
    if one.saved <= -_MUCH:
        yield (
            f"The normaliser itself makes {one.told} worse: the middle cell loses {100 * one.lost:.0f} points"
            f" of recall with it, {100 * one.plain_middle.plain.lost.value:.0f} without."
        )


def _saved(every: Sequence[Summary]) -> str:
    best = max(every, key=lambda one: one.saved)
    many = sum(one.saved >= _MUCH for one in every)
    return (
        f"The normaliser saves {100 * _MUCH:.0f} points of recall or more in {many} of {len(every)} ways of"
        f" writing; most under {best.told}: the middle cell loses {100 * best.lost:.0f} points with it,"
        f" {100 * best.plain_middle.plain.lost.value:.0f} without."
    )


def _harmless(every: Sequence[Summary]) -> Iterator[str]:
    harmless = [one for one in every if one.worst.normalised.lost.value <= _LITTLE]
    if harmless:
        named = ", ".join(f"`{one.way.name}`" for one in harmless)
        yield f"At most {100 * _LITTLE:.0f} points are lost in any cell under {named}."


SUITE: Final = Robustness()
