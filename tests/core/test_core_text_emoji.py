"""Emoji become their names, in words."""

from __future__ import annotations

import unicodedata

import pytest
from emoji import EMOJI_DATA
from hypothesis import given
from hypothesis import strategies as st

from tocsin.text import URL, normalise, normalise_with_offsets

# Unicode writes these in letters or other signs, and shows them so unless told otherwise.
SIGNS = {one for one in EMOJI_DATA if len(one) == 1 and unicodedata.normalize("NFKC", one) != one}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("hot🔥soup", "hot fire soup", id="between-words"),
        pytest.param("🔥🔥", "fire fire", id="repeated"),
        pytest.param("❤ ❤\ufe0f ❤\ufe0e", "red heart red heart red heart", id="every-style"),
        pytest.param("👩\u200d🍳", "woman cook", id="joined"),
        pytest.param("❤\u200d🔥 ❤\ufe0f\u200d🔥", "heart on fire heart on fire", id="joined-and-styled"),
        pytest.param("👋🏽", "waving hand medium skin tone", id="skin-tone"),
        pytest.param("1\ufe0f\u20e3 2\u20e3 #\ufe0f\u20e3", "keycap 1 keycap 2 keycap #", id="keycap"),
        pytest.param("🇩🇪🇫🇷", "germany france", id="flags"),
        pytest.param("🇨🇮", "cote d'ivoire", id="name-in-plain-letters"),
        pytest.param(
            "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "scotland", id="region"
        ),
        pytest.param("🏴\U000e0061\U000e0062\U000e007f", "black flag", id="region-that-nobody-knows"),
        pytest.param("🍲\u200d🔥", "pot of food fire", id="joined-as-nobody-does"),
        pytest.param("🍲🏽", "pot of food medium skin tone", id="coloured-as-nobody-does"),
        pytest.param("\U0001faff \U0001f0a1", "\U0001faff \U0001f0a1", id="not-in-the-table-stays"),
        pytest.param("&#128293; &#x1F525;", "fire fire", id="written-as-an-entity"),
        pytest.param("©", "copyright", id="sign-that-is-an-emoji"),
        pytest.param("soup™ ‼ Ⓜ", "souptm !! m", id="sign-that-is-written-in-letters"),
        pytest.param("soup™\ufe0f ‼\ufe0f", "soup trade mark double exclamation mark", id="unless-styled"),
        pytest.param("http://soup.example/🔥", URL, id="in-a-link"),
        pytest.param("h🔥o🔥t", "h fire o fire t", id="between-letters-joins-nothing"),
    ],
)
def test_an_emoji_becomes_its_name(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("🅰", "a button (blood type)", id="button-by-itself"),
        pytest.param(
            "type 🅾 and 🅱\ufe0f", "type o button (blood type) and b button (blood type)", id="buttons"
        ),
        pytest.param("🅱🅾🅱", "bob", id="buttons-in-a-row"),
        pytest.param("🅱\ufe0f🅾\ufe0f🅱\ufe0f", "bob", id="styled-buttons-in-a-row"),
        pytest.param("🅱read s🅾up sou🅿", "bread soup soup", id="button-in-a-word"),
        pytest.param("🆂🅾🆄🅿", "soup", id="among-other-squares"),
        pytest.param("🆗", "ok button", id="word-in-a-square"),
        pytest.param("🇸🇴🇺🇵", "soup", id="indicators-that-make-no-flag"),
        pytest.param("🇸 🇴 🇺 🇵", "soup", id="indicators-apart"),
        pytest.param("🇸\u200b🇴\u200b🇺\u200b🇵", "soup", id="indicators-kept-apart"),
        pytest.param("🇭🇴🇹", "hot", id="odd-number-of-indicators"),
    ],
)
def test_letters_in_boxes_are_letters_unless_they_are_emoji(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_every_emoji_of_the_table_has_a_name_that_stays_as_it_is() -> None:
    for sequence, row in EMOJI_DATA.items():
        found = normalise(f"{sequence}\ufe0f" if sequence in SIGNS else sequence)
        assert found
        assert normalise(found) == found
        assert found.isascii() or set(found) & set("äöü"), row["en"]


@given(
    st.lists(st.sampled_from(sorted(EMOJI_DATA)), max_size=6), st.sampled_from(["", " ", "soup", "\u200b"])
)
def test_a_name_covers_its_whole_sequence_and_nothing_else(sequences: list[str], between: str) -> None:
    text = between.join(sequences)
    found = normalise_with_offsets(text)

    assert found.text == normalise(text)
    assert len(found.starts) == len(found.ends) == len(found.text)


def test_a_private_character_cannot_pass_for_an_emoji() -> None:
    assert normalise("so\U00100000up \U0010fffd &#x100001;") == "soup"


def test_words_around_an_emoji_keep_their_place() -> None:
    text = "hot 👩🏽\u200d🍳soup"
    found = normalise_with_offsets(text)
    word = found.text.index("soup")

    assert text[found.starts[word] : found.ends[word + 3]] == "soup"
