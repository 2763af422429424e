"""What becomes of perturbed texts whose language nobody names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tocsin.assessment import Assessment, Reason, Status
from tocsin.eval.perturbations.drawn import Drawn
from tocsin.eval.perturbations.effects import Way
from tocsin.eval.statistics.intervals import Estimate, proportion
from tocsin.eval.subject import Subject
from tocsin.item import Item
from tocsin.language import UNDETERMINED

__all__ = ["Unnamed", "unnamed"]


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Hold what language detection makes of the drawn positives of a cell, perturbed or (None) as posted.

    `undetermined` and `mistaken` ones are judged: as the language that is assumed, as another one;
    `refused` ones are not. `missed` are all that are not judged in their own language.
    """

    cell: Drawn
    way: Way | None
    rows: int
    undetermined: Estimate
    mistaken: Estimate
    refused: Estimate
    missed: Estimate


def unnamed(subject: Subject, cell: Drawn, ways: Sequence[Way]) -> Iterator[Unnamed]:
    """Yield what becomes of the positives of a cell as posted, then of each way of writing them otherwise."""
    rows = [subject.rows[place] for place in cell.positives]
    for way in (None, *ways):
        texts = [row.text if way is None else _otherwise(way, row.text, row.id, cell) for row in rows]
        found = subject.scorer.assess([Item(row.id, text) for row, text in zip(rows, texts, strict=True)])
        yield _counted(cell, way, found, subject.scorer.conditions.assume_language)


def _otherwise(way: Way, text: str, seed: str, cell: Drawn) -> str:
    perturbation, strength = way
    return perturbation.apply(text, seed=seed, language=cell.language, strength=strength)


def _counted(cell: Drawn, way: Way | None, found: Sequence[Assessment], assumed: str | None) -> Unnamed:
    told = [one.language for one in found if one.status is Status.SCORED]
    judged_as = [assumed if language == UNDETERMINED else language for language in told]
    counts = (
        told.count(UNDETERMINED),
        sum(language not in {UNDETERMINED, cell.language} for language in told),
        sum(one.reason is Reason.LANGUAGE for one in found),
        len(found) - judged_as.count(cell.language),
    )
    return Unnamed(cell, way, len(found), *(proportion(count, len(found)) for count in counts))
