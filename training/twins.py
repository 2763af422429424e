"""Models to compare a bundle with: of one corpus alone, and of all but one corpus.

A *twin* is fitted as the screen is, on the training rows of one corpus, its strength chosen on that
corpus's dev rows. *Without* is fitted on all others, one signal by itself at the strength that the bundle
chose: what a platform may expect that no corpus comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import partial
from os import cpu_count
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import CorpusError
from tocsin.example import Example, Split, gold
from tocsin.models.features import FeatureSpec
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.training.fitting import UNKNOWN, Rows, fit_linear
from tocsin.training.screen import (
    ScreenConfig,
    as_screen,
    design_matrix,
    fit_rows,
    frequencies,
    rarity,
    scaled,
)

__all__ = ["Scores", "TwinScores", "twin_scores", "twins_config"]

LEAST: Final = 50  # test rows of a class; cells with fewer are not compared

Scores: TypeAlias = Mapping[Signal, Mapping[str, float]]
Tell: TypeAlias = Callable[[str], None]
Cell: TypeAlias = tuple[str, Signal]


@dataclass(frozen=True, slots=True)
class TwinScores:
    """Hold margins of test rows by signal and id: of each row's own corpus `alone`, and `without` it."""

    alone: Scores
    without: Scores


def twin_scores(
    rows: Mapping[Split, Sequence[Example]],
    config: ScreenConfig,
    strengths: Mapping[Signal, float],
    tell: Tell = lambda _: None,
) -> TwinScores:
    """Fit every twin that test rows can judge, and score those rows; about as long as training.

    `strengths` are the bundle's own; a signal that it did not learn has no twin. A cell needs 50 test rows
    of each class, and training rows of both.
    """
    test = rows[Split.TEST]
    cells = [cell for cell in _cells(test) if cell[1] in strengths]
    signals = {signal for _, signal in cells}
    tell("counting n-grams for twins")
    places = [place for place, row in enumerate(rows[Split.TRAIN]) if signals & set(row.labels)]
    train = [rows[Split.TRAIN][place] for place in places]
    fits = _Fits(
        Rows(design_matrix(train, config.features), train),
        Rows(design_matrix(rows[Split.DEV], config.features), rows[Split.DEV]),
        config,
        strengths,
    )
    found: dict[str, dict[Signal, dict[str, float]]] = {"alone": {}, "without": {}}
    for kind, signals_of, screen, corpus in _fitted(fits, cells, tell):
        here = [row for row in test if row.corpus == corpus]
        margins = screen.margins([row.text for row in here])
        for signal in signals_of:
            column = margins[:, screen.signals.index(signal)].tolist()
            told = found[kind].setdefault(signal, {})
            told.update({row.id: margin for row, margin in zip(here, column, strict=True)})
    return TwinScores(**found)


def _cells(test: Sequence[Example]) -> list[Cell]:
    """Return the corpora and signals of which some language has enough test rows of both classes."""
    places = np.array([f"{row.corpus}\0{row.language}" for row in test])
    found: set[Cell] = set()
    for signal in Signal:
        labels = gold(test, signal)
        for place in np.unique(places).tolist():
            here = labels[places == place]
            if min((here == 1).sum(), (here == 0).sum()) >= LEAST:
                found.add((place.partition("\0")[0], signal))
    return sorted(found)


Fitted: TypeAlias = tuple[str, Sequence[Signal], Screen, str]


def _fitted(fits: _Fits, cells: Sequence[Cell], tell: Tell) -> Iterator[Fitted]:
    """Yield the models as they are fitted, as many at a time as there are processors."""
    taught = [cell for cell in cells if fits.teaches(*cell)]
    jobs: list[Callable[[], Fitted | None]] = [
        partial(fits.alone, corpus, [signal for one, signal in taught if one == corpus])
        for corpus in dict.fromkeys(corpus for corpus, _ in taught)
    ]
    jobs += [partial(fits.without, *cell) for cell in taught]
    with ThreadPoolExecutor(max_workers=cpu_count() or 1) as pool:  # liblinear holds no lock
        futures = [pool.submit(job) for job in jobs]
        for done, _ in enumerate(as_completed(futures), 1):
            tell(f"twins: {done} of {len(jobs)}")
    yield from (fitted for future in futures if (fitted := future.result()) is not None)


@dataclass(frozen=True)
class _Fits:
    """Hold counted rows: each model is fitted to some of them."""

    train: Rows
    dev: Rows
    config: ScreenConfig
    strengths: Mapping[Signal, float]
    corpora: NDArray[np.str_] = field(init=False)
    found: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "corpora", self.train.corpora)
        object.__setattr__(self, "found", frequencies(self.train.matrix))

    def teaches(self, corpus: str, signal: Signal) -> bool:
        """Say whether a corpus has training rows of both classes."""
        return self.train.tells(signal, np.flatnonzero(self.corpora == corpus))

    def alone(self, corpus: str, signals: Sequence[Signal]) -> Fitted:
        """Return the twin of a corpus."""
        own = _only(self.train, self.corpora == corpus)
        chosen_on = _only(self.dev, self.dev.corpora == corpus)
        return "alone", signals, fit_rows(own, chosen_on, self.config).screen, corpus

    def without(self, corpus: str, signal: Signal) -> Fitted | None:
        """Return a model of all other corpora, None where they do not teach the signal."""
        others = self.corpora != corpus
        used = others & (self.train.labels(signal) != UNKNOWN)
        rows = _only(self.train, used)
        if not rows.tells(signal):
            return None
        own = frequencies(self.train.matrix[np.flatnonzero(~others)])
        weights = rarity(self.found - own, int(others.sum()))
        model = fit_linear(
            replace(rows, matrix=scaled(rows.matrix, weights)),
            signal,
            self.strengths[signal],
            self.config.counting,
        )
        return "without", (signal,), as_screen({signal: model}, weights, self.config.features), corpus


def _only(rows: Rows, which: NDArray[np.bool_]) -> Rows:
    places = np.flatnonzero(which)
    return Rows(rows.matrix[places], [rows.examples[place] for place in places.tolist()])


def twins_config(training: Mapping[str, Any]) -> tuple[ScreenConfig, Mapping[Signal, float]]:
    """Return the experiment that a bundle's training record tells, and the strength of each signal.

    Raises CorpusError where the record is of another recipe, or too old to say it.
    """
    try:
        told = training["config"]
        config = ScreenConfig(
            FeatureSpec(**told["features"]),
            tuple(told["strengths"]),
            told["presumed_weight"],
            told["temperature"],
            told["related"],
        )
        return config, {Signal(signal): float(strength) for signal, strength in told["chosen"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CorpusError(f"twins need a bundle whose training record names its config: {error}") from error
