from pathlib import Path

import pytest

from tocsin.errors import MalformedRowError
from tocsin.item import Item
from tocsin.service.scan import Columns, Limits, Row, inputs_from, read_rows

LIMITS = Limits()


def rows_of(folder: Path, data: bytes, limits: Limits = LIMITS) -> list[Row]:
    path = folder / "posts.txt"
    path.write_bytes(data)
    return list(read_rows(inputs_from([str(path)]), Columns(), limits))


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        pytest.param(b"", [], id="nothing at all is no row"),
        pytest.param(b"soup\nbread\n", ["soup", "bread"], id="nothing after the last newline is no row"),
        pytest.param(b"soup\nbread", ["soup", "bread"], id="the last line may lack its newline"),
        pytest.param(b"soup\n\nbread\n", ["soup", "", "bread"], id="a blank line is a row"),
        pytest.param(b"\n", [""], id="a lone newline ends one blank row"),
        pytest.param(b"soup\r\nbread\r\n", ["soup", "bread"], id="Windows line ends are not text"),
        pytest.param(b"soup\rbread\n", ["soup\rbread"], id="a carriage return within is text"),
        pytest.param(b"\xef\xbb\xbfsoup\n", ["soup"], id="a byte order mark is not text"),
        pytest.param("crème brûlée\n".encode(), ["crème brûlée"], id="UTF-8 is read"),
        pytest.param("a\u2028b\x0bc\x85d\n".encode(), ["a\u2028b\x0bc\x85d"], id="only line feeds end lines"),
    ],
)
def test_every_line_is_one_text(tmp_path: Path, data: bytes, texts: list[str]) -> None:
    rows = rows_of(tmp_path, data)

    assert rows == [Item(str(number), text) for number, text in enumerate(texts, start=1)]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        pytest.param(b"so\xffup", "text must be valid UTF-8, byte 3 is not", id="a byte UTF-8 never has"),
        pytest.param(b"caf\xe9", "text must be valid UTF-8, byte 4 is not", id="Latin-1"),
        pytest.param(b"\xed\xa0\x80", "text must be valid UTF-8, byte 1 is not", id="an encoded surrogate"),
        pytest.param(
            b"x" * 51, "a record must be at most 50 bytes, was 51 or more", id="longer than allowed"
        ),
        pytest.param(
            b"x" * 500_000, "a record must be at most 50 bytes, was 500000 or more", id="far longer"
        ),
    ],
)
def test_a_malformed_line_is_reported_and_its_neighbours_are_read(
    tmp_path: Path, bad: bytes, why: str
) -> None:
    before, rejected, after = rows_of(tmp_path, b"soup\n" + bad + b"\nbread\n", Limits(record_bytes=50))

    assert (before, after) == (Item("1", "soup"), Item("3", "bread"))
    assert isinstance(rejected, MalformedRowError)
    assert (rejected.row, rejected.why) == (2, why)
