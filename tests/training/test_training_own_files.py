"""How files of a user's own may be laid out, packed and named."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tocsin.errors import InputError
from tocsin.example import Label
from tocsin.signals import Signal
from tocsin.training.own_rows import corpus_name, read_own, read_own_files
from tocsin.training.own_rows.terms import LEAST_RECORD_BYTES

HATE = Signal.HATE
YES, NO = Label.POSITIVE, Label.NEGATIVE
CONTENTS = {
    ".csv": b"text,hate\r\nsoup,yes\r\nbread,no\r\n",
    ".tsv": b"text\thate\r\nsoup\tyes\r\nbread\tno\r\n",
    ".jsonl": b'\r\n{"text": "soup", "hate": "yes"}\r\n{"text": "bread", "hate": "no"}\r\n',
}


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=2)
    return sink.getvalue()


def test_a_row_is_numbered_by_the_line_on_which_it_begins(tmp_path: Path) -> None:
    path = put(tmp_path / "cooking.csv", b'text,hate\n\n"hot\nsoup",yes\n\r\nbread,no\n')
    assert [found.id for found in read_own(path)] == ["cooking:3", "cooking:6"]
    path = put(tmp_path / "cooking.jsonl", b'\n{"text": "soup", "hate": 1}\n \t\r\n{"text": "bread"}')
    assert [found.id for found in read_own(path)] == ["cooking:2", "cooking:4"]


@pytest.mark.parametrize("suffix", CONTENTS)
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: b"\xef\xbb\xbf" + text, id="a-byte-order-mark"),
        pytest.param(
            lambda text: text.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), id="windows-line-ends"
        ),
        pytest.param(lambda text: text.replace(b"\r\n", b"\n"), id="unix-line-ends"),
        pytest.param(lambda text: text.rstrip(b"\r\n"), id="no-last-line-end"),
        pytest.param(lambda text: text + b"\n\r\n\n", id="blank-lines-at-the-end"),
    ],
)
def test_files_may_differ_in_marks_and_line_ends(
    tmp_path: Path, suffix: str, change: Callable[[bytes], bytes]
) -> None:
    path = put(tmp_path / f"cooking{suffix}", change(CONTENTS[suffix]))
    assert [(found.text, found.labels) for found in read_own(path)] == [
        ("soup", {HATE: YES}),
        ("bread", {HATE: NO}),
    ]


def in_two(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda content: pack(content[:100]) + pack(content[100:])


@pytest.mark.parametrize("suffix", CONTENTS)
@pytest.mark.parametrize(
    ("packing", "pack"),
    [
        pytest.param(".gz", gzip.compress, id="gzip"),
        pytest.param(".gz", in_two(gzip.compress), id="two-members"),
        pytest.param(".zst", zstandard.compress, id="zstandard"),
        pytest.param(".zst", in_two(zstandard.compress), id="two-frames"),
        pytest.param(".GZ", gzip.compress, id="capitals"),
    ],
)
def test_text_files_may_be_packed(
    tmp_path: Path, suffix: str, packing: str, pack: Callable[[bytes], bytes]
) -> None:
    header, first, second = CONTENTS[suffix].splitlines(keepends=True)
    content = header + (first + second) * 1000
    plain = read_own(put(tmp_path / f"cooking{suffix}", content))
    assert len(plain) >= 2000
    assert read_own(put(tmp_path / f"cooking{suffix}{packing}", pack(content))) == plain


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(pa.array(["soup", "bread", "soup"]), id="string"),
        pytest.param(pa.array(["soup", "bread", "soup"], pa.large_string()), id="large-string"),
        pytest.param(pa.array(["soup", "bread", "soup"], pa.string_view()), id="string-view"),
        pytest.param(pa.array(["soup", "bread", "soup"]).dictionary_encode(), id="category"),
    ],
)
def test_strings_of_a_table_may_be_of_any_kind(tmp_path: Path, column: pa.Array) -> None:
    table = pa.table(
        {"text": column, "hate": pa.array(["yes", None, "no"]).dictionary_encode(), "group": pa.nulls(3)}
    )
    found = read_own(put(tmp_path / "cooking.parquet", parquet(table)))
    assert [(row.text, row.labels, row.group) for row in found] == [
        ("soup", {HATE: YES}, None),
        ("bread", {}, None),
        ("soup", {HATE: NO}, None),
    ]


@pytest.mark.parametrize(
    ("file", "corpus"),
    [
        ("posts.csv", "posts"),
        ("My Posts (2).CSV", "my-posts-2"),
        ("a.b_c.jsonl.gz", "a-b-c"),
        ("Grüße.parquet", "grüsse"),
        ("queue:4.tsv", "queue-4"),
    ],
)
def test_a_file_names_its_corpus(file: str, corpus: str) -> None:
    assert corpus_name(Path("folder.d") / file) == corpus


def test_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    cooking = put(tmp_path / "cooking.csv", b"text,hate,notes\nsoup,yes,a\n")
    sport = put(tmp_path / "sport.jsonl", b'{"text": "goal", "hate": 0, "notes": 1}')
    found = read_own_files([sport, cooking], language="nl", ignore=["notes"])
    assert [(row.id, row.corpus, row.language) for row in found] == [
        ("sport:1", "sport", "nl"),
        ("cooking:2", "cooking", "nl"),
    ]
    assert read_own_files([]) == []


@pytest.mark.parametrize(
    ("file", "header", "record"),
    [
        pytest.param("cooking.csv", b"text,hate\n", b'"soup\n",yes', id="csv"),
        pytest.param("cooking.jsonl", b"\n", b'{"text": "soup", "hate": 1}', id="json-lines"),
    ],
)
@pytest.mark.parametrize("end", [b"\n", b""], ids=["with-a-line-end", "without"])
def test_a_record_may_be_as_long_as_the_limit(
    tmp_path: Path, file: str, header: bytes, record: bytes, end: bytes
) -> None:
    blanks = b" " * (LEAST_RECORD_BYTES - len(record))
    path = put(tmp_path / file, header + record + blanks + end)
    assert [found.id for found in read_own(path)] == ["cooking:2"]
    with pytest.raises(InputError, match=f"at most {LEAST_RECORD_BYTES} bytes, that of row 2 was longer"):
        read_own(put(path, header + record + blanks + b" " + end))


def test_a_record_of_line_feeds_alone_is_not_held_without_end(tmp_path: Path) -> None:
    path = put(tmp_path / "cooking.csv", b'text,hate\n"' + b"\n" * (LEAST_RECORD_BYTES + 2))
    with pytest.raises(InputError, match="that of row 2 was longer"):
        read_own(path)


def test_a_byte_order_mark_within_a_file_is_part_of_a_text(tmp_path: Path) -> None:
    path = put(tmp_path / "cooking.csv", b"text,hate\n\xef\xbb\xbfsoup,yes\n")
    assert [found.text for found in read_own(path)] == ["\ufeffsoup"]


def test_the_limit_of_the_csv_module_is_only_ever_raised(tmp_path: Path) -> None:
    path = put(tmp_path / "cooking.csv", CONTENTS[".csv"])
    before = csv.field_size_limit(50_000_000)
    try:
        read_own(path)
        assert csv.field_size_limit() == 50_000_000
        csv.field_size_limit(2)
        assert len(read_own(path)) == 2
    finally:
        csv.field_size_limit(before)
