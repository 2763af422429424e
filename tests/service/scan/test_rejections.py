import io
import json
from pathlib import Path

import pytest

from tocsin.errors import InputError, MalformedRowError
from tocsin.service.scan import Rejections, open_rejects
from tocsin.service.scan.rejections import SHOWN


def test_the_first_rows_are_said_in_full_and_the_rest_counted() -> None:
    said: list[str] = []
    rejections = Rejections(said.append)
    for number in range(SHOWN + 1234):
        rejections.add(MalformedRowError("posts.csv", number, "too few fields"))
    rejections.finish()

    assert len(said) == SHOWN + 1
    assert said[0] == "rejected: posts.csv, row 0: too few fields"
    assert said[-1] == "rejected: 1,234 more rows"


def test_nothing_is_said_of_a_clean_scan() -> None:
    said: list[str] = []

    Rejections(said.append).finish()

    assert said == []


def test_all_rows_are_written_to_the_file() -> None:
    file = io.BytesIO()
    rejections = Rejections(lambda _: None, file)
    for number in range(SHOWN + 1):
        rejections.add(MalformedRowError("posts.csv", number, "open quote", number + 5))
    rejections.add(MalformedRowError("posts.txt", 7, "not UTF-8"))

    records = [json.loads(line) for line in file.getvalue().splitlines()]

    assert len(records) == SHOWN + 2
    assert records[0] == {"source": "posts.csv", "row": 0, "last_row": 5, "why": "open quote"}
    assert records[-1] == {"source": "posts.txt", "row": 7, "last_row": 7, "why": "not UTF-8"}


def test_strict_raises_the_first_row_after_writing_it() -> None:
    file, said = io.BytesIO(), list[str]()

    with pytest.raises(MalformedRowError, match=r"posts\.csv, row 4: too few fields"):
        Rejections(said.append, file, strict=True).add(MalformedRowError("posts.csv", 4, "too few fields"))

    assert b'"row": 4' in file.getvalue()
    assert said == []


def test_a_source_cannot_steer_the_terminal() -> None:
    said: list[str] = []

    Rejections(said.append).add(MalformedRowError("a\x1b[2J\n.csv", 2, "too few fields"))

    assert said == [r"rejected: a\x1b[2J\n.csv, row 2: too few fields"]


def test_a_file_of_rejects_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="a file of rejects must be writable"),
        open_rejects(tmp_path / "none" / "x"),
    ):
        pass
