from pathlib import Path

import pytest

from tocsin.errors import MalformedRowError
from tocsin.item import Item
from tocsin.service.scan import Columns, Limits, Row, inputs_from, read_rows

COLUMNS = Columns()
LIMITS = Limits()


def rows_of(folder: Path, data: bytes, columns: Columns = COLUMNS, limits: Limits = LIMITS) -> list[Row]:
    path = folder / "posts.jsonl"
    path.write_bytes(data)
    return list(read_rows(inputs_from([str(path)]), columns, limits))


@pytest.mark.parametrize(
    ("line", "item"),
    [
        pytest.param(b'{"text": "soup"}', Item("1", "soup"), id="without an id, the line number"),
        pytest.param(b'{"id": "p-1", "text": "soup"}', Item("p-1", "soup"), id="a string id"),
        pytest.param(b'{"id": 17, "text": "soup"}', Item("17", "soup"), id="an integer id"),
        pytest.param(b'{"id": 0, "text": "soup"}', Item("0", "soup"), id="zero is an id"),
        pytest.param(b'{"id": null, "text": "soup"}', Item("1", "soup"), id="a null id is none"),
        pytest.param(b'{"id": "", "text": "soup"}', Item("1", "soup"), id="an empty id is none"),
        pytest.param(b'{"text": null}', Item("1", ""), id="a null text is empty, not malformed"),
        pytest.param(b'{"text": " "}', Item("1", " "), id="a blank text is not malformed"),
        pytest.param(b'{"text": "a", "text": "b"}', Item("1", "b"), id="the last of duplicate keys wins"),
        pytest.param(b'{"text": "soup", "language": "en"}', Item("1", "soup", "en"), id="a language hint"),
        pytest.param(b'{"text": "soup", "language": null}', Item("1", "soup"), id="no language hint"),
        pytest.param(b'{"text": "soup", "language": " "}', Item("1", "soup"), id="a blank hint is none"),
        pytest.param(b' {"text": "soup"}\r', Item("1", "soup"), id="space around the object"),
        pytest.param(rb'{"text": "\ud83c\udf5c"}', Item("1", "🍜"), id="a whole surrogate pair"),
        pytest.param(rb'{"text": "a\u0000b"}', Item("1", "a\0b"), id="an escaped NUL is text"),
        pytest.param(b'{"text": "soup", "likes": 1e999}', Item("1", "soup"), id="other fields do not matter"),
    ],
)
def test_an_object_becomes_an_item(tmp_path: Path, line: bytes, item: Item) -> None:
    assert rows_of(tmp_path, line) == [item]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        pytest.param(b'{"text": "so\xffup"}', "text must be valid UTF-8", id="invalid UTF-8"),
        pytest.param(b'{"text": "soup"', "a record must be valid JSON, column 16", id="cut short"),
        pytest.param(b"{'text': 'soup'}", "a record must be valid JSON, column 2", id="single quotes"),
        pytest.param(b'{"text": "a"} {"text": "b"}', "a record must be valid JSON", id="two on a line"),
        pytest.param(b'{"text": "a\tb"}', "a record must be valid JSON", id="a raw control character"),
        pytest.param(
            b'\xef\xbb\xbf{"text": "a"}',
            "a record must be valid JSON, column 1 is not: Unexpected UTF-8 BOM",
            id="a mark where files were joined",
        ),
        pytest.param(b'["soup"]', "a record must be a JSON object, was list", id="a list"),
        pytest.param(b'"soup"', "a record must be a JSON object, was str", id="a bare string"),
        pytest.param(b"null", "a record must be a JSON object, was NoneType", id="null"),
        pytest.param(b'{"text": "a", "x": NaN}', "a number must be finite, was NaN", id="not a number"),
        pytest.param(
            b'{"text": "a", "x": -Infinity}', "a number must be finite, was -Infinity", id="infinite"
        ),
        pytest.param(b'{"body": "soup"}', "a record must have a field 'text'", id="no text"),
        pytest.param(b'{"text": 5}', "'text' must be a string, was int", id="a number as text"),
        pytest.param(b'{"text": ["soup"]}', "'text' must be a string, was list", id="a list as text"),
        pytest.param(rb'{"text": "a\ud800"}', "'text' must be valid Unicode", id="a lone surrogate"),
        pytest.param(rb'{"text": "a", "id": "\udfff"}', "'id' must be valid Unicode", id="a broken id"),
        pytest.param(b'{"text": "a", "id": 1.5}', "'id' must be a string or an integer", id="a float id"),
        pytest.param(b'{"text": "a", "id": true}', "'id' must be a string or an integer", id="a boolean id"),
        pytest.param(b'{"text": "a", "language": 7}', "'language' must be a string", id="a number as hint"),
        pytest.param(b"[" * 100_000, "a record must be valid JSON, was nested", id="nested without end"),
        pytest.param(
            b'{"x": ' + b"9" * 5000 + b"}", "a record must be valid JSON, has a number", id="digits"
        ),
        pytest.param(b" " * 200_001, "a record must be at most 200000 bytes", id="longer than allowed"),
    ],
)
def test_a_malformed_line_is_reported_and_its_neighbours_are_read(
    tmp_path: Path, bad: bytes, why: str
) -> None:
    data = b'{"text": "soup"}\n' + bad + b'\n{"text": "bread"}\n'
    before, rejected, after = rows_of(tmp_path, data, limits=Limits(record_bytes=200_000))

    assert (before, after) == (Item("1", "soup"), Item("3", "bread"))
    assert isinstance(rejected, MalformedRowError)
    assert rejected.row == 2
    assert rejected.why.startswith(why)


def test_blank_lines_are_no_records_but_count_as_lines(tmp_path: Path) -> None:
    assert rows_of(tmp_path, b'\n{"text": "soup"}\n \t\r\n') == [Item("2", "soup")]


def test_columns_can_be_named(tmp_path: Path) -> None:
    line = b'{"post": "soup", "key": 3, "lang": "en", "text": "not this", "id": "nor this"}'

    assert rows_of(tmp_path, line, Columns("post", "key", "lang")) == [Item("3", "soup", "en")]


@pytest.mark.parametrize("line", [b'{"text": "soup"}', b'{"text": "soup", "key": null}'])
def test_a_record_without_the_id_that_was_named_is_malformed(tmp_path: Path, line: bytes) -> None:
    (row,) = rows_of(tmp_path, line, Columns(id="key"))

    assert isinstance(row, MalformedRowError)
    assert row.why == "a record must have an id in 'key'"


def test_the_reason_never_holds_the_text(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, b'{"text": "secret sauce}\n{"text": ["secret sauce"]}\nsecret sauce\n')

    assert len(rows) == 3
    assert not any("sauce" in str(row) for row in rows)
