"""Which words carry a signal, in the original's own characters.

Exact for the screen, which is linear; for an encoder by leaving words out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.assessment import Span
from tocsin.models.encoder import Occlusion
from tocsin.models.screen import Contributions
from tocsin.signals import Signal
from tocsin.text import Normalised

__all__ = ["WordWeights", "occluded_weights", "spans", "word_weights"]

_WORD: Final = re.compile(r"\S+")
_MOST_SPANS: Final = 8  # of one signal: more marks than that mark nothing

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WordWeights:
    """Say what each word of a text adds to each signal's log-odds.

    Word ``i`` is the original's characters ``starts[i]`` to ``ends[i]``; ``weights`` is ``(words, signals)``.
    Each signal's weights and its `base` sum to its log-odds: for the screen `base` is what an empty text has,
    for an encoder, whose words work together, what is left.
    """

    signals: tuple[Signal, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    weights: Floats
    base: Floats


def word_weights(
    text: Normalised,
    signals: tuple[Signal, ...],
    contributions: Contributions,
    slopes: Floats,
    intercepts: Floats,
) -> WordWeights:
    """Share every n-gram's weight among the words it touches, equally.

    `slopes` and `intercepts`, ``(signals,)``, are the calibration's, so that weights add up in
    log-odds. Words are what blanks part.
    """
    words = [match.span() for match in _WORD.finditer(text.text)]
    weights = np.zeros((len(words), len(slopes)))
    if words:
        first_characters = np.array([start for start, _ in words])
        past = np.array([end for _, end in words])
        first = np.searchsorted(past, contributions.starts, side="right")
        last = np.searchsorted(first_characters, contributions.ends, side="left") - 1
        for word, share in _shares(first, last, contributions.weights):
            np.add.at(weights, word, share)
    return WordWeights(
        signals=signals,
        starts=tuple(text.starts[start] for start, _ in words),
        ends=tuple(text.ends[end - 1] for _, end in words),
        weights=weights * slopes,
        base=contributions.bias * slopes + intercepts,
    )


def occluded_weights(
    text: Normalised, signals: tuple[Signal, ...], occlusion: Occlusion, slopes: Floats, intercepts: Floats
) -> WordWeights:
    """Return by how much each signal's log-odds fall without each word."""
    weights = occlusion.falls * slopes
    return WordWeights(
        signals=signals,
        starts=tuple(text.starts[start] for start, _ in occlusion.places),
        ends=tuple(text.ends[end - 1] for _, end in occlusion.places),
        weights=weights,
        base=occlusion.margins * slopes + intercepts - weights.sum(axis=0),
    )


def spans(words: WordWeights, columns: Mapping[Signal, int]) -> tuple[Span, ...]:
    """Return the words that raise each signal of `columns`, strongest first."""
    found = []
    for signal, column in columns.items():
        weights = words.weights[:, column]
        order = np.argsort(-weights, kind="stable")[:_MOST_SPANS]
        found += [
            Span(words.starts[word], words.ends[word], signal, float(weights[word]))
            for word in order.tolist()
            if weights[word] > 0
        ]
    return tuple(found)


def _shares(
    first: NDArray[np.int64], last: NDArray[np.int64], weights: Floats
) -> list[tuple[NDArray[np.int64], Floats]]:
    """Return, step by step, the words that n-grams touch and the equal share of weight each gets."""
    touched = last - first + 1
    return [
        (first[reached] + step, weights[reached] / touched[reached, None])
        for step in range(int(touched.max(initial=0)))
        for reached in [touched > step]
    ]
