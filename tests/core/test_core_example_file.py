import json
from pathlib import Path

import pytest

from tocsin.errors import InputError
from tocsin.example import Example, Label, Split
from tocsin.example_file import read_examples, write_examples
from tocsin.signals import Signal

SOUP = Example("e-1", "Stir the soup.", "en", "kitchen", "CC0-1.0", {Signal.HATE: Label.NEGATIVE})
ODD = Example(
    "e-2",
    "half a smile \ud83d, a line\u2028break, a\nnewline, \x00",
    "und",
    "kitchen",
    "CC0-1.0",
    group="g",
    partners=("e-1",),
    split=Split.TEST,
    weight=0.25,
)
GOOD = json.dumps(SOUP.to_dict()).encode()


def test_examples_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_examples(path, [SOUP, ODD])

    assert read_examples(path) == [SOUP, ODD]


def test_a_file_has_one_line_an_example_in_ascii(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_examples(path, [SOUP, ODD])

    assert path.read_bytes().isascii()
    assert path.read_bytes().count(b"\n") == 2


def test_a_file_without_a_row_holds_no_examples(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_examples(path, [])

    assert read_examples(path) == []


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"{", id="not-json"),
        pytest.param(b"", id="blank-line"),
        pytest.param(b"5", id="no-object"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"{}", id="no-fields"),
        pytest.param(GOOD.replace(b'"hate"', b'"soup"'), id="unknown-signal"),
        pytest.param(GOOD.replace(b'"negative"', b'"stir the soup"'), id="a-text-for-a-label"),
        pytest.param(GOOD.replace(b'{"hate": "negative"}', b"null"), id="labels-null"),
        pytest.param(GOOD.replace(b'"Stir the soup."', b"5"), id="text-a-number"),
        pytest.param(GOOD.replace(b"Stir", b"St\xffir"), id="not-utf-8"),
        pytest.param(b"[" * 200_000, id="nested-too-deep"),
    ],
)
def test_a_row_that_is_no_example_is_named_by_its_number(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(GOOD + b"\n" + line + b"\n" + GOOD + b"\n")

    with pytest.raises(InputError) as caught:
        read_examples(path)

    assert str(caught.value).startswith(f"{path}, row 2: must be an example, was none: ")
    assert "the soup" not in str(caught.value)


def test_a_file_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rows\.jsonl: cannot be read: No such file"):
        read_examples(tmp_path / "rows.jsonl")
