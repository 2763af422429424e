"""What single perturbations do to a text."""

from __future__ import annotations

import re

import pytest
from emoji import EMOJI_DATA
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, LCSseq

from tocsin.eval.perturbations import PERTURBATIONS
from tocsin.eval.perturbations.alphabets import FAUX_CYRILLIC, homoglyphs
from tocsin.eval.perturbations.around import HANDLES, HARMLESS, HARMLESS_GERMAN, LINKS
from tocsin.eval.perturbations.pictures import pictures
from tocsin.eval.perturbations.places import words
from tocsin.eval.perturbations.slips import NEIGHBOURS
from tocsin.eval.perturbations.within import MASK

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
WORDS = st.text(LETTERS, min_size=1, max_size=9) | st.sampled_from(["bread", "phone", "ham"])
PLAIN_TEXT = st.lists(WORDS | st.sampled_from(["-", "...", "7 8", "it's"]), max_size=10).map(" ".join)
ANY_TEXT = st.lists(WORDS | st.sampled_from(["@anna_b", "🙂"]) | st.text(max_size=4), max_size=10).map(
    " ".join
)
SEEDS = st.text("abc0", max_size=3)


def chosen(text: str, share: float) -> int:
    return -(-round(share * 1000) * len(words(text)) // 1000)


@given(text=PLAIN_TEXT, seed=SEEDS, share=st.sampled_from([0.1, 0.3, 1.0]))
def test_a_slip_is_one_edit_a_word(text: str, seed: str, share: float) -> None:
    changed = PERTURBATIONS["typos"].apply(text, seed=seed, strength=share)

    assert OSA.distance(text, changed) <= chosen(text, share)


@given(text=PLAIN_TEXT, seed=SEEDS, share=st.sampled_from([0.1, 0.3, 1.0]))
def test_the_wrong_key_is_beside_the_right_one(text: str, seed: str, share: float) -> None:
    changed = PERTURBATIONS["keyboard"].apply(text, seed=seed, strength=share)
    wrong = [(right, hit) for right, hit in zip(text, changed, strict=True) if right != hit]

    assert all(
        hit.lower() in NEIGHBOURS[right.lower()] and hit.isupper() == right.isupper() for right, hit in wrong
    )
    assert len(wrong) <= chosen(text, share)


@pytest.mark.parametrize(
    ("key", "beside"),
    [("q", "wa"), ("g", "fhtyvb"), ("m", "njk"), ("p", "ol")],
    ids=["corner", "middle", "below", "edge"],
)
def test_keys_stand_beside_each_other_as_on_a_keyboard(key: str, beside: str) -> None:
    assert set(NEIGHBOURS[key]) == set(beside)


@given(text=PLAIN_TEXT, seed=SEEDS, share=st.sampled_from([0.1, 0.3, 1.0]))
def test_a_mask_hides_one_inner_letter_a_word(text: str, seed: str, share: float) -> None:
    changed = PERTURBATIONS["masking"].apply(text, seed=seed, strength=share)
    hidden = [place for place, (old, new) in enumerate(zip(text, changed, strict=True)) if old != new]

    assert all(
        changed[place] == MASK and text[place - 1].isalpha() and text[place + 1].isalpha() for place in hidden
    )
    assert len(hidden) <= chosen(text, share)


@given(text=PLAIN_TEXT, seed=SEEDS)
def test_only_vowels_inside_words_are_left_out(text: str, seed: str) -> None:
    changed = PERTURBATIONS["dropped-vowels"].apply(text, seed=seed, strength=1.0)

    assert LCSseq.similarity(text, changed) == len(changed)
    assert re.sub("[aeiou]", "", text.lower()) == re.sub("[aeiou]", "", changed.lower())
    assert [word[0] + word[-1] for word in re.findall("[a-zA-Z]+", text)] == [
        word[0] + word[-1] for word in re.findall("[a-zA-Z]+", changed)
    ]


def test_words_are_spelled_as_they_sound() -> None:
    spelled = PERTURBATIONS["sound-alike"].apply("quick FOX cups phone sniff cheese", seed="1", strength=1.0)

    assert spelled == "kwik PHOKS kupz fone snifph cheese"


@given(
    text=ANY_TEXT, seed=SEEDS, language=st.sampled_from(["en", "de"]), sentences=st.sampled_from([1, 2, 8])
)
def test_padding_is_harmless_sentences_of_the_text_s_language(
    text: str, seed: str, language: str, sentences: int
) -> None:
    padded = PERTURBATIONS["padding"].apply(text, seed=seed, language=language, strength=sentences)
    among = HARMLESS if language == "en" else HARMLESS_GERMAN
    put = [one for one in among if one in padded]

    assert text in padded
    assert len(put) == sentences
    assert len(padded) == len(text) + sum(len(one) + 1 for one in put)


@pytest.mark.parametrize(
    ("name", "among", "place"), [("mentions", HANDLES, slice(0, -1)), ("links", LINKS, slice(1, None))]
)
def test_what_is_put_around_a_text_is_counted(name: str, among: tuple[str, ...], place: slice) -> None:
    for count in PERTURBATIONS[name].strengths:
        put = PERTURBATIONS[name].apply("soup", seed="1", strength=count).split()

        assert len(put) == count + 1
        assert all(one in among for one in put[place])


@given(text=ANY_TEXT, pieces=st.sampled_from([5, 10, 20]))
def test_a_truncated_text_is_its_first_words(text: str, pieces: int) -> None:
    cut = PERTURBATIONS["truncation"].apply(text, seed="1", strength=pieces)

    assert text.startswith(cut)
    assert cut.split() == text.split()[:pieces]


def test_every_other_sign_for_a_letter_stands_for_one_letter_only() -> None:
    for alphabet in (homoglyphs(), FAUX_CYRILLIC):
        signs = [sign for signs in alphabet.values() for sign in signs]

        assert len(signs) == len(set(signs))
        assert not any(sign.isascii() for sign in signs)
    assert len(homoglyphs()) >= 35


def test_faux_letters_are_in_no_table_of_confusables_under_that_letter() -> None:
    assert not any(
        sign in homoglyphs().get(letter, ()) for letter, signs in FAUX_CYRILLIC.items() for sign in signs
    )


@pytest.mark.parametrize(("language", "word"), [("en", "bread"), ("de", "brot")])
def test_words_become_the_emoji_of_that_name_in_their_language(language: str, word: str) -> None:
    assert PERTURBATIONS["emoji-words"].apply(f"good {word}", seed="1", language=language) == "good 🍞"
    assert all(sequence in EMOJI_DATA for sequence in pictures(language).values())


def test_a_hashtag_is_of_neighbouring_words_only() -> None:
    changed = PERTURBATIONS["hashtags"].apply(
        "hot tomato soup and bread, please @anna now", seed="1", strength=1.0
    )

    assert changed == "#HotTomatoSoup #AndBread, please @anna now"


@pytest.mark.parametrize("seed", [str(seed) for seed in range(12)])
@pytest.mark.parametrize("word", ["sOuP", "SoUp"])
def test_alternating_case_is_not_the_one_that_was_there(word: str, seed: str) -> None:
    assert PERTURBATIONS["casing"].apply(word, seed=seed) == word.swapcase()


def test_a_swap_of_two_same_letters_is_no_slip() -> None:
    assert "ooo" not in {PERTURBATIONS["typos"].apply("ooo", seed=str(seed)) for seed in range(40)}
