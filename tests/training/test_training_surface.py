"""Seven numbers say what a text looks like."""

from __future__ import annotations

import pytest

from tocsin.training.surface import SURFACE, surface


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("soup", {"characters": 4}, id="plain"),
        pytest.param("SOUp", {"characters": 4, "capitals": 0.75}, id="capitals-are-a-share"),
        pytest.param("a b!?", {"characters": 5, "punctuation": 0.4}, id="punctuation-is-a-share"),
        pytest.param("a + b = €", {"characters": 9}, id="symbols-are-no-punctuation"),
        pytest.param("12 soups x", {"characters": 10, "digits": 0.2}, id="digits-are-a-share"),
        pytest.param(
            "#ab #c x#d", {"characters": 10, "hashtags": 2, "punctuation": 0.3}, id="hashtags-begin-a-word"
        ),
        pytest.param(
            "@cook @baker", {"characters": 12, "handles": 2, "punctuation": 2 / 12}, id="handles-are-counted"
        ),
        pytest.param(
            "http://x.y www.z.y",
            {"characters": 18, "links": 2, "punctuation": 6 / 18},
            id="links-are-counted",
        ),
    ],
)
def test_a_text_is_described(text: str, expected: dict[str, float]) -> None:
    (found,) = surface([text])
    assert dict(zip(SURFACE, found.tolist(), strict=True)) == pytest.approx(
        dict.fromkeys(SURFACE, 0.0) | expected
    )


def test_no_texts_are_no_rows() -> None:
    assert surface([]).shape == (0, len(SURFACE))
