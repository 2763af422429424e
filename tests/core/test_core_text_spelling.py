"""Spaced-out, respelled and stretched words become words again; what only looks like them stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.text import normalise, normalise_with_offsets
from tocsin.text.spelling import DOUBLED, LEET

WORDS = st.text("abdegiknorstu", min_size=3, max_size=9).filter(lambda word: len(set(word)) > 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("hot s o u p now", "hot soup now", id="blanks"),
        pytest.param("s.o.u.p, s-o-u-p", "soup, soup", id="dots-and-hyphens"),
        pytest.param("s_o_u_p s*o*u*p s·o·u·p", "soup soup soup", id="underscores-asterisks-middle-dots"),
        pytest.param("h o t  s o u p", "hot soup", id="two-blanks-part-words"),
        pytest.param("h  o  t    s  o  u  p", "hot soup", id="more-blanks-than-between-letters-part-words"),
        pytest.param("h o t   a   s o u p", "hot a soup", id="single-letter-word"),
        pytest.param("h\no\nt", "hot", id="one-under-the-other"),
        pytest.param("K Ä S E", "käse", id="umlaut"),
        pytest.param("s 0 u p", "soup", id="digit-among-letters"),
        pytest.param("s o u p 4 5", "soup 4 5", id="digits-after-the-last-letter"),
        pytest.param("h  o  t  t e a", "hot tea", id="single-letters-that-are-left"),
        pytest.param("b @ k 3 d", "baked", id="half-letters-or-more"),
        pytest.param("U.S.A.", "usa.", id="abbreviation"),
        pytest.param("(s o u p)", "(soup)", id="in-brackets"),
        pytest.param("a-b-c d-e-f", "abc def", id="one-after-the-other"),
        pytest.param("ѕ о u p is hot", "soup is hot", id="lookalikes"),
        pytest.param("s\u0336 o\u0336 u\u0336 p\u0336", "soup", id="struck-through"),
    ],
)
def test_single_letters_apart_become_a_word(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("e.g. i.e. a b", id="two-letters"),
        pytest.param("a/b/c a,b,c a|b|c", id="lists"),
        pytest.param("1 2 3 4 1.2.3 1-2-3", id="digits"),
        pytest.param("a 1 1 3 b 4 4 c", id="mostly-digits"),
        pytest.param("a b. c", id="different-signs"),
        pytest.param("s.o-u.p s. o. u. p", id="signs-that-change-or-with-blanks"),
        pytest.param("i'm a b", id="letter-of-a-contraction"),
        pytest.param("a b c's", id="possessive"),
        pytest.param("soup a b stew", id="two-between-words"),
        pytest.param("о у с я", id="other-script"),
        pytest.param("- - - . . . * * *", id="no-letters"),
    ],
)
def test_what_is_no_spaced_out_word_stays(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("s0up b3et c0okie", "soup beet cookie", id="anywhere"),
        pytest.param("ri5otto bu77er le$$on", "risotto butter lesson", id="anywhere-and-doubled"),
        pytest.param(
            "b4ke c@ke sp1cy k1tchen b!scuit", "bake cake spicy kitchen biscuit", id="after-a-letter-or-two"
        ),
        pytest.param("past4s pizz@s dr!p", "pastas pizzas drip", id="one-letter-follows"),
        pytest.param("pizz1aaaa", "pizzia", id="one-letter-follows-if-unstretched"),
        pytest.param("st0p!then", "stop!then", id="but-not-of-an-exclamation-mark"),
        pytest.param("br1cks br4ise br@ise", "bricks braise braise", id="after-two-letters"),
        pytest.param("b4n4n4bread", "bananabread", id="one-tells-of-the-others"),
        pytest.param("s00000up", "soup", id="many"),
        pytest.param("_b4ke_ hot_b4ke", "_bake_ hot_bake", id="between-underscores"),
        pytest.param("n00b", "noob", id="as-many-letters-as-digits"),
        pytest.param("c0vid19", "covid19", id="digits-at-the-end-stay"),
        pytest.param("S0UP!!!", "soup!!!", id="signs-at-the-end-stay"),
        pytest.param("d0n't, b4ker's", "don't, baker's", id="apostrophe"),
    ],
)
def test_digits_and_signs_within_a_word_become_the_letters_they_stand_for(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("covid19 ww2 h8 m8 area51 mp3", id="digits-at-the-end"),
        pytest.param("1st 2nd 3rd 4th 5pm 3d 20mph 5star 4ever 0bar", id="digits-at-the-start"),
        pytest.param("$oup $5 5$ us$ @ 4 !", id="signs-at-either-end"),
        pytest.param("1488 24/7 9/11 12:30 2026-01-02 1,000 v1.0.3", id="numbers"),
        pytest.param("b2b l8r gr8t x6y a9c", id="digits-that-stand-for-sounds-or-nothing"),
        pytest.param("stop!he now!we so!then b!!ke", id="end-of-a-sentence"),
        pytest.param("need4soup tea1time tea4two tea@home", id="two-words"),
        pytest.param("cook@soup.example a@b.example x@y-z.example", id="mail-address"),
        pytest.param("#c4soup #f1kitchen #hot_b4ke", id="hashtag"),
        pytest.param("h1n1 r2d2 a1b2c3d4 x0y1z7w3", id="code"),
        pytest.param("us$5m ab19cd", id="number-within"),
        pytest.param("ж3ж b4keж жb4ke", id="part-of-something-else"),
    ],
)
def test_digits_and_signs_that_stand_for_themselves_stay(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize("sign", sorted(LEET))
@given(before=st.sampled_from("bdgkrt"), after=st.text("bdgkru", min_size=2, max_size=6))
def test_every_sign_of_the_table_is_read_after_one_letter(sign: str, before: str, after: str) -> None:
    assert normalise(f"{before}{sign}{after}u") == normalise(f"{before}{LEET[sign][0]}{after}u")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("soooo haaaate", "so hate", id="to-one"),
        pytest.param("grilllll bosssss", "grill boss", id="to-two"),
        pytest.param("BREEEAAAD", "bread", id="in-capitals-and-twice"),
        pytest.param("käääse brööötchen", "käse brötchen", id="umlauts"),
        pytest.param("good noodle bookkeeper", "good noodle bookkeeper", id="two-stay"),
        pytest.param("kkk xxx iii mmmmmmm", "kkk xxx iii mmm", id="word-of-one-letter-keeps-three"),
        pytest.param("100000 2000 1111", "100000 2000 1111", id="digits-stay"),
        pytest.param("оооочень уууу", "оооочень уууу", id="other-script-stays"),
        pytest.param("hot!!! ... ???", "hot!!! ... ???", id="punctuation-stays"),
        pytest.param("b4444ker", "baker", id="once-respelled"),
        pytest.param("b b b a a a k k k e", "bake", id="once-joined"),
    ],
)
def test_a_stretched_letter_is_as_long_as_words_have_it(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(WORDS, st.data())
def test_stretching_a_letter_of_a_word_changes_at_most_whether_it_is_doubled(
    word: str, data: st.DataObject
) -> None:
    plain = normalise(word)
    place = data.draw(st.integers(0, len(plain) - 1))
    letter = plain[place]
    stretched = normalise(plain[:place] + letter * 5 + plain[place:])

    assert stretched.replace(letter * 2, letter) == plain.replace(letter * 2, letter)
    assert letter * 3 not in stretched
    assert (letter * 2 in stretched) >= (letter in DOUBLED)


@given(WORDS, st.sampled_from([" ", ".", "-", "_", "*", "·", "  "]))
def test_a_word_is_the_same_spaced_out(word: str, gap: str) -> None:
    assert normalise(gap.join(word)) == normalise(word)


@given(st.text(f"abcd104!@$ .-_*#'{''.join(sorted(DOUBLED))}", max_size=40))
def test_spellings_keep_their_places_in_the_original(text: str) -> None:
    found = normalise_with_offsets(text)

    assert found.text == normalise(text)
    for letter, start, end in zip(found.text, found.starts, found.ends, strict=True):
        assert letter in "httpurl@user " or letter in text[start:end] or set(text[start:end]) & set(LEET)
