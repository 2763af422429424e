"""Errors of several rows in one line, and what the page on rows of one's own says of limits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.errors import InputError
from tocsin.settings import Settings
from tocsin.training.own_rows import read_own
from tocsin.training.own_rows.cells import LONGEST_NAME, SPELLINGS
from tocsin.training.own_rows.columns import KNOWN
from tocsin.training.own_rows.faults import KINDS_SHOWN, ROWS_SHOWN
from tocsin.training.own_rows.terms import BYTES_A_CHARACTER, LEAST_RECORD_BYTES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "own-rows.md").read_text(
    encoding="utf-8"
)
POST = "soup is on the table tonight - come by"
HEADER = b"text,hate\n"
LABELS = " ".join(SPELLINGS)


def refused(path: Path, content: bytes) -> str:
    """Return what is said of a file that holds `content`, without its name and what follows that."""
    path.write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_own(path)
    assert POST not in str(raised.value)
    return str(raised.value).removeprefix(str(path))


def label(row: int, said: str) -> bytes:
    return f'{{"text": "{POST} {row}", "hate": "{said}"}}\n'.encode()


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    return tmp_path / "cooking.jsonl"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return tmp_path / "cooking.csv"


@pytest.mark.parametrize(
    ("count", "places"),
    [
        pytest.param(1, "row 1", id="one"),
        pytest.param(2, "rows 1, 3", id="two"),
        pytest.param(3, "rows 1, 3, 5", id="as-many-as-are-shown"),
        pytest.param(4, "rows 1, 3, 5 and 1 more", id="one-too-many"),
        pytest.param(9, "rows 1, 3, 5 and 6 more", id="many"),
    ],
)
def test_rows_with_one_error_are_named_together(lines: Path, count: int, places: str) -> None:
    content = b"".join(label(row, "maybe" if row % 2 else "yes") for row in range(1, 2 * count + 1))
    assert refused(lines, content) == f", {places}: hate must be one of {LABELS} or empty, was 'maybe'"


def test_all_that_is_wrong_with_a_row_is_said(table: Path) -> None:
    assert refused(table, b"text,hate,weight,split\nsoup,maybe,-1,dev\n,yes,2,now\n") == (
        f": row 2: hate must be one of {LABELS} or empty, was 'maybe';"
        " row 2: weight must be a finite number above 0, was '-1';"
        " row 3: split must be one of train, dev, calibration, test or empty, was 'now';"
        " row 3: text must not be empty"
    )


def test_ten_different_errors_are_said_and_the_others_counted(lines: Path) -> None:
    ten = b"".join(label(row, f"maybe{row}") for row in range(1, 11))
    more = b"".join(label(row, f"maybe{row}") for row in range(11, 23))
    said = refused(lines, ten)
    assert said.count("; ") == 9
    assert said.endswith(f"row 10: hate must be one of {LABELS} or empty, was 'maybe10'")
    said = refused(lines, ten + more + label(23, "maybe1"))
    assert said.startswith(": rows 1, 23: hate ")
    assert said.endswith("was 'maybe10'; … and 12 more")
    assert "maybe11" not in said


def test_what_ends_the_reading_is_said_first_and_what_came_before_after_it(table: Path) -> None:
    assert refused(table, HEADER + b"bread,maybe\n" + b'"' + b"soup\n" * 300_000) == (
        f": a record must be at most {LEAST_RECORD_BYTES} bytes, that of row 3 was longer;"
        f" row 2: hate must be one of {LABELS} or empty, was 'maybe'"
    )


def test_a_malformed_record_spoils_none_of_its_neighbours(table: Path) -> None:
    assert refused(table, HEADER + b'soup,yes\n"s\xf6up","no\n"\n"so"up,yes\nbread,no\nbutter\n') == (
        ": row 3: must be UTF-8, has the byte 0xf6;"
        " row 5: a closing quote must end its field, was followed by more;"
        " row 7: a record must have as many fields as the header, 2, had 1"
    )


def test_a_row_with_an_error_takes_no_id(lines: Path) -> None:
    said = refused(lines, b'{"text": "", "id": 5}\n{"text": "a", "id": 5}\n')
    assert said == ", row 1: text must not be empty"


def test_the_page_names_the_limits() -> None:
    longest = Settings.model_fields["max_characters"].default
    assert f"[{longest:,}](settings.md)" in PAGE
    assert LEAST_RECORD_BYTES == 2**20
    assert f"at most 1 MiB, or {BYTES_A_CHARACTER} bytes for each character" in PAGE
    assert PAGE.count(f"at most {LONGEST_NAME} printable characters") == 5
    assert (KINDS_SHOWN, ROWS_SHOWN) == (10, 3)
    assert "up to ten different errors, each with its first three rows" in PAGE


def test_the_page_lists_every_column() -> None:
    section = PAGE.partition("## Columns\n")[2].partition("\n## ")[0]
    first = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+…?)`", "".join(first))) == sorted([*KNOWN, "x_…"])


def test_the_example_of_the_page_is_an_error_as_it_would_be_said(table: Path) -> None:
    [shown] = re.findall(r"^tocsin: posts.csv(: .*)$", PAGE, re.MULTILINE)
    bad = dict.fromkeys([7, 9, 12, *range(20, 51)], "soup,maybe") | {4: ",yes"}
    rows = "".join(f"{bad.get(row, 'soup,yes')}\n" for row in range(2, 60))
    assert refused(table, HEADER + rows.encode()) == shown
