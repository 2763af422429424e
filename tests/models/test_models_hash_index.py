from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.models.hash_index import HashIndex

KEYS = st.integers(1, 2**64 - 1) | st.integers(1, 40) | st.integers(2**64 - 40, 2**64 - 1)  # crowded ends


def keys_of(some: list[int]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    return np.array(some, np.uint64)


@given(st.lists(st.lists(KEYS, max_size=30), max_size=6), st.lists(KEYS, max_size=20))
def test_an_index_answers_as_a_dictionary_does(batches: list[list[int]], asked: list[int]) -> None:
    index, expected = HashIndex(), dict[int, int]()
    for batch in batches:
        new = [key for key in dict.fromkeys(batch) if key not in expected]
        numbers = np.arange(len(expected), len(expected) + len(new))
        index.add(keys_of(new), numbers)
        expected |= dict(zip(new, numbers.tolist(), strict=True))

    every = [*expected, *asked, 0]
    assert index.find(keys_of(every)).tolist() == [expected.get(key, -1) for key in every]
    assert len(index) == len(expected)


@pytest.mark.parametrize("spread", [pytest.param(1, id="all in one place"), pytest.param(2**49, id="apart")])
def test_an_index_grows(spread: int) -> None:
    index = HashIndex()
    keys = np.arange(1, 10_001, dtype=np.uint64) * np.uint64(spread)
    for start in range(0, len(keys), 1_000):
        index.add(keys[start : start + 1_000], np.arange(start, start + 1_000))

    assert index.find(keys).tolist() == list(range(10_000))
    assert index.find(keys + np.uint64(2**48)).max() < 0 or spread == 1
