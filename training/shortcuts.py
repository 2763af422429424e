"""How well a text gives away its corpus: what a model trained on several could learn instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import balanced_accuracy_score, confusion_matrix
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from tocsin.example import Example
from tocsin.models.features import FeatureSpec
from tocsin.text import normalise
from tocsin.training.corpus_identity import Interval
from tocsin.training.folds import clusters, grouped_folds
from tocsin.training.grams import Matrix, gram_matrix
from tocsin.training.surface import surface

__all__ = ["CorpusGuess", "View", "guess_corpora"]

_SPEC: Final = FeatureSpec()
_SEED: Final = 20_261_122


class View(StrEnum):
    """Name what of a text a guess is made from."""

    RAW = "raw text"
    NORMALISED = "normalised text"
    SURFACE = "surface alone"


@dataclass(frozen=True, slots=True)
class CorpusGuess:
    """Say how often the corpus of a text in one language is guessed from one view of it.

    `largest` is the share of the largest corpus: what guessing it every time would reach. `accuracy`
    has its 95% Wilson interval. Row ``i`` of `confusion` counts what rows of corpus ``i`` were taken for.
    """

    language: str
    view: View
    corpora: tuple[str, ...]
    rows: int
    largest: float
    accuracy: Interval
    balanced_accuracy: float
    confusion: tuple[tuple[int, ...], ...]


def guess_corpora(
    examples: Sequence[Example], most: int, tell: Callable[[str], None] = lambda _: None
) -> Iterator[CorpusGuess]:
    """Yield, for each language with two corpora or more, how well each view gives them away.

    Out-of-fold guesses over `most` rows of each corpus, drawn with a fixed seed: from n-grams by a
    linear support vector machine, from the surface by a random forest (Breiman 2001).
    """
    for language in sorted({example.language for example in examples}):
        rows = _drawn([example for example in examples if example.language == language], most)
        corpora = np.array([row.corpus for row in rows])
        if len(np.unique(corpora)) > 1:
            tell(f"{language}: looking for copies among {len(rows)} rows")
            folds = grouped_folds(clusters(rows))
            texts = [row.text for row in rows]
            for view, (seen, model) in _VIEWS.items():
                tell(f"{language}: guessing corpora from {view}")
                guessed = cross_val_predict(model(), seen(texts), corpora, cv=folds)
                yield _guess(language, view, corpora, guessed)


def _drawn(rows: Sequence[Example], most: int) -> list[Example]:
    """Return at most so many rows of each corpus; which, neither order nor the other corpora decide."""
    found: dict[str, list[Example]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.id):
        found[row.corpus].append(row)
    drawn = []
    for _, members in sorted(found.items()):
        order = np.random.default_rng(_SEED).permutation(len(members))[:most]
        drawn += [members[place] for place in np.sort(order).tolist()]
    return drawn


def _guess(language: str, view: View, corpora: NDArray[np.str_], guessed: NDArray[np.str_]) -> CorpusGuess:
    names, counts = np.unique(corpora, return_counts=True)
    right = int((corpora == guessed).sum())
    interval = binomtest(right, len(corpora)).proportion_ci(0.95, method="wilson")
    return CorpusGuess(
        language,
        view,
        tuple(names.tolist()),
        rows=len(corpora),
        largest=float(counts.max() / len(corpora)),
        accuracy=Interval(right / len(corpora), float(interval.low), float(interval.high)),
        balanced_accuracy=float(balanced_accuracy_score(corpora, guessed)),
        confusion=tuple(map(tuple, confusion_matrix(corpora, guessed, labels=names).tolist())),
    )


def _grams(texts: Sequence[str]) -> Matrix:
    return gram_matrix(texts, _SPEC)


def _normalised_grams(texts: Sequence[str]) -> Matrix:
    return _grams([normalise(text) for text in texts])


def _linear() -> Any:
    return make_pipeline(TfidfTransformer(), LinearSVC(tol=0.1, random_state=_SEED))


def _forest() -> Any:
    return RandomForestClassifier(min_samples_leaf=5, random_state=_SEED)


_VIEWS: Final[Mapping[View, tuple[Callable[[Sequence[str]], Any], Callable[[], Any]]]] = {
    View.RAW: (_grams, _linear),
    View.NORMALISED: (_normalised_grams, _linear),
    View.SURFACE: (surface, _forest),
}
