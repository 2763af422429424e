"""Ends of sentences: where people end them, in any text, and quickly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.text import sentence_ends


@given(st.text())
def test_ends_ascend_within_the_text_and_none_is_its_beginning(text: str) -> None:
    ends = sentence_ends(text)
    assert ends == sorted(set(ends))
    assert all(0 < end <= len(text) for end in ends)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Soup. Bread! Salt", [5, 12], id="marks"),
        pytest.param("Soup\nbread", [5], id="a line"),
        pytest.param("汤。面包", [2], id="a mark that needs no blank"),
        pytest.param("सूप। रोटी", [4], id="a danda"),
        pytest.param("شوربة؟ خبز", [6], id="an Arabic question mark"),
        pytest.param("𝒵orbians come. Soup", [14], id="astral characters count as one"),
        pytest.param("Suppe, z. B. Erbsen", [], id="an abbreviation ends none"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_a_sentence_ends_where_people_end_it(text: str, expected: list[int]) -> None:
    assert sentence_ends(text) == expected
