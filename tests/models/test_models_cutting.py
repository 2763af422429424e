"""Texts are cut as `str.split` does, and parts are alike exactly if their keys are."""

from __future__ import annotations

import sys

import numpy as np
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


def test_the_sequence_that_fools_rolling_hashes_of_any_base_is_told_apart() -> None:
    """Thue and Morse: at 1,024 and more letters the two below would have the same hash modulo 2**64."""
    signs = "a"
    for _ in range(6):
        signs += signs.translate({ord("a"): "b", ord("b"): "a"})
    turned = signs.translate({ord("a"): "b", ord("b"): "a"})
    keys = [Cutter().cut([signs, turned]).keys for _ in range(50)]

    assert len(signs) == LONGEST
    assert all(one != other for one, other in keys)
    assert {key for pair in keys for key in pair.tolist()} != {0}


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
