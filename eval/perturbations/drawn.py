"""Which rows are written otherwise: some of each cell, drawn with a fixed seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.eval.cells import LEAST_POSITIVES, LEAST_ROWS
from tocsin.eval.perturbations.perturbation import Perturbation
from tocsin.eval.subject import Subject
from tocsin.signals import Signal

__all__ = ["ATTACKED", "MOST_ROWS", "WRITTEN_AS_TESTS", "Drawn", "drawn", "perturbed"]

MOST_ROWS: Final = 300  # of either class of a cell
ATTACKED: Final = (
    Signal.HATE,
    Signal.THREAT,
    Signal.INCITEMENT,
    Signal.EXTREMISM,
    Signal.GLORIFICATION,
    Signal.CALL_TO_ACTION,
)
# Case by case, to test classifiers: the functional suite's, with misspelt cases of their own.
WRITTEN_AS_TESTS: Final = frozenset({"hatecheck", "hatemoji-check", "multilingual-hatecheck"})
_SEED: Final = 20_261_123

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Hold a cell, and the places of the rows drawn from it.

    `all_positives` counts those of the cell; `all_negatives` are the places of its own: they fix
    the threshold.
    """

    corpus: str
    signal: Signal
    language: str
    positives: Places
    negatives: Places
    all_positives: int
    all_negatives: Places

    @property
    def name(self) -> str:
        """Return what a sentence calls it."""
        return f"`{self.signal}` on {self.corpus} ({self.language})"


def drawn(subject: Subject) -> list[Drawn]:
    """Return the cells of at least 50 positives and 20 negatives whose signal is offered, by corpus."""
    cells = (
        _drawn(subject, corpus, signal, language)
        for corpus, language in sorted({(row.corpus, row.language) for row in subject.rows})
        if corpus not in WRITTEN_AS_TESTS
        for signal in ATTACKED
        if signal in subject.known(language)
    )
    return [
        cell
        for cell in cells
        if cell.all_positives >= LEAST_POSITIVES and len(cell.all_negatives) >= LEAST_ROWS
    ]


def perturbed(
    subject: Subject, places: Places, language: str, way: Perturbation, strength: float
) -> list[str]:
    """Return the texts of some rows written otherwise."""
    rows = [subject.rows[place] for place in places]
    return [way.apply(row.text, seed=row.id, language=language, strength=strength) for row in rows]


def _drawn(subject: Subject, corpus: str, signal: Signal, language: str) -> Drawn:
    here = subject.places(corpus, language)
    labels = subject.labels[signal][here]
    positives, negatives = here[labels == 1], here[labels == 0]
    return Drawn(corpus, signal, language, _some(positives), _some(negatives), len(positives), negatives)


def _some(places: Places) -> Places:
    if len(places) <= MOST_ROWS:
        return places
    return np.sort(np.random.default_rng(_SEED).choice(places, MOST_ROWS, replace=False))
