from __future__ import annotations

import pytest

from tocsin.models.portions import portions


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["ab", "cd", "ef"], [["ab", "cd"], ["ef"]], id="as many as fit"),
        pytest.param(["abcdefg", "a"], [["abcdefg"], ["a"]], id="a text is never cut"),
        pytest.param(["", "", "abcd", ""], [["", "", "abcd", ""]], id="empty ones cost nothing"),
    ],
)
def test_texts_come_in_portions_of_four_characters(texts: list[str], expected: list[list[str]]) -> None:
    assert [list(portion) for portion in portions(texts, 4)] == expected
