"""What holds of any rows, and of any bytes at all, in a file of a user's own."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.errors import InputError
from tocsin.example import Example, Label, Split
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.own_rows import read_own
from tocsin.training.own_rows.cells import SPELLINGS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "own-rows.md").read_text(
    encoding="utf-8"
)
PATIENT = settings(deadline=None, max_examples=150)
POST = "soup is on the table tonight - come by"


def reading(file: str, content: bytes) -> list[Example]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        path.write_bytes(content)
        return read_own(path)


# Any rows, in any format.

UNICODE = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
NAMES = st.text(UNICODE, max_size=20).map(str.strip).filter(lambda name: name.isprintable())
TEXTS = st.text(UNICODE, min_size=1, max_size=40).filter(normalise)
SIGNALS = st.dictionaries(st.sampled_from(list(Signal)), st.sampled_from([*SPELLINGS, ""]), min_size=1)
SHARES = st.floats(0, 1, exclude_min=True)


@st.composite
def rows(draw: st.DrawFn) -> list[dict[str, str]]:
    """Return rows as strings; the first has a label, and so the file has one."""
    count = draw(st.integers(1, 4))
    ids = draw(st.lists(NAMES.filter(bool), min_size=count, max_size=count, unique=True))
    return [
        {
            "text": draw(TEXTS),
            **{signal.value: spelling for signal, spelling in draw(SIGNALS).items()},
            **({"hate": "yes"} if number == 0 else {}),
            "id": f"p{identity}",
            "language": draw(st.sampled_from(["", "en", "de-AT"])),
            "weight": repr(draw(st.floats(0, 1e300, exclude_min=True))),
            "inclusion_probability": repr(draw(SHARES)),
            "group": draw(NAMES),
            "split": draw(st.sampled_from(["", *Split])),
            "x_made": draw(NAMES),
        }
        for number, identity in enumerate(ids)
    ]


def expected(row: dict[str, str]) -> Example:
    labels = {
        signal: SPELLINGS[row[signal]]
        for signal in Signal
        if row.get(signal) and SPELLINGS[row[signal]] is not Label.UNKNOWN
    }
    return Example(
        id=f"cooking:{row['id']}",
        text=row["text"],
        language=row["language"][:2] or "en",
        corpus="cooking",
        licence="not stated",
        labels=labels,
        group=row["group"] or None,
        split=Split(row["split"]) if row["split"] else None,
        weight=float(row["weight"]),
        inclusion=float(row["inclusion_probability"]),
        attributes={"made": row["x_made"]} if row["x_made"] else {},
    )


@PATIENT
@given(rows=rows(), delimiter=st.sampled_from(",\t"))
def test_whatever_a_table_holds_is_read_back(rows: list[dict[str, str]], delimiter: str) -> None:
    written = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = csv.DictWriter(written, columns, delimiter=delimiter)
    table.writeheader()
    table.writerows(rows)
    file = {",": "cooking.csv", "\t": "cooking.tsv"}[delimiter]
    assert reading(file, written.getvalue().encode()) == list(map(expected, rows))


@PATIENT
@given(rows=rows(), escaped=st.booleans())
def test_whatever_json_lines_hold_is_read_back(rows: list[dict[str, str]], escaped: bool) -> None:
    content = "\n".join(json.dumps(row, ensure_ascii=escaped) for row in rows)
    assert reading("cooking.jsonl", content.encode()) == list(map(expected, rows))


@PATIENT
@given(rows=rows(), size=st.integers(1, 3))
def test_whatever_parquet_holds_is_read_back(rows: list[dict[str, str]], size: int) -> None:
    columns = dict.fromkeys(name for row in rows for name in row)
    sink = io.BytesIO()
    table = pa.table({name: [row.get(name) for row in rows] for name in columns})
    pq.write_table(table, sink, row_group_size=size)
    assert reading("cooking.parquet", sink.getvalue()) == list(map(expected, rows))


# Any bytes.

PIECES = (
    *(b"text", b"hate", b"id", b"weight", b"notes", b"x_a", b",", b",", b"\n", b"\n", b"\r", b"\t", b'"'),
    *(b"{", b"}", b'"text": ', b'"hate": ', b'"weight": ', b'"id": ', b"[", b"]", b":", b"null", b"NaN"),
    *(b'"maybe"', b"yes", b"0", b"-1", b"1e999", b"\xff", b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b'"\\ud800"'),
    *(POST.encode(), f'"{POST}"'.encode(), b"text,hate\n", f'{{"text": "{POST}", "hate": 1}}\n'.encode()),
)


def documented() -> re.Pattern[str]:
    """Return what matches one error after the name of its file, as the page lists them."""
    errors = PAGE.partition("## Errors")[2]
    rules = re.findall(r"^\| `(.+?)` \| ", errors, re.MULTILINE)
    one = "|".join(".*?".join(map(re.escape, rule.split("…"))) for rule in rules)
    rows = r"rows? \d+(, \d+){0,2}( and \d+ more)?: "
    part = f"(?:{rows})?(?:{one})"
    return re.compile(rf"[:,] {part}(; {part})*(; … and \d+ more)?")


DOCUMENTED = documented()


def check_read_or_refused(file: str, content: bytes) -> None:
    said = ""
    try:
        found = reading(file, content)
    except InputError as error:
        said = str(error).partition(file)[2]
    else:
        assert found
        assert all(normalise(row.text) for row in found)
        assert len({row.id for row in found}) == len(found)
    assert POST not in said
    assert not said or DOCUMENTED.fullmatch(said)


@settings(deadline=None, max_examples=600)
@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=25),
    file=st.sampled_from(["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.csv.gz", "a.jsonl.zst"]),
)
def test_any_bytes_are_read_or_refused_with_a_documented_error(pieces: Sequence[bytes], file: str) -> None:
    check_read_or_refused(file, b"".join(pieces))


@settings(deadline=None, max_examples=100)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_table_with_one_wrong_byte_is_read_or_refused(place: int, byte: int) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": [f"{POST} {number}" for number in range(9)], "hate": ["yes"] * 9}), sink)
    content = bytearray(sink.getvalue())
    content[place % len(content)] = byte
    check_read_or_refused("a.parquet", bytes(content))
