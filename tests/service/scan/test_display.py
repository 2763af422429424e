import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.service.scan.display import cut, mask, reveal

ANY_TEXT = st.text(st.characters())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain soup", "plain soup", id="plain text stays"),
        pytest.param("crème 汤 🍜", "crème 汤 🍜", id="letters of any script and emoji stay"),
        pytest.param("\x1b[31mred", r"\x1b[31mred", id="ANSI escape"),
        pytest.param("\x9b31mred", r"\x9b31mred", id="the one-byte escape"),
        pytest.param("a\nb\tc\rd", r"a\nb\tc\rd", id="line ends and tabs"),
        pytest.param("a\x00b\x7f", r"a\x00b\x7f", id="NUL and delete"),
        pytest.param("abc\u202edef", r"abc\u202edef", id="right-to-left override"),
        pytest.param("\u2066x\u2069\u200f", r"\u2066x\u2069\u200f", id="bidi isolates and marks"),
        pytest.param("so\u200bu\u200dp\ufeff", r"so\u200bu\u200dp\ufeff", id="zero width"),
        pytest.param("so\u00adup", r"so\xadup", id="soft hyphen"),
        pytest.param("a\u2028b", r"a\u2028b", id="line separator"),
        pytest.param("a\U000e0041", r"a\U000e0041", id="tag characters"),
        pytest.param("a\ufe0f\U000e0100", r"a\ufe0f\U000e0100", id="variation selectors"),
        pytest.param("\u3164\u115f\u2800", r"\u3164\u115f\u2800", id="letters drawn as nothing"),
        pytest.param("\ud800", r"\ud800", id="a lone surrogate"),
        pytest.param("[bold]x[/bold] :soup:", "[bold]x[/bold] :soup:", id="markup is plain text"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text: str, shown: str) -> None:
    assert reveal(text) == shown


@given(ANY_TEXT)
def test_nothing_unseen_is_left(text: str) -> None:
    left = {unicodedata.category(char) for char in reveal(text)}

    assert not left & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(ANY_TEXT)
def test_revealing_twice_changes_nothing(text: str) -> None:
    assert reveal(reveal(text)) == reveal(text)


@given(ANY_TEXT)
def test_a_mask_keeps_the_shape_and_nothing_else(text: str) -> None:
    masked = mask(text)

    assert len(masked) == len(text)
    assert not any(char.isalnum() for char in masked)
    assert all(char == "•" or (char.isascii() and char.isprintable()) for char in masked)


def test_spaces_and_punctuation_show_through_the_mask() -> None:
    assert mask("Two eggs, 250 g\nflour!\x1b") == "••• ••••, ••• • •••••!•"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("soup", "soup"), ("x" * 10, "x" * 10), ("x" * 11, "x" * 10 + "… (11 characters)")],
)
def test_a_cut_says_the_real_length(text: str, shown: str) -> None:
    assert cut(text, 10) == shown
