"""What of a text reaches a page: what is revealed as it stands, and of all else masks that tell no letter."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.service.api.console.item.marks import Marks
from tocsin.service.api.console.item.reading import Piece, Reading, mask, read
from tocsin.service.review.cutting import cut
from tocsin.service.review.records import Revealed
from tocsin.signals import Signal

TEXT = "Soup is hot. Bread!\n\nSalt 𝒵orbian too"
SPANS = [
    {"start": 0, "end": 7, "signal": "threat", "weight": 1.0},
    {"start": 5, "end": 12, "signal": "hate", "weight": 1.0},
    {"start": 26, "end": 34, "signal": "extremism", "weight": 1.0},
]
STEPS = ("word", "sentence", "whole")
TEXTS = st.lists(
    st.sampled_from([*"abc XYZ.!?。汤ซ\n\t", "e\u0301", "🍲", "𝒵", "\u200b", "x" * 41]), max_size=80
).map("".join)
PARTS = st.builds(
    Revealed,
    whole=st.booleans(),
    words=st.frozensets(st.integers(0, 30)),
    sentences=st.frozensets(st.integers(0, 9)),
)


@st.composite
def spans(draw: st.DrawFn) -> list[dict[str, Any]]:
    bounds = st.integers(-2, 90)
    signal = st.sampled_from([*Signal, "soup"])
    found = draw(st.lists(st.tuples(bounds, bounds, signal), max_size=12))
    return [{"start": start, "end": end, "signal": str(signal)} for start, end, signal in found]


def shown(reading: Reading) -> str:
    return "".join(piece.text for piece in reading.pieces if not piece.hidden)


@given(TEXTS, spans(), st.sampled_from(STEPS))
def test_a_whole_text_is_the_pieces_that_it_is_shown_in(
    text: str, found: list[dict[str, Any]], step: str
) -> None:
    reading = read(text, found, Revealed(whole=True), step)
    assert shown(reading) == text
    assert not any(piece.hidden for piece in reading.pieces)
    assert reading.next is None


@given(TEXTS, spans(), PARTS, st.sampled_from(STEPS))
def test_of_words_that_are_not_revealed_no_letter_is_there(
    text: str, found: list[dict[str, Any]], parts: Revealed, step: str
) -> None:
    reading = read(text, found, parts, step)
    pieces = cut(text)
    told = [
        text[start:end]
        for sentence, bounds in enumerate(pieces.sentences)
        for word, (start, end) in list(enumerate(pieces.words))[slice(*bounds)]
        if parts.whole or sentence in parts.sentences or word in parts.words
    ]
    assert "".join(shown(reading).split()) == "".join("".join(told).split())
    assert reading.shown == len(told)
    assert reading.words == len(pieces.words)
    hidden = [piece for piece in reading.pieces if piece.hidden]
    assert sum(piece.hidden for piece in hidden) == reading.words - reading.shown
    assert set("".join(piece.text for piece in hidden)) <= {"█", " ", "\n"}


@given(TEXTS, spans(), PARTS)
def test_pressing_on_shows_all_of_it_step_by_step(
    text: str, found: list[dict[str, Any]], parts: Revealed
) -> None:
    for step in STEPS[:2]:
        words, sentences = set(parts.words), set(parts.sentences)
        for _ in range(200):
            now = Revealed(words=frozenset(words), sentences=frozenset(sentences))
            reading = read(text, found, now, step)
            if reading.next is None:
                break
            extent, _, place = reading.next.partition(":")
            assert extent == step
            (words if extent == "word" else sentences).add(int(place))
        assert reading.shown == reading.words


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param(
            Revealed(),
            [
                Piece("████ ██ ████", ("threat", "hate"), 3, "sentence:0"),
                Piece(" "),
                Piece("███████", (), 1, "sentence:1"),
                Piece("\n"),
                Piece("████ ███████ ████", ("extremism",), 3, "sentence:2"),
            ],
            id="masks, a button for each sentence, with the marks in it",
        ),
        pytest.param(
            Revealed(words=frozenset({1})),
            [
                Piece("████", ("threat",), 1, "sentence:0"),
                Piece(" "),
                Piece("is", ("threat", "hate")),
                Piece(" "),
                Piece("████", ("hate",), 1, "sentence:0"),
                Piece(" "),
                Piece("███████", (), 1, "sentence:1"),
                Piece("\n"),
                Piece("████ ███████ ████", ("extremism",), 3, "sentence:2"),
            ],
            id="one word within a masked sentence",
        ),
        pytest.param(
            Revealed(sentences=frozenset({0, 2})),
            [
                Piece("Soup ", ("threat",)),
                Piece("is", ("threat", "hate")),
                Piece(" hot.", ("hate",)),
                Piece(" "),
                Piece("███████", (), 1, "sentence:1"),
                Piece("\n"),
                Piece("Salt "),
                Piece("𝒵orbian ", ("extremism",)),
                Piece("too"),
            ],
            id="marks at their own characters, astral ones among them",
        ),
    ],
)
def test_marks_and_masks_stand_where_they_belong(parts: Revealed, expected: list[Piece]) -> None:
    assert list(read(TEXT, SPANS, parts, "sentence").pieces) == expected


def test_whoever_reads_word_by_word_has_a_button_for_each_word_of_a_short_text() -> None:
    short, long = read(TEXT, (), Revealed(), "word"), read("soup " * 400, (), Revealed(), "word")
    assert [piece.part for piece in short.pieces if piece.hidden] == [f"word:{place}" for place in range(7)]
    assert {str(piece.part).partition(":")[0] for piece in long.pieces if piece.hidden} == {"sentence"}
    assert (short.next, long.next) == ("word:0", "word:0")


def test_a_mask_tells_about_how_long_a_word_is_and_no_more() -> None:
    blocks = [mask("x" * length).blocks for length in range(1, 41)]
    assert len(set(blocks)) == 4
    assert [len(one) for one in blocks] == sorted(len(one) for one in blocks)


def test_of_a_long_text_the_masks_that_are_drawn_are_few_and_the_rest_is_told_as_a_number() -> None:
    reading = read("soup " * 20_000, (), Revealed(words=frozenset({19_999})), "sentence")
    drawn = [piece for piece in reading.pieces if piece.part]
    rest = [piece for piece in reading.pieces if piece.hidden and not piece.part]
    assert sum(piece.hidden for piece in drawn) == 2_000
    assert [piece.hidden for piece in rest] == [17_999]
    assert reading.pieces[-1] == Piece("soup")


def test_of_a_text_beside_the_items_no_more_is_masked_than_is_seen() -> None:
    short, long = mask("Tea before the choir?"), mask("soup " * 100_000)
    assert (short.words, short.more) == (4, False)
    assert (long.words, long.more) == (400, True)


@given(spans(), st.integers(0, 90), st.integers(0, 90))
def test_runs_of_marks_cover_a_stretch_once_each_with_the_signals_of_its_every_character(
    found: list[dict[str, Any]], start: int, end: int
) -> None:
    marks = Marks(found, 90)
    start, end = sorted((start, end))
    told = {place: signals for first, last, signals in marks.runs(start, end) for place in range(first, last)}
    sound = [one for one in found if 0 <= one["start"] < one["end"] <= 90 and one["signal"] in set(Signal)]
    assert sorted(told) == list(range(start, end))
    for place, signals in told.items():
        here = {one["signal"] for one in sound if one["start"] <= place < one["end"]}
        assert signals == tuple(signal for signal in Signal if signal in here)


@pytest.mark.parametrize(
    "span",
    [
        {},
        {"start": "0", "end": 3, "signal": "hate"},
        {"start": True, "end": 3, "signal": "hate"},
        {"start": 3, "end": 3, "signal": "hate"},
        {"start": 0, "end": 99, "signal": "hate"},
        {"start": 0, "end": 3, "signal": ["hate"]},
    ],
    ids=["nothing", "a text", "a truth", "empty", "past the end", "a list"],
)
def test_a_span_that_makes_no_sense_marks_nothing(span: dict[str, Any]) -> None:
    assert read("Soup", [span], Revealed(whole=True), "word").pieces == [Piece("Soup")]


@pytest.mark.parametrize("text", ["soup " * 20_000, "汤" * 100_000, ".\n" * 50_000, "a" * 100_000])
def test_a_text_of_a_hundred_thousand_characters_is_there_at_once(text: str) -> None:
    started = time.process_time()
    read(text, SPANS, Revealed(), "word")
    assert time.process_time() - started < 1
