"""A perturbation changes what it says, and nothing else."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from tocsin.eval.perturbations import PERTURBATIONS
from tocsin.eval.perturbations.alphabets import FAUX_CYRILLIC, LEET, MARKS, homoglyphs
from tocsin.eval.perturbations.around import EMOJI
from tocsin.eval.perturbations.pictures import pictures
from tocsin.eval.perturbations.unseen import BLANKS, ZERO_WIDTH
from tocsin.eval.perturbations.within import SIGNS

SENTENCE = "Fresh bread and tomato soup, please: four cups for my cousin"
HELD = (
    "HTTPS://EXAMPLE.ORG/BREAD",
    "https://example.org/soup?a=Bread",
    "www.example.org",
    "@anna_b",
    "#HotSoup",
    "&amp;",
    "[URL]",
    "<user>",
)
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
PLAIN_WORDS = st.text(LETTERS, min_size=1, max_size=9) | st.sampled_from(
    ["bread", "Soup", "phone", "tomato", "ham"]
)
PIECES = PLAIN_WORDS | st.sampled_from([*HELD, "12", "-", "🙂", "!?", "it's"]) | st.text(max_size=4)
ANY_TEXT = st.lists(PIECES, max_size=10).map(" ".join)
PLAIN_TEXT = st.lists(PLAIN_WORDS | st.sampled_from(["-", "...", "7 8", "it's"]), max_size=10).map(" ".join)
SEEDS = st.text("abc0", max_size=3)
STRENGTH_OF = {name: st.sampled_from(way.strengths) for name, way in PERTURBATIONS.items()}
SHARES = [name for name, way in PERTURBATIONS.items() if way.strengths == (0.1, 0.3, 1.0)]
AT_WORDS = [
    name for name in SHARES if PERTURBATIONS[name].unit == "{:.0%} of words" and name != "emoji-between"
]


def without(signs: str) -> Callable[[str], str]:
    return lambda text: text.translate(dict.fromkeys(map(ord, signs)))


def mapped_back(alphabet: Mapping[str, Sequence[str]]) -> Callable[[str], str]:
    table = {ord(sign): letter for letter, signs in alphabet.items() for sign in signs}
    return lambda text: text.translate(table)


def bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(one for one in decomposed if one not in MARKS)


def shown(text: str) -> str:
    return re.sub("\u202e(.*?)\u202c", lambda match: match[1][::-1], text, flags=re.DOTALL)


def unstretched(text: str) -> str:
    return "".join(letter for letter, _ in groupby(text))


def emoji_read(text: str) -> str:
    first = (0x1F1E6, 0x1F170, 0x1F150)
    table = {start + place: chr(ord("a") + place) for start in first for place in range(26)}
    return text.translate(table).casefold()


def named(text: str) -> str:
    for word, sequence in sorted(pictures("en").items(), key=lambda pair: -len(pair[1])):
        text = text.replace(sequence, word)
    return text.casefold()


STAYS: Mapping[str, Callable[[str], str]] = {
    "leet": lambda text: mapped_back(LEET)(text).casefold(),
    "homoglyph": mapped_back(homoglyphs()),
    "faux-cyrillic": mapped_back(FAUX_CYRILLIC),
    "styled": lambda text: unicodedata.normalize("NFKC", text),
    "emoji-letters": emoji_read,
    "diacritics": bare,
    "stacked-marks": bare,
    "zero-width": without(ZERO_WIDTH),
    "right-to-left": shown,
    "entities": html.unescape,
    "odd-blanks": lambda text: text.translate(dict.fromkeys(map(ord, BLANKS), " ")),
    "spelled-out": without(" "),
    "split": without(" "),
    "signs": without(SIGNS),
    "stretching": unstretched,
    "casing": str.casefold,
    "merging": without(" "),
    "hashtags": lambda text: without("# ")(text).casefold(),
    "emoji-words": named,
    "emoji-between": without(f"{EMOJI} "),
}
ELSEWHERE = (
    "masking",
    "typos",
    "keyboard",
    "dropped-vowels",
    "sound-alike",
    "padding",
    "mentions",
    "links",
    "truncation",
)


def test_what_stays_is_stated_of_every_perturbation() -> None:
    assert {*STAYS, *ELSEWHERE} == {*PERTURBATIONS}


@pytest.mark.parametrize("name", STAYS)
@given(text=PLAIN_TEXT, seed=SEEDS, data=st.data())
def test_undoing_a_perturbation_gives_back_the_text(
    name: str, text: str, seed: str, data: st.DataObject
) -> None:
    changed = PERTURBATIONS[name].apply(text, seed=seed, strength=data.draw(STRENGTH_OF[name]))

    assert STAYS[name](changed) == STAYS[name](text)


@pytest.mark.parametrize("name", PERTURBATIONS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_it_changes_something_where_there_is_something_to_change(name: str, language: str) -> None:
    text = f"{SENTENCE} {SENTENCE} und noch Brot und Tomate" if language == "de" else f"{SENTENCE} {SENTENCE}"
    for strength in PERTURBATIONS[name].strengths:
        assert PERTURBATIONS[name].apply(text, seed="1", language=language, strength=strength) != text


@pytest.mark.parametrize("name", SHARES)
def test_more_strength_changes_more(name: str) -> None:
    text = " ".join([SENTENCE] * 8)
    far = [
        sum(
            OSA.distance(text, PERTURBATIONS[name].apply(text, seed=str(seed), strength=share))
            for seed in "123"
        )
        for share in (0.1, 0.3, 1.0)
    ]
    assert far[0] < far[1] < far[2]


@pytest.mark.parametrize("name", [name for name in PERTURBATIONS if name != "truncation"])
@given(text=ANY_TEXT, seed=SEEDS)
def test_links_handles_hashtags_and_stand_ins_stay(name: str, text: str, seed: str) -> None:
    held = " ".join([text, *HELD])
    changed = PERTURBATIONS[name].apply(held, seed=seed, strength=PERTURBATIONS[name].strengths[-1])

    for one in HELD:
        assert changed.count(one) >= held.count(one)


@pytest.mark.parametrize("name", AT_WORDS)
@pytest.mark.parametrize(("share", "most"), [(0.1, 1), (0.3, 3), (1.0, 10)])
def test_no_more_words_change_than_the_strength_says(name: str, share: float, most: int) -> None:
    text = "foxes fruit cakes cream cups quick phone coffee crabs flour"  # each can be changed in every way
    changed = PERTURBATIONS[name].apply(text, seed="7", strength=share)
    same = sum(word in changed.split() for word in text.split())

    assert 10 - most == same


@pytest.mark.parametrize("name", PERTURBATIONS)
@given(text=ANY_TEXT, others=st.lists(ANY_TEXT, max_size=2), seed=SEEDS)
def test_the_same_text_and_seed_give_the_same_whatever_was_perturbed_before(
    name: str, text: str, others: list[str], seed: str
) -> None:
    way = PERTURBATIONS[name]
    alone = way.apply(text, seed=seed)
    for other in others:
        way.apply(other, seed=seed)

    assert way.apply(text, seed=seed) == alone


def test_chance_is_the_same_in_every_process() -> None:
    code = (
        "from tocsin.eval.perturbations import PERTURBATIONS\n"
        f"for way in PERTURBATIONS.values(): print(ascii(way.apply({SENTENCE!r}, seed='p-1')))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": hashing},
        ).stdout
        for hashing in ("1", "2")
    ]
    assert told[0] == told[1]
    assert told[0].splitlines()[0] == ascii(PERTURBATIONS["leet"].apply(SENTENCE, seed="p-1"))


@pytest.mark.parametrize("name", SHARES)
def test_seeds_and_perturbations_are_drawn_apart(name: str) -> None:
    text = " ".join([SENTENCE] * 3)
    assert len({PERTURBATIONS[name].apply(text, seed=str(seed), strength=0.3) for seed in range(8)}) > 4


@pytest.mark.parametrize("name", PERTURBATIONS)
@pytest.mark.parametrize("text", ["", " ", "?! 12", "\ud800", "@anna https://example.org"], ids=ascii)
def test_a_text_without_words_can_be_perturbed(name: str, text: str) -> None:
    changed = PERTURBATIONS[name].apply(text, seed="1")

    assert changed == text or name in {"padding", "mentions", "links"}


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_the_default_is_one_of_rising_strengths_and_has_words(name: str) -> None:
    way = PERTURBATIONS[name]

    assert way.default in way.strengths
    assert list(way.strengths) == sorted(set(way.strengths))
    assert len(way.strengths) > 1
    assert len({way.told(strength) for strength in way.strengths}) == len(way.strengths)
    assert way.about
    assert not way.about.endswith(".")


def test_there_are_at_least_sixteen() -> None:
    assert len(PERTURBATIONS) >= 16
    assert all(name == way.name for name, way in PERTURBATIONS.items())
    assert len({way.about for way in PERTURBATIONS.values()}) == len(PERTURBATIONS)
