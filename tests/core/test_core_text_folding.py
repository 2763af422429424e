"""Accents, styled letters and rare Latin letters become plain ones; other writing stays what it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.text import normalise, normalise_with_offsets
from tocsin.text.folding import FOLDING, KEPT, UMLAUTS

ZALGO = st.text(st.characters(min_codepoint=0x300, max_codepoint=0x36F), max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("crème brûlée", "creme brulee", id="precomposed"),
        pytest.param("cre\u0300me", "creme", id="combining"),
        pytest.param("s̷̢̛o̸̡u̶̧p̵̨", "soup", id="zalgo"),
        pytest.param("s\u0489oup", "soup", id="enclosing-mark"),
        pytest.param("s\u20e5o\u1ab0u\u1dc4p\ufe20", "soup", id="every-general-block"),
        pytest.param("phở Ṏ ǟ", "pho o ä", id="several-marks-in-one"),
        pytest.param("1\u0336 ?\u0336 \u0301", "1 ?", id="on-what-is-no-letter"),
        pytest.param("καλήν ὄρεξιν", "καλην ορεξιν", id="greek"),
        pytest.param("за́пах ѐ", "запах е", id="cyrillic-stress"),
    ],
)
def test_marks_come_off_latin_greek_and_cyrillic_letters(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("खाना बहुत अच्छा है", id="devanagari-vowel-signs"),
        pytest.param("שָׁלוֹם", id="hebrew-points"),
        pytest.param("طَعَامٌ لَذِيذٌ", id="arabic-vowels"),
        pytest.param("อร่อยมาก", id="thai-vowels-and-tones"),
        pytest.param("맛있는 수프", id="hangul"),
        pytest.param("ガーリック", id="kana"),
        pytest.param("сыр и йод", id="cyrillic-that-looks-composed"),
        pytest.param("їжа ў ѓ ќ ё", id="cyrillic-letters-of-their-own"),
    ],
)
def test_what_belongs_to_its_script_stays_and_is_composed(text: str) -> None:
    assert normalise(text) == text
    assert normalise(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("letter", sorted(KEPT))
def test_a_letter_that_is_kept_has_one_form(letter: str) -> None:
    expected = normalise(f"суп {letter}")
    decomposed = unicodedata.normalize("NFD", letter)

    assert letter in expected
    assert normalise(f"суп {letter.upper()}") == normalise(f"суп {decomposed}") == expected
    assert normalise(f"суп {decomposed}\u0323") == normalise(f"суп {letter}\u0323") == expected


def test_german_umlauts_stay_however_they_are_written() -> None:
    assert UMLAUTS == "äöü"
    assert normalise("Käse, KÄSE, Ka\u0308se, K&auml;se") == "käse, käse, käse, käse"


def test_the_first_mark_above_a_letter_makes_it_another() -> None:
    assert normalise("Ka\u0308\u0301se Ka\u0301\u0308se Ka\u0336\u0308se") == "käse kase käse"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("søup ħøt łatte đip", "soup hot latte dip", id="stroke"),
        pytest.param("ƈɦøƥ ɓɽɛɑɖ", "chop bread", id="hook-and-ipa"),
        pytest.param("sᴏᴜᴘ ʙʀᴇᴀᴅ", "soup bread", id="small-capitals"),
        pytest.param("ıce ȷam", "ice jam", id="dotless"),
        pytest.param("soup ɐʇ uoou", "soup at uoou", id="turned"),
        pytest.param("encyclopædia œuvre", "encyclopaedia oeuvre", id="ligature"),
        pytest.param("breəd ɡarlic", "breed garlic", id="schwa-and-script-g"),
        pytest.param("bʉtter", "butter", id="barred"),
        pytest.param("🅢🅞🅤🅟 🆂🅾🆄🅿", "soup soup", id="negative-circled-and-squared"),
        pytest.param("ꜱᴼᵁⓟ 🄱🅁🄴🄰🄳", "soup bread", id="superscript-and-squared"),
        pytest.param("þing ðat", "þing ðat", id="letters-of-their-own"),
    ],
)
def test_latin_letters_that_are_not_composed_become_their_base(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(st.text("soupbreadkäöü ", max_size=30), ZALGO)
def test_marks_on_every_letter_change_nothing_but_umlauts(text: str, marks: str) -> None:
    plain = text.translate(str.maketrans("äöü", "aou"))
    marked = "".join(f"{character}{marks}" for character in plain)

    assert normalise(marked).translate(str.maketrans("äöü", "aou")) == normalise(plain)


@given(st.characters(exclude_categories=()))
def test_one_character_folds_to_what_folds_to_itself(character: str) -> None:
    once = FOLDING[ord(character)]

    assert once.translate(FOLDING) == once


def test_a_letter_and_all_its_marks_are_one_place_in_the_original() -> None:
    found = normalise_with_offsets("so\u0301\u0302up")

    assert (found.text, found.starts, found.ends) == ("soup", (0, 1, 4, 5), (1, 4, 5, 6))
