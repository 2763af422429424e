"""Many texts at a time are hashed as one text is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.service.likeness import EMPTY, SKETCH, Hashed, bands, hash_many, jaccard, resemblance, shingles
from tocsin.text import normalise

any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
few_letters = st.text("ab ", max_size=40)


def sketches(hashed: Hashed) -> NDArray[np.uint32]:
    """Return the sketches as rows, filled up."""
    found = np.full((len(hashed.lengths), SKETCH), EMPTY)
    ends = np.cumsum(hashed.lengths)
    for place, end in enumerate(ends):
        length = hashed.lengths[place]
        found[place, :length] = hashed.sketch[end - length : end]
    return found


@given(st.lists(st.one_of(any_text, few_letters), max_size=6))
def test_many_texts_have_the_shingles_and_bands_that_each_has(texts: list[str]) -> None:
    found = hash_many([normalise(text) for text in texts])

    for place, text in enumerate(texts):
        alone = shingles(text)
        assert found.distinct[place] == len(alone)
        assert tuple(found.bands[place].tolist()) == (bands(alone) or (0,) * 8)


@given(few_letters, few_letters)
def test_sketches_of_short_texts_tell_exactly_how_alike_they_are(one: str, other: str) -> None:
    both = sketches(hash_many([normalise(one), normalise(other)]))

    assert resemblance(both[:1], both[1:])[0] == jaccard(shingles(one), shingles(other))


def test_texts_beyond_one_pass_are_hashed_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"leek soup for {number} Zorbians and some bread" for number in range(50)]
    whole = hash_many(texts)
    monkeypatch.setattr("tocsin.service.likeness.many._AT_ONCE", 100)

    apart = hash_many(texts)

    assert all(
        np.array_equal(getattr(whole, name), getattr(apart, name))
        for name in ("distinct", "bands", "lengths", "sketch")
    )


@pytest.mark.parametrize("share", [0.5, 0.8, 0.9])
def test_sketches_of_long_texts_estimate_it_without_bias_and_with_the_error_that_is_told(
    share: float,
) -> None:
    draw, pairs, size = np.random.default_rng(5), 1000, 2000
    one, other = np.empty((pairs, SKETCH), np.uint32), np.empty((pairs, SKETCH), np.uint32)
    for pair in range(pairs):
        values = np.unique(draw.integers(0, EMPTY, 2 * size, np.uint32))[:size]
        common, rest = np.split(draw.permutation(values), [round(share * size)])
        one[pair] = np.sort(np.concatenate([common, rest[::2]]))[:SKETCH]
        other[pair] = np.sort(np.concatenate([common, rest[1::2]]))[:SKETCH]

    found = resemblance(one, other)

    error = (share * (1 - share) / SKETCH) ** 0.5
    assert np.mean(found) == pytest.approx(share, abs=4 * error / pairs**0.5)
    assert np.std(found) <= 1.1 * error
