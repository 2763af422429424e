"""What a file of a user's own says, in each of its formats."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin.errors import InputError
from tocsin.example import Example, Label, Split
from tocsin.settings import settings
from tocsin.signals import Signal
from tocsin.training.own_rows import read_own
from tocsin.training.own_rows.cells import SPELLINGS

CALL, HATE, THREAT = Signal.CALL_TO_ACTION, Signal.HATE, Signal.THREAT
YES, NO, PRESUMED = Label.POSITIVE, Label.NEGATIVE, Label.PRESUMED_NEGATIVE
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "own-rows.md").read_text(
    encoding="utf-8"
)

Cells = Mapping[str, Any]


def as_csv(rows: Sequence[Cells], delimiter: str = ",") -> bytes:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    written = io.StringIO()
    table = csv.DictWriter(written, columns, delimiter=delimiter)
    table.writeheader()
    table.writerows(rows)
    return written.getvalue().encode()


def as_tsv(rows: Sequence[Cells]) -> bytes:
    return as_csv(rows, "\t")


def as_json_lines(rows: Sequence[Cells]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def as_parquet(rows: Sequence[Cells]) -> bytes:
    columns = dict.fromkeys(name for row in rows for name in row)
    table = {name: [row.get(name) for row in rows] for name in columns}
    return parquet(pa.table(table))


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=2)
    return sink.getvalue()


FORMATS: Mapping[str, tuple[Callable[[Sequence[Cells]], bytes], int]] = {
    ".csv": (as_csv, 2),
    ".tsv": (as_tsv, 2),
    ".jsonl": (as_json_lines, 1),
    ".ndjson": (as_json_lines, 1),
    ".parquet": (as_parquet, 1),
}
SUFFIXES = pytest.mark.parametrize("suffix", FORMATS)


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(folder: Path, rows: Sequence[Cells], suffix: str = ".jsonl", **how: Any) -> list[Example]:
    return read_own(put(folder / f"cooking{suffix}", FORMATS[suffix][0](rows)), **how)


def one(folder: Path, suffix: str = ".jsonl", **cells: Any) -> Example:
    """Return the example of a file with one row that is otherwise in order."""
    [example] = read(folder, [{"text": "hot soup", "hate": "yes", **cells}], suffix)
    return example


# Columns.


@SUFFIXES
def test_a_row_becomes_an_example(tmp_path: Path, suffix: str) -> None:
    row = {
        "id": "p-1",
        "text": "hot\nsoup, \t“now”",
        "language": "de-AT",
        "hate": "yes",
        "threat": "0",
        "call_to_action": "~",
        "grievance": "?",
        "incitement": "",
        "weight": "2.5",
        "inclusion_probability": ".25",
        "group": " thread 9\t",
        "split": " Calibration",
        "licence": "CC-BY-4.0",
        "x_kitchen": "north",
    }
    assert read(tmp_path, [row], suffix) == [
        Example(
            id="cooking:p-1",
            text="hot\nsoup, \t“now”",
            language="de",
            corpus="cooking",
            licence="CC-BY-4.0",
            labels={HATE: YES, THREAT: NO, CALL: PRESUMED},
            group="thread 9",
            split=Split.CALIBRATION,
            weight=2.5,
            inclusion=0.25,
            attributes={"kitchen": "north"},
        )
    ]


@SUFFIXES
def test_what_is_not_said_has_its_default(tmp_path: Path, suffix: str) -> None:
    number = FORMATS[suffix][1]
    blank = dict.fromkeys(("id", "language", "weight", "inclusion_probability", "group", "split"), " ")
    bare = {"text": "hot soup", "hate": "no"}
    expected = Example(
        f"cooking:{number}", "hot soup", "fr", "cooking", "not stated", {HATE: NO}, weight=1.0, inclusion=1.0
    )
    assert read(tmp_path, [bare], suffix, language="fr-CA") == [expected]
    assert read(tmp_path, [{**bare, **blank, "licence": "", "x_kitchen": ""}], suffix, language="fr") == [
        expected
    ]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_nulls_say_nothing(tmp_path: Path, suffix: str) -> None:
    nothing = dict.fromkeys(("id", "threat", "weight", "inclusion_probability", "group", "split", "x_a"))
    assert one(tmp_path, suffix, **nothing) == one(tmp_path, suffix)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_cells_may_be_numbers_and_booleans(tmp_path: Path, suffix: str) -> None:
    found = one(
        tmp_path,
        suffix,
        id=7,
        hate=True,
        threat=0,
        call_to_action=1.0,
        weight=2,
        inclusion_probability=1,
        group=3,
        x_share=0.5,
        x_new=False,
    )
    assert found == Example(
        "cooking:7",
        "hot soup",
        "en",
        "cooking",
        "not stated",
        {HATE: YES, THREAT: NO, CALL: YES},
        group="3",
        weight=2.0,
        attributes={"share": "0.5", "new": "false"},
    )


@SUFFIXES
def test_the_name_of_a_language_is_the_first_part_of_its_tag(tmp_path: Path, suffix: str) -> None:
    assert [one(tmp_path, suffix, language=tag).language for tag in ("EN-gb", "de_AT", "ckb")] == [
        "en",
        "de",
        "ckb",
    ]


@pytest.mark.parametrize("written", ["0.5", ".5", "+.50", "5e-1", "5.E-1", " 0.5 "])
def test_a_number_is_written_in_digits(tmp_path: Path, written: str) -> None:
    assert one(tmp_path, weight=written, inclusion_probability=written).weight == 0.5


@SUFFIXES
def test_columns_to_ignore_may_hold_anything(tmp_path: Path, suffix: str) -> None:
    row = {"text": "hot soup", "hate": "yes", "threat": "perhaps", "notes": "a\x00b", "x_": "", "": "1"}
    ignored = ("threat", "notes", "x_", "", "absent")
    assert [found.labels for found in read(tmp_path, [row], suffix, ignore=ignored)] == [{HATE: YES}]


def test_a_column_of_any_type_may_be_ignored(tmp_path: Path) -> None:
    table = pa.table({"text": ["soup"], "hate": [1], "spans": [[{"start": 1}]]})
    path = put(tmp_path / "cooking.parquet", parquet(table))
    assert len(read_own(path, ignore=["spans"])) == 1


def test_columns_of_one_name_are_no_fault_where_they_are_ignored(tmp_path: Path) -> None:
    path = put(tmp_path / "cooking.csv", b"text,,hate,\nsoup,1,yes,2\n")
    assert [found.labels for found in read_own(path, ignore=[""])] == [{HATE: YES}]


# Labels, as the page lists them.


def documented_labels() -> list[tuple[str, str]]:
    section = PAGE.partition("## Labels")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [(spelling, row[-1]) for row in rows for spelling in re.findall(r"`([^`]+)`", row[0])]


MEANINGS = {"positive": YES, "negative": NO, "presumed": PRESUMED, "says": None}


@pytest.mark.parametrize(
    ("spelling", "meaning"), documented_labels(), ids=[spelling for spelling, _ in documented_labels()]
)
def test_a_documented_spelling_means_what_the_page_says(tmp_path: Path, spelling: str, meaning: str) -> None:
    expected = MEANINGS[re.split(r"\W", meaning)[0]]
    said = {HATE: YES} | ({THREAT: expected} if expected else {})
    written = (spelling, spelling.upper(), f" {spelling} ")
    rows = [{"text": "soup", "hate": "yes", "threat": label} for label in written]
    for suffix in FORMATS:
        assert [found.labels for found in read(tmp_path, rows, suffix)] == [said] * len(written)


def test_the_page_lists_every_spelling() -> None:
    spellings = [spelling for spelling, _ in documented_labels()]
    assert sorted(spellings) == sorted(SPELLINGS)


@SUFFIXES
def test_every_signal_is_a_column(tmp_path: Path, suffix: str) -> None:
    row = {"text": "hot soup"} | {signal.value: "yes" for signal in Signal}
    assert [found.labels for found in read(tmp_path, [row], suffix)] == [dict.fromkeys(Signal, YES)]


@SUFFIXES
def test_an_unknown_label_is_not_named_for_a_named_one_is_contested(tmp_path: Path, suffix: str) -> None:
    assert one(tmp_path, suffix, threat="unknown", grievance="?", extremism=" ").labels == {HATE: YES}


@SUFFIXES
def test_rows_without_a_label_are_kept_where_another_has_one(tmp_path: Path, suffix: str) -> None:
    rows = [{"text": "soup", "hate": "?"}, {"text": "bread", "hate": "0"}]
    assert [found.labels for found in read(tmp_path, rows, suffix)] == [{}, {HATE: NO}]


# Texts.


@pytest.mark.parametrize("text", ["nan", "NaN", "None", "NA", "N/A", "null", "#N/A", "true", "0", "-"])
@SUFFIXES
def test_words_that_mean_nothing_elsewhere_are_texts(tmp_path: Path, suffix: str, text: str) -> None:
    assert one(tmp_path, suffix, text=text).text == text


@SUFFIXES
def test_a_text_is_kept_as_it_is(tmp_path: Path, suffix: str) -> None:
    text = ' \ufeff“Zoë” said: ""soup""\r\n\t🍲\u2028 '
    assert one(tmp_path, suffix, text=text).text == text


@SUFFIXES
def test_the_longest_text_is_what_the_setting_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setenv("TOCSIN_MAX_CHARACTERS", "5")
    settings.cache_clear()
    assert one(tmp_path, suffix, text="soup🍲").text == "soup🍲"
    with pytest.raises(InputError, match="at most 5 characters, was 6"):
        one(tmp_path, suffix, text="soup🍲!")


def test_a_text_that_is_escaped_to_the_last_character_is_not_too_long(tmp_path: Path) -> None:
    text = "🍲" * settings().max_characters
    assert one(tmp_path, text=text).text == text


def test_a_larger_setting_allows_longer_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_MAX_CHARACTERS", "200000")
    settings.cache_clear()
    text = "🍲" * 150_000
    for suffix in FORMATS:
        assert len(one(tmp_path, suffix, text=text).text) == 150_000


# Order.


@SUFFIXES
def test_rows_keep_their_order_and_number(tmp_path: Path, suffix: str) -> None:
    rows = [{"text": f"soup {number}", "hate": "no"} for number in range(1000)]
    first = FORMATS[suffix][1]
    assert [(found.id, found.text) for found in read(tmp_path, rows, suffix)] == [
        (f"cooking:{first + number}", f"soup {number}") for number in range(1000)
    ]
