from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.service.likeness import NEAR, bands, jaccard, shingles

SOUP = "Everybody brings leek soup and fresh bread to the Zorbian choir on Friday evening."
CUP = "The Quellish keeper saved three penalties, and her team won the cup after extra time."
PAIRS = 4_000
SIZE = 100

# Kept in databases: if these change, near-copies from before are not found any more.
SOUP_BANDS = (
    3463277800170713035,
    -1497789713790919137,
    2009604619217570982,
    -6613336443377524638,
    8331321694262023402,
    -1799467626702148551,
    2691931774129737478,
    3415637263144055912,
)

any_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)


def likeness(one: str, other: str) -> float:
    return jaccard(shingles(one), shingles(other))


def met(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> bool:
    return not set(bands(one)).isdisjoint(bands(other))


def meeting(share: float) -> float:
    """Return the share of pairs of random sets, so alike, that have a band in common."""
    draw = np.random.default_rng(11)
    found = 0
    for _ in range(PAIRS):
        union = np.unique(draw.integers(0, 1 << 64, SIZE, np.uint64))
        common, rest = np.split(draw.permutation(union), [round(share * SIZE)])
        one, other = np.concatenate([common, rest[::2]]), np.concatenate([common, rest[1::2]])
        assert jaccard(one, other) == pytest.approx(share)
        found += met(one, other)
    return found / PAIRS


def test_copies_share_all_bands() -> None:
    assert bands(shingles(SOUP)) == bands(shingles(f" {SOUP}\n"))
    assert len(set(bands(shingles(SOUP)))) == 8


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(f"{SOUP} https://soup.example/1", f"{SOUP} www.bread.example/2?c=d", id="another link"),
        pytest.param(SOUP, f"{SOUP} https://soup.example/1", id="a link more"),
        pytest.param(f"@leek {SOUP}", f"@onion_77 {SOUP}", id="another user"),
        pytest.param(SOUP, SOUP.upper(), id="letter case"),
        pytest.param(SOUP, SOUP.replace(" ", "  \n"), id="white space"),
        pytest.param(SOUP, f"«{SOUP.replace(' and', ', and')}»!!!", id="punctuation"),
        pytest.param("It's Zorbia’s soup", "its zorbias soup", id="apostrophes"),
        pytest.param("Суп СВАРЕН, хлеб готов", "суп сварен хлеб ГОТОВ", id="another script"),
        pytest.param("सूप तैयार है, आओ!", "सूप तैयार है आओ", id="vowel signs"),
    ],
)
def test_what_copies_usually_differ_by_leaves_texts_near(one: str, other: str) -> None:
    assert likeness(one, other) >= NEAR
    assert met(shingles(one), shingles(other))


def test_texts_about_other_things_are_not_near() -> None:
    assert likeness(SOUP, CUP) < 0.1
    assert not met(shingles(SOUP), shingles(CUP))


def test_vowel_signs_count_as_the_letters_they_are() -> None:
    assert likeness("की", "कू") == 0


def test_a_text_shorter_than_a_shingle_is_one() -> None:
    assert len(shingles("soup")) == len(shingles("soupy")) == 1
    assert likeness("soup", "soups") == 0
    assert likeness("soup", "Soup!") == 1


def test_a_shingle_counts_once() -> None:
    assert len(shingles("soupsoupsoupsoup")) == 4


def test_a_text_of_punctuation_alone_is_read_as_it_stands() -> None:
    assert likeness("?!", "?!") == 1
    assert likeness("?!", "...") == 0


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b"])
def test_a_blank_text_has_no_shingles_no_bands_and_no_likeness(text: str) -> None:
    assert len(shingles(text)) == 0
    assert bands(shingles(text)) == ()
    assert likeness(text, text) == 0


def test_likeness_is_the_share_of_common_shingles() -> None:
    one, other = np.array([1, 2, 3], np.uint64), np.array([2, 3, 4, 5], np.uint64)

    assert jaccard(one, other) == pytest.approx(2 / 5)
    assert jaccard(one, one) == 1


def test_bands_fit_a_signed_column_and_differ_though_their_minima_are_equal() -> None:
    many = [key for number in range(200) for key in bands(np.array([number], np.uint64))]

    assert min(many) < 0 < max(many)
    assert all(-(2**63) <= key < 2**63 for key in many)
    assert len(set(many)) == len(many)


def test_a_long_text_has_the_bands_of_all_its_parts() -> None:
    draw = np.random.default_rng(5)
    long = np.unique(draw.integers(0, 1 << 64, 20_000, np.uint64))

    assert bands(long) == bands(long[::-1])  # no minimum is lost where a part ends


@pytest.mark.parametrize(
    ("share", "least", "most"),
    [
        pytest.param(0.9, 0.999, 1.0, id="near-copies"),
        pytest.param(0.8, 0.97, 0.995, id="just near"),
        pytest.param(0.3, 0.0, 0.1, id="not near"),
    ],
)
def test_pairs_share_a_band_as_often_as_the_theory_says(share: float, least: float, most: float) -> None:
    theory = 1 - (1 - share**4) ** 8
    deviation = (theory * (1 - theory) / PAIRS) ** 0.5

    found = meeting(share)

    assert least <= found <= most
    assert found == pytest.approx(theory, abs=4 * deviation + 1 / PAIRS)


def test_bands_are_those_that_databases_hold() -> None:
    assert bands(shingles(SOUP)) == SOUP_BANDS


def test_another_process_finds_the_same_bands() -> None:
    code = f"from tocsin.service.likeness import *; print(bands(shingles({SOUP!r})))"
    env = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True)

    assert done.stdout.strip() == str(SOUP_BANDS)


@given(any_text)
def test_every_text_can_be_hashed_and_is_its_own_copy(text: str) -> None:
    found = shingles(text)

    assert np.array_equal(found, np.unique(found))
    assert len(bands(found)) == (8 if len(found) else 0)
    assert jaccard(found, found) == (1 if len(found) else 0)


@given(any_text, any_text)
def test_likeness_is_the_same_both_ways_and_a_share(one: str, other: str) -> None:
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)
