"""The values of a slice column, numbered as they come."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.service.audit.slicing import check_values

__all__ = ["Values"]

Ints = NDArray[np.int64]


class Values:
    """Number the values of one column from 0, null among them; refuse more than an audit may be cut by."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._numbers: dict[str | None, int] = {}

    @property
    def known(self) -> tuple[str | None, ...]:
        """Return every value that came, by its number."""
        return tuple(self._numbers)

    def number(self, column: Any) -> Ints:
        """Return the numbers of an Arrow column of strings; raise InputError where there are too many."""
        encoded = column.dictionary_encode(null_encoding="encode")
        told = encoded.dictionary.to_pylist()
        for value in told:
            self._numbers.setdefault(value, len(self._numbers))
        check_values(self._name, len(self._numbers))
        numbers = np.array([self._numbers[value] for value in told], np.int64)
        return np.asarray(numbers[encoded.indices.to_numpy(zero_copy_only=False)])
