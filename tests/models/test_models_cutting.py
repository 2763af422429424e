"""Texts are cut as `str.split` does, and parts are alike exactly if their keys are."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.models.cutting import LONGEST, Cut, Cutter

CUTTER = Cutter()
WHITE = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
TEXTS = st.lists(
    st.lists(st.sampled_from([*WHITE, "a", "b", "soup", "\ud800", "🍲", "ü", "\U0010ffff"])).map("".join)
    | st.text(),
    max_size=8,
)


def parts_of(cut: Cut, text: int) -> list[str]:
    return cut.parts(np.arange(cut.bounds[text], cut.bounds[text + 1]))


@given(TEXTS)
def test_the_parts_of_a_text_are_those_that_split_leaves(texts: list[str]) -> None:
    cut = CUTTER.cut(texts)

    assert [parts_of(cut, place) for place in range(len(texts))] == [text.split() for text in texts]


def test_every_white_space_parts_and_nothing_else_does() -> None:
    texts = [f"a{chr(code)}b" for code in range(sys.maxunicode + 1)]
    cut = Cutter().cut(texts)

    assert np.flatnonzero(np.diff(cut.bounds) == 2).tolist() == [ord(white) for white in WHITE]
    assert set(np.diff(cut.bounds).tolist()) == {1, 2}


@given(TEXTS, TEXTS)
def test_parts_share_a_key_exactly_if_they_are_the_same(some: list[str], others: list[str]) -> None:
    one, other = CUTTER.cut(some), CUTTER.cut(others)
    parts = [*one.parts(np.arange(len(one.keys))), *other.parts(np.arange(len(other.keys)))]
    keys = [*one.keys.tolist(), *other.keys.tolist()]
    short = {(part, key) for part, key in zip(parts, keys, strict=True) if len(part) <= LONGEST}

    assert len(short) == len({part for part, _ in short}) == len({key for _, key in short})
    assert 0 not in {key for _, key in short}


def test_a_part_too_long_to_have_a_key_has_none() -> None:
    cut = CUTTER.cut(["a" * LONGEST + " " + "b" * (LONGEST + 1)])

    assert (cut.keys == 0).tolist() == [False, True]


# The coefficients of a polynomial that is 0 modulo 2**64 for every odd number: texts whose characters differ
# by them share every rolling hash with an odd base (found by lattice reduction).
VANISHING = [
    *(20, 20, -92, -92, 98, 98, 116, 116, -220, -220, 7, 7, -85, -85, 258, 258),
    *(198, 198, -355, -355, -82, -82, -21, -21, 234, 234, -162, -162, 159, 159, 251, 251),
    *(-400, -400, -66, -66, -106, -106, 306, 306, 184, 184, -237, -237, -87, -87, 56, 56),
    *(86, 86, -143, -143, 90, 90, 63, 63, -102, -102, 24, 24, 13, 13, -5, -5),
]


def test_texts_that_share_every_rolling_hash_have_keys_of_their_own() -> None:
    for base in (1, 3, 2**63 + 1, 0x9E3779B97F4A7C15):
        assert sum(step * pow(base, place, 2**64) for place, step in enumerate(VANISHING)) % 2**64 == 0
    one = "".join(chr(0x4E00 + max(step, 0)) for step in VANISHING)
    other = "".join(chr(0x4E00 + max(-step, 0)) for step in VANISHING)

    assert all(first != second for first, second in (Cutter().cut([one, other]).keys for _ in range(50)))


@pytest.mark.parametrize("letters", ["ab", "a\u0101", "a\U00080061"], ids=ascii)
def test_the_sequence_of_thue_and_morse_is_told_apart(letters: str) -> None:
    signs = letters[0]
    turn = {ord(letters[0]): letters[1], ord(letters[1]): letters[0]}
    while len(signs) < LONGEST:
        signs += signs.translate(turn)
    pairs = [Cutter().cut([signs, signs.translate(turn)]).keys for _ in range(300)]

    assert len(signs) == LONGEST
    assert all(one != other for one, other in pairs)
    assert {key for pair in pairs for key in pair.tolist()} != {0}


def test_texts_with_a_part_too_long_to_have_a_key_are_told() -> None:
    cut = CUTTER.cut(["soup", "", "b" * (LONGEST + 1), "soup " + "b" * (LONGEST + 1), "soup"])

    assert cut.has_long().tolist() == [False, False, True, True, False]


def test_keys_are_those_of_one_cutter_alone() -> None:
    assert Cutter().cut(["soup"]).keys[0] != Cutter().cut(["soup"]).keys[0]


def test_a_longer_batch_changes_no_key() -> None:
    cutter = Cutter()
    before = cutter.cut(["hot soup"]).keys

    assert cutter.cut(["x" * 10_000, "hot soup"]).keys[1:].tolist() == before.tolist()


def test_keys_spread_evenly_over_their_upper_bits() -> None:
    keys = Cutter().cut([" ".join(f"soup{place}" for place in range(20_000))]).keys
    counts = np.bincount((keys >> np.uint64(56)).astype(np.int64), minlength=256)

    # A fair hash leaves a chi-square of about 255 with a standard deviation of about 23.
    expected = len(keys) / 256
    assert ((counts - expected) ** 2 / expected).sum() < 255 + 5 * 23
