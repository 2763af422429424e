from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tocsin.models.features import FeatureSpec, hash_pairs, hash_words, words_of
from tocsin.text import normalise

WIDE = FeatureSpec(bits=24)
WORDS = st.text(min_size=1, max_size=20).map(lambda text: normalise(text).replace(" ", "")).filter(bool)


def grams(word: str, spec: FeatureSpec = WIDE) -> Counter[int]:
    return Counter(hash_words([word], spec).buckets.tolist())


def of(words: list[str], place: int) -> Counter[int]:
    found = hash_words(words, WIDE)
    return Counter(found.buckets[found.words == place].tolist())


def only(length: int) -> FeatureSpec:
    return FeatureSpec(bits=24, char_min=length, char_max=length, word_max=1)


def test_character_grams_stay_within_a_word_and_its_blanks() -> None:
    # " oven ": " ov", "ove", "ven", "en "; and the word itself, which is its only token.
    assert grams("oven", only(3)).total() == 5
    assert (grams("oven", only(3)) & grams("woven", only(3))).total() == 3  # "ove", "ven", "en "


@pytest.mark.parametrize(
    ("word", "length", "count"),
    [
        pytest.param("an", 2, 3, id="with a blank at either end"),
        pytest.param("an", 4, 0, id="a whole word with both its blanks is a token already"),
        pytest.param("a", 1, 1, id="blanks alone are nothing"),
        pytest.param("a", 2, 2, id="one letter"),
        pytest.param("an", 8, 0, id="longer than the word"),
    ],
)
def test_how_many_character_grams_a_word_has(word: str, length: int, count: int) -> None:
    tokens = 1
    assert grams(word, only(length)).total() == count + tokens


def test_tokens_are_runs_of_letters_and_signs_by_themselves() -> None:
    tokens = FeatureSpec(bits=24, char_min=8, char_max=8, word_max=1)

    assert grams("it's", tokens).total() == 1
    assert grams("#lunch", tokens).total() == 1
    assert grams("soup,", tokens) == grams("soup", tokens) + grams(",", tokens)
    assert grams("and/or", tokens).total() == 3


def test_neighbouring_tokens_are_pairs_within_words_as_across_them() -> None:
    alone = FeatureSpec(bits=24, char_min=8, char_max=8, word_max=1)
    paired = FeatureSpec(bits=24, char_min=8, char_max=8, word_max=2)
    within = grams("soup,", paired) - grams("soup,", alone)
    both = hash_words(["soup", ","], paired)

    across = hash_pairs(both.lasts[:1], both.firsts[1:], paired)
    assert list(within.elements()) == across.tolist()


def test_a_pair_has_an_order() -> None:
    both = hash_words(["hot", "soup"], WIDE)

    forth = hash_pairs(both.lasts[:1], both.firsts[1:], WIDE)
    back = hash_pairs(both.lasts[1:], both.firsts[:1], WIDE)
    assert forth.tolist() != back.tolist()


@given(st.lists(WORDS, min_size=1, max_size=8))
def test_a_word_has_the_same_n_grams_alone_and_in_any_batch(words: list[str]) -> None:
    for place, word in enumerate(words):
        assert of(words, place) == grams(word)


@given(WORDS, WORDS)
def test_the_edges_of_a_word_are_its_first_and_last_token(first: str, last: str) -> None:
    if not (first + last).isalpha():
        return
    joined = hash_words([f"{first},{last}", first, last], WIDE)

    assert joined.firsts[0] == joined.firsts[1]
    assert joined.lasts[0] == joined.lasts[2]


def test_no_words_have_no_n_grams() -> None:
    found = hash_words([], WIDE)

    assert [len(column) for column in (found.words, found.buckets, found.firsts, found.lasts)] == [0] * 4


def test_words_are_what_blanks_part() -> None:
    assert words_of("hot soup, now") == ["hot", "soup,", "now"]
    assert words_of("") == []


def test_buckets_spread_evenly() -> None:
    spec = FeatureSpec(bits=8, word_max=1, char_min=8, char_max=8)
    words = [f"{number:05d}" for number in range(20_000)]  # too short for eight characters
    counts = np.bincount(hash_words(words, spec).buckets, minlength=256)

    # A fair hash leaves a chi-square of about 255 with a standard deviation of about 23.
    expected = counts.sum() / 256
    assert ((counts - expected) ** 2 / expected).sum() < 255 + 5 * 23


def test_a_known_word_has_known_n_grams() -> None:
    # Weights are learned for these very numbers: a change here breaks every bundle there is.
    spec = FeatureSpec(bits=16, char_max=3)
    assert sorted(grams("soup", spec).elements()) == KNOWN
    both = hash_words(["hot", "soup"], spec)
    assert hash_pairs(both.lasts[:1], both.firsts[1:], spec).tolist() == PAIR


KNOWN = [3702, 8173, 19654, 31596, 41133, 45853, 47610, 60043, 60291, 64071]
PAIR = [60122]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"bits": 30}, id="too many buckets"),
        pytest.param({"char_min": 0}, id="no characters"),
        pytest.param({"word_max": 3}, id="more than pairs of words"),
        pytest.param({"unknown": 1}, id="unknown key"),
        pytest.param({"char_min": 5, "char_max": 3}, id="from more to fewer"),
    ],
)
def test_a_specification_out_of_range_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        FeatureSpec.model_validate(wrong)
