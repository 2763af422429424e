"""Cutting: any text into sentences and words, in code points, with nothing lost."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.service.review.cutting import cut

COOK = "\U0001f9d1\u200d\U0001f373"  # one emoji of two astral characters and a joiner
ODD = st.lists(
    st.sampled_from(
        [*"ab Z1.!?。汤ซุก\n\t", "e\u0301", COOK, "🍲", "𝒵", "\u200b", "\u0301", "\ud800", "x" * 41]
    ),
    max_size=60,
).map("".join)


def parts(text: str) -> list[list[str]]:
    found = cut(text)
    return [[text[slice(*found.words[place])] for place in range(*one)] for one in found.sentences]


@given(st.one_of(st.text(st.characters()), ODD))
def test_pieces_and_the_blanks_between_them_join_to_the_text(text: str) -> None:
    found = cut(text)
    bounds = [0, *(place for word in found.words for place in word), len(text)]
    assert bounds == sorted(bounds)
    assert "".join(text[start:end] for start, end in pairwise(bounds)) == text
    assert all(start < end for start, end in found.words)
    assert not "".join(text[end:start] for end, start in zip(bounds[::2], bounds[1::2], strict=True)).strip()


@given(st.one_of(st.text(st.characters()), ODD))
def test_each_word_is_in_one_sentence_and_no_sentence_is_empty(text: str) -> None:
    found = cut(text)
    assert [place for one in found.sentences for place in range(*one)] == list(range(len(found.words)))
    assert all(first < last for first, last in found.sentences)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "Soup is hot. Bread!\n\nSalt",
            [["Soup", "is", "hot."], ["Bread!"], ["Salt"]],
            id="blanks, marks, lines",
        ),
        pytest.param(
            "汤很热。面包！盐", [["汤很", "热。"], ["面包！"], ["盐"]], id="a script without blanks"
        ),
        pytest.param("東京tower", [["東京", "tower"]], id="two scripts in one run"),
        pytest.param("ซุปร้อนมาก", [["ซุปร้อนม", "าก"]], id="marks stay with their letters"),
        pytest.param(f"{COOK}{COOK} 🍲", [[COOK * 2, "🍲"]], id="joined emoji stay whole"),
        pytest.param("a" * 90, [["a" * 40, "a" * 40, "a" * 10]], id="what goes on and on"),
        pytest.param("e\u0301" * 41, [["e\u0301" * 40, "e\u0301"]], id="letters with marks, on and on"),
        pytest.param("सूप गरम है। रोटी", [["सूप", "गरम", "है।"], ["रोटी"]], id="a danda ends a sentence"),
        pytest.param(" \n\t ", [], id="blanks"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_words_and_sentences_are_those_that_people_would_see(text: str, expected: list[list[str]]) -> None:
    assert parts(text) == expected


def test_a_sentence_that_never_ends_is_shown_as_several() -> None:
    text = "soup " * 1_000
    found = cut(text)
    assert len(found.words) == 1_000
    lengths = [found.words[last - 1][1] - found.words[first][0] for first, last in found.sentences]
    assert len(lengths) == 10
    assert max(lengths) <= 500


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("soup " * 20_000, id="words"),
        pytest.param("汤" * 100_000, id="no blanks"),
        pytest.param("\u0301" * 100_000, id="marks alone"),
        pytest.param("." * 100_000, id="dots"),
        pytest.param(".\n" * 50_000, id="lines"),
        pytest.param("a" * 100_000, id="one letter"),
        pytest.param(COOK * 30_000, id="joined emoji"),
    ],
)
def test_a_long_text_is_cut_at_once(text: str) -> None:
    started = time.process_time()
    cut(text)
    assert time.process_time() - started < 1
