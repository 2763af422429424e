from pathlib import Path

import pytest

from tocsin.item import Item
from tocsin.service.scan import Columns, Format, Input
from tocsin.service.scan.record import to_item
from tocsin.service.scan.row import Fault

SOURCE = Input("menu.jsonl", Path("menu.jsonl"), Format.JSONL)


def hinted(language: object) -> Item:
    return to_item(SOURCE, 1, {"text": "soup", "language": language}, Columns())


@pytest.mark.parametrize("tag", ["en", "en-GB", "pt_BR", "yue", "zh-Hant-TW", "EN", "und", "und-Latn"])
def test_a_language_tag_is_passed_on(tag: str) -> None:
    assert hinted(tag).language == tag


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_empty_hint_is_none(nothing: object) -> None:
    assert hinted(nothing).language is None


@pytest.mark.parametrize(
    ("hint", "was"),
    [
        pytest.param("english", ", was 'english'", id="a name"),
        pytest.param("under", ", was 'under'", id="not what und begins"),
        pytest.param("hot soup", "", id="a text is not repeated"),
        pytest.param("x" * 21, "", id="nor is a long word"),
        pytest.param("\x1b[31m", "", id="nor an escape"),
    ],
)
def test_a_hint_that_is_no_tag_is_refused(hint: str, was: str) -> None:
    with pytest.raises(Fault) as caught:
        hinted(hint)

    assert str(caught.value) == f"'language' must be a language tag such as 'en' or 'en-GB'{was}"
