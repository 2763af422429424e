"""How well corpora are told apart, where it is known how well they can be."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from tocsin.example import Example
from tocsin.training.shortcuts import CorpusGuess, View, guess_corpora

COOKING = ["soup", "bread", "oven", "butter", "flour", "simmer", "whisk", "garlic", "onion", "recipe"]
PLAIN = [f"{first}{last}" for first in "bdfghklm" for last in ("arin", "olu", "ette", "ipo", "undas")]


def corpus(name: str, rows: int = 150, seed: int = 1, words: int = 8, language: str = "en") -> list[Example]:
    draw = random.Random(f"{name}{seed}")  # noqa: S311 - toy data
    return [
        Example(f"{name}:{number}", " ".join(draw.choices(PLAIN, k=words)), language, name, "CC0-1.0")
        for number in range(rows)
    ]


def shuffled(rows: list[Example]) -> list[Example]:
    return random.Random(5).sample(rows, len(rows))  # noqa: S311 - toy data


def guesses(examples: list[Example], most: int = 1_000) -> dict[View, CorpusGuess]:
    found = list(guess_corpora(examples, most))
    assert [guess.view for guess in found] == list(View)
    return {guess.view: guess for guess in found}


def test_each_view_gives_away_what_can_be_seen_in_it() -> None:
    """Only words tell the kitchen, only capitals the shouting; the two others are the same."""
    other_words = str.maketrans("aeiou", "eioua")  # as long as the words of the others
    kitchen = [replace(row, text=row.text.translate(other_words)) for row in corpus("kitchen")]
    shouting = [replace(row, text=row.text.upper()) for row in corpus("shouting")]
    found = guesses([*kitchen, *shouting, *corpus("one"), *corpus("other")])

    assert found[View.RAW].accuracy.value == pytest.approx(0.75, abs=0.06)
    assert found[View.NORMALISED].accuracy.value == pytest.approx(0.5, abs=0.06)
    assert found[View.SURFACE].accuracy.value == pytest.approx(0.5, abs=0.06)
    recognised = {
        view: dict(
            zip(guess.corpora, (row[place] / 150 for place, row in enumerate(guess.confusion)), strict=True)
        )
        for view, guess in found.items()
    }
    assert recognised[View.RAW]["kitchen"] > 0.95
    assert recognised[View.RAW]["shouting"] > 0.95
    assert recognised[View.NORMALISED]["kitchen"] > 0.95
    assert recognised[View.SURFACE]["shouting"] > 0.95
    assert max(recognised[View.NORMALISED]["shouting"], recognised[View.SURFACE]["kitchen"]) < 0.6


def test_copies_give_no_corpus_away() -> None:
    """Every text stands four times in its corpus: with copies on both sides, all would be recognised."""
    rows = [
        replace(row, id=f"{row.id}:{copy}", text=f"{row.text}{'.' * copy}")
        for row in [*corpus("one", 60), *corpus("other", 60)]
        for copy in range(4)
    ]
    rows = [replace(row, id=f"{number:03}{row.id}") for number, row in enumerate(shuffled(rows))]
    found = guesses(rows)

    assert found[View.RAW].accuracy.value < 0.65
    assert found[View.NORMALISED].accuracy.value < 0.65


def test_what_chance_would_reach_stands_beside_what_was_reached() -> None:
    kitchen = [replace(row, text=f"{row.text} {' '.join(COOKING)}") for row in corpus("kitchen", 40)]
    guess = guesses([*kitchen, *corpus("one", 160), *corpus("other", 200)])[View.NORMALISED]

    assert (guess.language, guess.corpora, guess.rows) == ("en", ("kitchen", "one", "other"), 400)
    assert guess.largest == 0.5
    assert [sum(row) for row in guess.confusion] == [40, 160, 200]
    right = [row[place] for place, row in enumerate(guess.confusion)]
    assert guess.accuracy.value == sum(right) / 400
    assert guess.balanced_accuracy == pytest.approx((right[0] / 40 + right[1] / 160 + right[2] / 200) / 3)
    assert guess.accuracy.low < guess.accuracy.value < guess.accuracy.high
    assert 0.08 < guess.accuracy.high - guess.accuracy.low < 0.11  # Wilson, 400 rows


def test_a_row_of_the_table_is_a_corpus_and_a_column_what_it_is_taken_for() -> None:
    """Half of the market's texts are word for word what the kitchen writes; of the kitchen's, all are."""
    draw = random.Random(2)  # noqa: S311 - toy data
    kitchen = [replace(row, text=f"{draw.choice(COOKING)} {row.text}") for row in corpus("kitchen", 300)]
    market = [
        replace(row, text=f"{draw.choice(COOKING)} {row.text}" if place % 3 == 0 else row.text)
        for place, row in enumerate(corpus("market", 150))
    ]
    (stays, leaves), (taken, kept) = guesses([*kitchen, *market])[View.NORMALISED].confusion

    assert stays + leaves == 300
    assert leaves < 15
    assert 35 < taken < 65
    assert taken + kept == 150


def test_so_many_rows_are_drawn_of_each_corpus_whatever_the_order_and_the_others() -> None:
    rows = [*corpus("one", 130), *corpus("other", 70)]

    drawn, again = guesses(rows, 100), guesses(shuffled(rows), 100)

    assert drawn == again
    assert [sum(row) for row in drawn[View.RAW].confusion] == [100, 70]


def test_rows_are_drawn_from_the_whole_corpus() -> None:
    """The first half is written in capitals: of a fair draw, half is."""
    rows = [
        replace(row, text=row.text.upper(), id=f"a{row.id}") if place < 200 else row
        for place, row in enumerate(corpus("one", 400))
    ]
    found = guesses([*rows, *corpus("other", 400)], 200)[View.SURFACE]

    assert found.confusion[0][0] > 70  # of a hundred or so in capitals, which the other corpus never uses
    assert found.accuracy.value < 0.9


def test_a_language_with_one_corpus_has_nothing_to_guess() -> None:
    german = [replace(row, id=f"de:{row.id}", language="de") for row in corpus("one", 100)]
    found = list(guess_corpora([*corpus("one", 60), *corpus("other", 60), *german], 50))

    assert {guess.language for guess in found} == {"en"}
    assert {guess.rows for guess in found} == {100}


def test_work_is_told_step_by_step() -> None:
    told: list[str] = []
    list(guess_corpora([*corpus("one", 30), *corpus("other", 30)], 50, told.append))

    assert told == [
        "en: looking for copies among 60 rows",
        "en: guessing corpora from raw text",
        "en: guessing corpora from normalised text",
        "en: guessing corpora from surface alone",
    ]
