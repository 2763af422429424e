"""Texts as a matrix of their n-grams: what every linear model here is fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from tocsin.models.features import FeatureSpec, hash_pairs, hash_words, words_of

__all__ = ["Matrix", "gram_matrix", "narrow"]

_TEXTS_AT_ONCE: Final = 2_000

Matrix: TypeAlias = csr_array


def gram_matrix(texts: Sequence[str], spec: FeatureSpec) -> Matrix:
    """Return a ``(texts, buckets)`` matrix of counts: the n-grams of normalised texts.

    Those of each distinct word count as often as they stand in it, distinct pairs of neighbours once:
    what `tocsin.models.screen.Screen` sums.
    """
    parts = [
        _counted(texts[first : first + _TEXTS_AT_ONCE], spec)
        for first in range(0, len(texts), _TEXTS_AT_ONCE)
    ]
    return narrow(csr_array(vstack(parts))) if parts else csr_array((0, spec.buckets))


def narrow(matrix: Matrix) -> Matrix:
    """Return the matrix with 32-bit indices: liblinear takes no others."""
    indices, pointers = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    return csr_array((matrix.data, indices, pointers), shape=matrix.shape)


def _counted(texts: Sequence[str], spec: FeatureSpec) -> Matrix:
    found = [words_of(text) for text in texts]
    known = {word: place for place, word in enumerate(dict.fromkeys(chain.from_iterable(found)))}
    text_of = np.repeat(np.arange(len(texts)), [len(words) for words in found])
    words = np.fromiter((known[word] for word in chain.from_iterable(found)), np.int64, len(text_of))
    grams = hash_words(list(known), spec)
    of_words = _ones(grams.words, grams.buckets, (len(known), spec.buckets))
    counted = _once(text_of, words, (len(texts), len(known))) @ of_words
    if spec.word_max > 1:
        together = text_of[:-1] == text_of[1:]
        lefts, rights = words[:-1][together], words[1:][together]
        buckets = hash_pairs(grams.lasts[lefts], grams.firsts[rights], spec)
        counted = counted + _once(text_of[1:][together], buckets, (len(texts), spec.buckets))
    return csr_array(counted)


def _ones(rows: NDArray[np.int64], columns: NDArray[np.int64], shape: tuple[int, int]) -> Matrix:
    """Return a one for each place; those that share a place add up."""
    return csr_array(coo_array((np.ones(len(rows)), (rows, columns)), shape=shape))


def _once(rows: NDArray[np.int64], columns: NDArray[np.int64], shape: tuple[int, int]) -> Matrix:
    """Return a one for each distinct place."""
    found = _ones(rows, columns, shape)
    found.data[:] = 1
    return found
