"""Weights of texts, the constants of `tocsin.language`, and how reliable a probability is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from language_candidates import Ranking
from language_texts import GROUPS, Text, fold
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier

from tocsin.language import prose
from tocsin.language_bayes import naive_bayes

__all__ = ["CLASSES", "calibration_error", "fitted_constants", "recalibrated", "truth", "weights"]

CLASSES: Final = ("en", "de", "another")

Floats = NDArray[np.float64]


def weights(texts: Sequence[Text]) -> Floats:
    """Return what each text counts for, 1 on average.

    Each group has its part of the stream, and within a group every class of length the same.
    """
    sizes = Counter((text.group, text.length) for text in texts)
    lengths = Counter(group for group, _ in sizes)
    shares = [GROUPS[text.group] / lengths[text.group] / sizes[text.group, text.length] for text in texts]
    return np.array(shares) * (len(texts) / sum(shares))


def truth(texts: Sequence[Text]) -> NDArray[np.int64]:
    """Return each text's place in `CLASSES`."""
    return np.array([_class(text.language) for text in texts])


def fitted_constants(texts: Sequence[Text]) -> tuple[float, float, float]:
    """Return sharpness, head start and doubt that lose least, in log-loss over three classes."""
    evidence = naive_bayes().log_probabilities([prose(text.text) for text in texts])
    kinds = np.array([_class(language) for language in naive_bayes().languages])
    members = np.eye(len(CLASSES))[kinds]
    right, weight = truth(texts), weights(texts)

    def loss(constants: Floats) -> float:
        sharpness, head_start, doubt = constants[0], constants[1], 1 / (1 + np.exp(-constants[2]))
        log_odds = sharpness * evidence + head_start * (kinds < 2)
        odds = np.exp(log_odds - log_odds.max(axis=1, keepdims=True))
        shares = (1 - doubt) * odds / odds.sum(axis=1, keepdims=True) + doubt / odds.shape[1]
        found = (shares @ members)[np.arange(len(texts)), right]
        return float(-np.average(np.log(found), weights=weight))

    best = minimize(loss, [1.5, 5.0, -5.0], method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-6})
    sharpness, head_start, doubt = best.x
    return float(sharpness), float(head_start), float(1 / (1 + np.exp(-doubt)))


def recalibrated(rankings: Sequence[Ranking], texts: Sequence[Text]) -> Floats:
    """Return probabilities of `CLASSES`, ``(texts, classes)``, every detector treated alike.

    Boosted trees over the best score of each class and the numbers of words and letters, fitted to
    one half: what a detector's scores could tell at best, whatever their scale.
    """
    sizes = [(text.words, len(prose(text.text))) for text in texts]
    features = np.hstack([[_best(ranking) for ranking in rankings], sizes])
    fits = np.array([text.fits for text in texts])
    model = HistGradientBoostingClassifier(
        max_iter=150, max_leaf_nodes=15, min_samples_leaf=40, random_state=0
    )
    model.fit(features[fits], truth(texts)[fits], sample_weight=weights(texts)[fits])
    return np.asarray(model.predict_proba(features), dtype=np.float64)


def calibration_error(stated: Floats, right: NDArray[np.bool_], weight: Floats) -> tuple[float, float]:
    """Return the expected calibration error over 10 bins of equal mass, plain and debiased.

    Debiased: from each bin's squared gap its variance is taken off (Kumar, Liang and Ma 2019).
    """
    order = np.argsort(stated, kind="stable")
    mass = np.cumsum(weight[order]) / weight.sum()
    plain = debiased = 0.0
    for part in np.split(order, np.searchsorted(mass, np.arange(1, 10) / 10)):
        share = weight[part] / weight[part].sum()
        gap = float(share @ (stated[part] - right[part]))
        noise = float(share**2 @ (right[part] - share @ right[part]) ** 2)
        plain += abs(gap) / 10
        debiased += max(gap**2 - noise, 0) ** 0.5 / 10
    return plain, debiased


def _class(language: str) -> int:
    return CLASSES.index(language) if language in CLASSES else 2


def _best(ranking: Ranking) -> list[float]:
    best = dict.fromkeys(CLASSES, 0.0)
    for language, score in ranking:
        kind = CLASSES[_class(fold(language))]
        best[kind] = max(best[kind], score)
    return list(best.values())
