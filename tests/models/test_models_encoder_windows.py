"""How a text becomes windows of tokens: nothing left out, nothing longer than it may be."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import BertWordPieceTokenizer, Tokenizer

from tocsin.models.encoder import Window, Windows

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = ("soup", "bread", "oven", "goal", "match", "ball")
BEFORE, AFTER = (2,), (3,)


def tokenizer() -> Tokenizer:
    """Return one that knows a few words, and what they may end in."""
    vocabulary = [*SPECIAL, *WORDS, "##ven", "##s", "##ball", "."]
    places = {word: place for place, word in enumerate(vocabulary)}
    return Tokenizer.from_str(BertWordPieceTokenizer(vocab=places, lowercase=True).to_str())


def windows(max_tokens: int = 8, stride: int = 4) -> Windows:
    return Windows(tokenizer(), max_tokens, stride, BEFORE, AFTER)


NARROW = windows()
BLANKS = st.sampled_from([" ", "  ", "\n", " \t"])
# Whole words, words of several tokens, signs, words that are not known.
PIECES = st.sampled_from([*WORDS, "soups", "breadball", "matchballs", "oven.", ".", "zorbian", "quellish's"])
SHAPES = st.integers(3, 12).flatmap(lambda most: st.tuples(st.just(most), st.integers(1, most - 2)))


@st.composite
def texts(draw: st.DrawFn, pieces: st.SearchStrategy[str] = PIECES) -> str:
    """Return up to thirty pieces with blanks between them."""
    words = draw(st.lists(pieces, max_size=30))
    return "".join(word + draw(BLANKS) for word in words).strip()


def own(window: Window) -> list[int]:
    """Return the ids of a window that are the text's."""
    ids = window.ids.tolist()
    return list(ids[len(BEFORE) : len(ids) - len(AFTER)])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("soup", id="one-word"),
        pytest.param("soup bread oven goal match ball", id="as-many-tokens-as-there-is-room-for"),
        pytest.param("  soup  ", id="blanks-around-it"),
    ],
)
def test_a_short_text_is_one_window_of_all_its_tokens(text: str) -> None:
    (found,) = NARROW.of([text])
    known = [5 + WORDS.index(word) for word in text.split()]

    assert [window.ids.tolist() for window in found] == [[*BEFORE, *known, *AFTER]]
    assert text[found[0].start : found[0].end] == text.strip()
    assert found[0].ids.dtype == np.int64


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(" \n ", id="blanks"),
        pytest.param("\x00", id="a-control-character-alone"),
    ],
)
def test_a_text_without_tokens_is_one_window_of_special_tokens_alone(text: str) -> None:
    ((window,),) = NARROW.of([text])

    assert window.ids.tolist() == [*BEFORE, *AFTER]
    assert (window.start, window.end) == (0, 0)


def test_one_token_more_than_there_is_room_for_is_a_second_window_as_long_as_the_first() -> None:
    text = "soup bread oven goal match ball soup"
    ((first, second),) = NARROW.of([text])

    assert text[first.start : first.end] == "soup bread oven goal match ball"
    assert text[second.start : second.end] == "bread oven goal match ball soup"


@given(text=texts(), shape=SHAPES)
def test_every_token_is_in_a_window_and_no_window_is_longer_than_it_may_be(
    text: str, shape: tuple[int, int]
) -> None:
    found = windows(*shape).of([text])[0]
    whole = tokenizer().encode(text, add_special_tokens=False)
    seen = [any(one.start <= start and end <= one.end for one in found) for start, end in whole.offsets]

    assert all(seen)
    assert max(len(window.ids) for window in found) <= shape[0]
    assert len(found) == 1 or {len(window.ids) for window in found} == {shape[0]}
    assert own(found[0])[:1] == whole.ids[:1]
    assert own(found[-1])[-1:] == whole.ids[-1:]


@given(text=texts(), shape=SHAPES)
def test_between_two_windows_is_nothing_but_blanks_and_the_last_ends_with_the_text(
    text: str, shape: tuple[int, int]
) -> None:
    found = windows(*shape).of([text])[0]

    assert (found[0].start, found[-1].end) == (0, len(text))
    for before, after in pairwise(found):
        assert before.start <= after.start
        assert before.end <= after.end
        assert text[before.end : after.start].strip() == ""


@given(text=texts(), shape=SHAPES)
def test_each_window_begins_a_stride_after_the_one_before_but_for_the_last(
    text: str, shape: tuple[int, int]
) -> None:
    found = windows(*shape).of([text])[0]
    ids = tokenizer().encode(text, add_special_tokens=False).ids
    room = shape[0] - len(BEFORE) - len(AFTER)
    begun = [*range(0, len(ids) - room, shape[1]), max(len(ids) - room, 0)]

    assert [own(window) for window in found] == [ids[first : first + room] for first in begun]


@given(text=texts(st.sampled_from(WORDS)), shape=SHAPES)
def test_the_characters_of_a_window_are_those_its_tokens_stand_for(text: str, shape: tuple[int, int]) -> None:
    for window in windows(*shape).of([text])[0]:
        piece = text[window.start : window.end]
        assert tokenizer().encode(piece, add_special_tokens=False).ids == own(window)


def test_texts_are_cut_in_order_and_without_regard_to_each_other() -> None:
    several = ["soup " * 20, "", "a goal"]

    assert [len(found) for found in NARROW.of(several)] == [5, 1, 1]
    for text, together in zip(several, NARROW.of(several), strict=True):
        (alone,) = NARROW.of([text])
        assert [own(one) for one in together] == [own(one) for one in alone]
    assert NARROW.of([]) == []


def test_a_tokenizer_that_would_cut_and_fill_texts_up_reads_them_whole() -> None:
    cutting = tokenizer()
    cutting.enable_truncation(3)
    cutting.enable_padding(length=3)
    found = Windows(cutting, 8, 4, BEFORE, AFTER).of(["soup", "soup bread oven goal"])

    assert [len(own(one)) for (one,) in found] == [1, 4]


@pytest.mark.parametrize(
    ("max_tokens", "stride", "message"),
    [
        pytest.param(8, 0, "stride must be between 1 and 6, was 0", id="never-gets-on"),
        pytest.param(8, -1, "stride must be between 1 and 6, was -1", id="goes-back"),
        pytest.param(8, 7, "stride must be between 1 and 6, was 7", id="leaves-a-gap"),
        pytest.param(2, 1, "stride must be between 1 and 0, was 1", id="special-tokens-take-all-room"),
    ],
)
def test_windows_that_could_not_cover_a_text_are_refused(max_tokens: int, stride: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        windows(max_tokens, stride)
