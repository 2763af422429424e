"""What py3langid's model says of many texts at a time."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_DIR, MODEL_FILE
from py3langid.modelio import load_model

__all__ = ["NaiveBayes", "naive_bayes"]

_FEW: Final = 12  # texts: from here on, all at once is faster than one by one
_TOGETHER: Final = 1024  # texts: more need memory and are not faster

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NaiveBayes:
    """Hold a multinomial naive Bayes over n-grams of bytes that an automaton finds.

    The automaton's `moves` are rows of 256 next states; state ``s`` reads the row that starts at
    ``rows[s]`` and stands for the feature ``features[s]``, or none where that is negative.
    `weights` is ``(features, columns)``, `base` ``(columns,)``. A language that is written in two
    scripts has two columns.
    """

    languages: tuple[str, ...]
    moves: NDArray[np.unsignedinteger]
    rows: Indices
    features: Indices
    weights: NDArray[np.float32]
    base: NDArray[np.float32]

    def log_probabilities(self, texts: Sequence[str]) -> Floats:
        """Return the natural logarithm of each language's probability, ``(texts, languages)``.

        As py3langid has it (`norm_probs`): every n-gram counts as the logarithm of its number plus
        one, and evidence is divided by the square root of the number of bytes. Each row is the
        same whichever texts stand beside it.
        """
        parts = [
            self._together([_bytes(text) for text in texts[start : start + _TOGETHER]])
            for start in range(0, len(texts), _TOGETHER)
        ]
        return np.concatenate(parts) if parts else np.empty((0, len(self.languages)))

    def _together(self, texts: Sequence[bytes]) -> Floats:
        owners, features = self._visited(texts) if len(texts) >= _FEW else self._one_by_one(texts)
        found, times = np.unique(owners * len(self.weights) + features, return_counts=True)
        owners, features = np.divmod(found, len(self.weights))
        counts = np.log1p(times.astype(np.float32))
        ends = np.searchsorted(owners, np.arange(len(texts) + 1))
        evidence = np.zeros((len(texts), len(self.base)))
        for row, text in enumerate(texts):
            mine = slice(ends[row], ends[row + 1])
            if mine.start < mine.stop:
                evidence[row] = counts[mine] @ self.weights.take(features[mine], axis=0) + self.base
                evidence[row] /= np.sqrt(len(text))
        evidence -= evidence.max(axis=1, keepdims=True)
        evidence -= np.log(np.exp(evidence).sum(axis=1, keepdims=True))
        return evidence

    def _one_by_one(self, texts: Sequence[bytes]) -> tuple[Indices, Indices]:
        """Return what `_visited` returns, without its cost for each byte of the longest text."""
        owners: list[int] = []
        features: list[int] = []
        moves, rows, of_state = self.moves.data, self.rows.data, self.features.data
        for owner, text in enumerate(texts):
            state = 0
            for byte in text:
                state = moves[rows[state] + byte]
                feature = of_state[state]
                if feature >= 0:
                    owners.append(owner)
                    features.append(feature)
        return np.array(owners, dtype=np.int64), np.array(features, dtype=np.int64)

    def _visited(self, texts: Sequence[bytes]) -> tuple[Indices, Indices]:
        """Return the texts and the features of all places where the automaton finds one.

        Every text takes a step at a time; the longest stand first, so that those that have ended
        fall off at the end.
        """
        lengths = np.array([len(text) for text in texts])
        order = np.argsort(-lengths, kind="stable")
        left = np.searchsorted(-lengths[order], -np.arange(lengths.max(initial=0)), side="left")
        starts = (np.cumsum(lengths) - lengths)[order]
        buffer = np.frombuffer(b"".join(texts), dtype=np.uint8).astype(np.int64)
        states = np.empty(len(buffer), dtype=np.int64)
        state = np.zeros(len(texts), dtype=np.int64)
        past = 0
        for place, going in enumerate(left):
            state = self.moves[self.rows[state[:going]] + buffer[starts[:going] + place]]
            states[past : past + going] = state
            past += going
        owners = np.concatenate([order[:going] for going in left]) if len(left) else order[:0]
        features = self.features[states]
        found = features >= 0
        return owners[found], features[found]


@cache
def naive_bayes() -> NaiveBayes:
    """Return the model that py3langid ships (Lui and Baldwin 2012, trained anew by Barbaresi)."""
    weights, base, labels, moves, rows, features = load_model(MODEL_DIR / MODEL_FILE)
    return NaiveBayes(
        languages=tuple(labels),
        moves=np.asarray(moves),
        rows=np.asarray(rows, dtype=np.int64) * 256,
        features=np.array(features, dtype=np.int64),
        weights=np.asarray(weights, dtype=np.float32),
        base=np.asarray(base, dtype=np.float32),
    )


def _bytes(text: str) -> bytes:
    """Return the bytes that the model was trained on; shouting is read as speech."""
    plain = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", plain).encode("utf-8", errors="surrogatepass")
