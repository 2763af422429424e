"""Texts that are normalised already are read as they stand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.models.features import FeatureSpec
from tocsin.models.screen import Screen
from tocsin.signals import Signal
from tocsin.text import normalise

WORDS = st.sampled_from(["soup", "bread", "soup,", "s.o.u.p", "ｓｏｕｐ", "sóup", "ha" * 40, "s", "o", "u"])
TEXTS = st.lists(WORDS | st.text(max_size=6), max_size=12).map(" ".join)


def made() -> Screen:
    draw = np.random.default_rng(11)
    spec = FeatureSpec(bits=12)
    table = draw.integers(-32_000, 32_000, (spec.buckets, 2)).astype(np.int16)
    scale, bias = np.array([1e-4, 2e-4], np.float32), np.array([-1, 1], np.float32)
    return Screen(spec, (Signal.HATE, Signal.THREAT), table, scale, bias)


@given(st.lists(TEXTS, max_size=6))
def test_a_normalised_text_reads_as_the_text_it_was_normalised_from(texts: list[str]) -> None:
    posted, normal = made().read(texts), made().read_normal([normalise(text) for text in texts])

    np.testing.assert_array_equal(normal.margins, posted.margins)
    np.testing.assert_array_equal(normal.words, posted.words)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("ｓｏｕｐ", id="styled letters"),
        pytest.param("s o u p", id="letters spelled out"),
        pytest.param("so\u200bup", id="a character without width"),
        pytest.param("&#115;oup", id="an entity"),
    ],
)
def test_nothing_is_normalised_again(raw: str) -> None:
    assert not np.array_equal(made().read_normal([raw]).margins, made().read_normal(["soup"]).margins)
    np.testing.assert_array_equal(made().read([raw]).margins, made().read(["soup"]).margins)


def test_what_was_read_one_way_is_not_remembered_for_the_other() -> None:
    used = made()
    used.read(["ｓｏｕｐ bread"])

    np.testing.assert_array_equal(
        used.read_normal(["ｓｏｕｐ bread"]).margins, made().read_normal(["ｓｏｕｐ bread"]).margins
    )
    np.testing.assert_array_equal(used.read(["ｓｏｕｐ"]).margins, made().read(["soup"]).margins)


def test_reading_in_parts_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"soup number {place} with {'x' * 70 if place % 9 == 0 else 'bread'}" for place in range(60)]
    expected = made().read_normal(texts)
    monkeypatch.setattr("tocsin.models.screen._CHARACTERS_AT_ONCE", 300)
    monkeypatch.setattr("tocsin.models.lexicon.CHARACTERS_AT_ONCE", 40)
    found = made().read_normal(texts)

    np.testing.assert_array_equal(found.margins, expected.margins)
    np.testing.assert_array_equal(found.words, expected.words)
    assert expected.words.tolist() == [len(text.split()) for text in texts]


def test_no_text_is_no_row() -> None:
    assert made().read_normal([]).margins.shape == (0, 2)
    assert made().read_normal([""]).words.tolist() == [0]
