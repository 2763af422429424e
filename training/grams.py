"""Texts as a matrix of their n-grams: what every linear model here is fitted to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from scipy.sparse import csr_array, vstack

from tocsin.models.features import FeatureSpec, hash_texts

__all__ = ["Matrix", "gram_matrix", "narrow"]

_TEXTS_AT_ONCE: Final = 2_000

Matrix: TypeAlias = csr_array


def gram_matrix(texts: Sequence[str], spec: FeatureSpec) -> Matrix:
    """Return a ``(texts, buckets)`` matrix of ones: the distinct n-grams of texts, taken as they are."""
    parts = []
    for first in range(0, len(texts), _TEXTS_AT_ONCE):
        grams = hash_texts(texts[first : first + _TEXTS_AT_ONCE], spec)
        ones = np.ones(len(grams.buckets), np.float64)
        shape = (len(grams.pointers) - 1, spec.buckets)
        parts.append(csr_array((ones, grams.buckets, grams.pointers), shape=shape))
    return narrow(csr_array(vstack(parts))) if parts else csr_array((0, spec.buckets))


def narrow(matrix: Matrix) -> Matrix:
    """Return the matrix with 32-bit indices: liblinear takes no others."""
    indices, pointers = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    return csr_array((matrix.data, indices, pointers), shape=matrix.shape)
