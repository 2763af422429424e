"""Every error of a whole file that the page on rows of one's own lists can be met, and no other."""

from __future__ import annotations

import gzip
import io
import re
import sys
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tocsin.errors import InputError, MissingExtraError
from tocsin.training.own_rows import read_own, read_own_files
from tocsin.training.own_rows.columns import KNOWN, SIGNALS
from tocsin.training.own_rows.terms import LEAST_RECORD_BYTES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "own-rows.md").read_text(
    encoding="utf-8"
)
POST = "soup is on the table tonight - come by"  # what no message may ever show
GOOD = f'{{"text": "{POST}", "hate": "yes"}}\n'.encode()
HEADER = b"text,hate\n"
LANGUAGE_RULE = "language must be a BCP-47 tag such as 'en' or 'de-AT', was …"
TWICE_RULE = "files must have different names, has that of …"
READABLE_RULE = "must be readable: …"
EXTRA_RULE = "Parquet needs an optional dependency; install it with: pip install 'tocsin[audit]'"
ELSEWHERE = {LANGUAGE_RULE, TWICE_RULE, READABLE_RULE, EXTRA_RULE}  # these have tests of their own


def documented() -> list[str]:
    section = PAGE.partition("### Of a file\n")[2].partition("\n### ")[0]
    return re.findall(r"^\| `(.+?)` \| ", section, re.MULTILINE)


def filled(message: str, said: Sequence[str]) -> str:
    """Return a documented message with what stands for each ellipsis."""
    parts = message.split("…")
    assert len(parts) == len(said) + 1
    return parts[0] + "".join(value + part for value, part in zip(said, parts[1:], strict=True))


def parquet(table: Mapping[str, Any] | pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), sink)
    return sink.getvalue()


def message(path: Path, **how: Any) -> str:
    """Return what reading a file says, after its name: one line, without the post."""
    with pytest.raises(InputError) as raised:
        read_own(path, **how)
    said = str(raised.value)
    assert POST not in said
    assert said.isprintable()
    assert said.startswith(f"{path}: ")
    return said.removeprefix(f"{path}: ")


PLAIN = {"text": [POST], "hate": [1]}
DATES, STRINGS = pa.array([1], pa.date32()), pa.array([], pa.string())
TWO_TEXTS = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"]), pa.array([1])], ["text", "text", "hate"])
OPEN, LATIN = "a quote must be closed, was open at the end of the file", "must be UTF-8, has the byte 0xf6"
ALL, SIGNAL_NAMES = ", ".join(f"'c{number}'" for number in range(20)), ", ".join(SIGNALS)
LONGEST = str(LEAST_RECORD_BYTES)
PACKED = gzip.compress(GOOD, mtime=0)  # a time of day may hold any byte, the end of a line among them

# By documented error: why the file is here, what stands for each "…", the file's name, what it holds.
CASES: Mapping[str, Sequence[tuple[str, Sequence[str], str, bytes]]] = {
    "a file name must end in one of .csv, .tsv, .jsonl, .ndjson, .parquet,"
    " a text file also in .gz or .zst after that": [
        ("no-suffix", [], "cooking", GOOD),
        ("another-suffix", [], "cooking.json", GOOD),
        ("a-packing-alone", [], "cooking.gz", GOOD),
        ("a-packing-before-the-suffix", [], "cooking.gz.txt", GOOD),
        ("a-suffix-alone", [], ".csv", GOOD),
    ],
    "a file's name must have 1 to 60 letters or digits, had …": [
        ("no-letter", ["0"], "_ -.jsonl", GOOD),
        ("too-long-a-name", ["61"], f"{'a' * 61}.jsonl", GOOD),
    ],
    "a file must not be named as a corpus is, was …": [
        ("named-as-a-corpus", ["'gab-hate-corpus'"], "Gab_Hate_Corpus.jsonl.gz", GOOD),
    ],
    "must begin with a header of column names, was empty": [
        ("empty", [], "cooking.csv", b""),
        ("a-mark-alone-in-a-packed-file", [], "cooking.tsv.gz", gzip.compress(b"", mtime=0)),
    ],
    "must begin with a header of column names: …": [
        ("a-header-with-an-open-quote", [OPEN], "cooking.csv", b'text,"hate\nsoup,1\n'),
        ("a-header-in-latin-1", [LATIN], "cooking.csv", b"text,hate,x_k\xf6che\n"),
        ("packed-without-saying-so", ["must be UTF-8, has the byte 0x8b"], "cooking.csv", PACKED),
    ],
    "must have a column 'text', has …": [
        ("another-separator", ["'text;hate'"], "cooking.csv", b"text;hate\nsoup;1\n"),
        ("no-header", [f"{len(POST)} characters, 'yes'"], "cooking.csv", f"{POST},yes\n".encode()),
        ("an-empty-first-line", ["none"], "cooking.csv", b"\ntext,hate\n"),
        ("another-case", ["'Text', 'hate'"], "cooking.csv", b"Text,hate\nsoup,1\n"),
        ("many", [f"{ALL} and 5 more"], "cooking.csv", ",".join(f"c{n}" for n in range(25)).encode()),
        ("twenty", [ALL], "cooking.tsv", "\t".join(f"c{n}" for n in range(20)).encode()),
        ("a-table-without-columns", ["none"], "cooking.parquet", parquet({})),
    ],
    f"a column must be one of {', '.join(KNOWN)}, or begin with x_, was …": [
        ("a-slip-in-a-signal", ["'incitment'"], "cooking.csv", b"text,incitment,hate\nsoup,1,1\n"),
        ("two-unknown", ["'notes', 'score'"], "cooking.csv", b"text,notes,hate,score\nsoup,1,1,1\n"),
        ("no-name", ["''"], "cooking.csv", b"text,hate,\nsoup,1,1\n"),
        ("an-attribute-without-a-name", ["'x_'"], "cooking.csv", b"text,hate,x_\nsoup,1,1\n"),
        ("an-unknown-of-a-table", ["'notes'"], "cooking.parquet", parquet({**PLAIN, "notes": [1]})),
    ],
    "columns must have different names, … stands more than once": [
        ("two-texts", ["'text'"], "cooking.csv", b"text,hate,text\na,1,b\n"),
        ("two-texts-in-a-table", ["'text'"], "cooking.parquet", parquet(TWO_TEXTS)),
    ],
    "must have a column for at least one signal (…), has …": [
        ("no-signal", [SIGNAL_NAMES, "'text', 'id'"], "cooking.csv", b"text,id\nsoup,1\n"),
        ("no-signal-in-a-table", [SIGNAL_NAMES, "'text'"], "cooking.parquet", parquet({"text": [POST]})),
    ],
    "must have at least one row, had none": [
        ("a-header-alone", [], "cooking.csv", HEADER),
        ("no-json-lines", [], "cooking.jsonl", b""),
        ("blank-json-lines", [], "cooking.jsonl", b"\n \n"),
        ("an-empty-table", [], "cooking.parquet", parquet({"text": STRINGS, "hate": STRINGS})),
    ],
    "must label a row in at least one of …, labels none": [
        ("no-label", [SIGNAL_NAMES], "cooking.csv", b"text,hate,threat\nsoup,?,\n"),
        ("no-signal-in-json-lines", [SIGNAL_NAMES], "cooking.jsonl", b'{"text": "soup"}\n'),
    ],
    "must be UTF-8, was UTF-16": [
        ("little", [], "cooking.jsonl", b"\xff\xfe" + GOOD.decode().encode("utf-16-le")),
        ("big", [], "cooking.csv", b"\xfe\xff" + HEADER.decode().encode("utf-16-be")),
    ],
    "must be a whole … file, was damaged": [
        ("gzip-with-a-tail", [".gz"], "cooking.jsonl.gz", PACKED + b"soup"),
        ("gzip-with-a-wrong-checksum", [".gz"], "cooking.jsonl.gz", PACKED[:-8] + b"\0" * 8),
        ("no-gzip", [".gz"], "cooking.csv.gz", HEADER),
        ("deflate-of-another-kind", [".gz"], "cooking.jsonl.gz", zlib.compress(GOOD)),
        ("no-zstandard", [".zst"], "cooking.csv.zst", HEADER * 9),
    ],
    "must be a whole … file, ended early": [
        ("gzip-cut-off", [".gz"], "cooking.jsonl.gz", PACKED[:-1]),
        ("gzip-of-nothing", [".gz"], "cooking.jsonl.gz", b""),
        ("gzip-whose-second-member-is-cut-off", [".gz"], "cooking.jsonl.gz", PACKED + PACKED[:30]),
        ("zstandard-cut-off", [".zst"], "cooking.jsonl.zst", zstandard.compress(GOOD)[:-1]),
    ],
    "a Parquet file must not be packed as a whole, was packed as …": [
        ("packed-parquet", [".gz"], "cooking.parquet.gz", gzip.compress(parquet(PLAIN), mtime=0)),
    ],
    "must be a whole Parquet file: …": [
        ("nothing", ["Parquet file size is 0 bytes"], "cooking.parquet", b""),
    ],
    "column … must hold strings, numbers or booleans, was …": [
        ("nested", ["'x_a'", "list<element: int64>"], "cooking.parquet", parquet({**PLAIN, "x_a": [[1]]})),
        ("binary", ["'text'", "binary"], "cooking.parquet", parquet({**PLAIN, "text": [POST.encode()]})),
        ("a-date", ["'x_day'", "date32[day]"], "cooking.parquet", parquet({**PLAIN, "x_day": DATES})),
        (
            "a-type-with-a-long-name",
            ["'hate'", f"struct<{'a' * 53}"],
            "cooking.parquet",
            parquet({"text": [POST], "hate": [{"a" * 99: 1}]}),
        ),
    ],
    "a record must be at most … bytes, that of row … was longer": [
        ("a-huge-field", [LONGEST, "2"], "cooking.csv", HEADER + b'"' + b"soup\n" * 300_000),
        ("a-huge-line-without-an-end", [LONGEST, "2"], "cooking.csv", HEADER + b"soup " * 300_000),
        ("a-line-too-long-by-one", [LONGEST, "2"], "cooking.jsonl", GOOD + b"s" * (LEAST_RECORD_BYTES + 1)),
        ("and-one-with-an-end", [LONGEST, "1"], "cooking.jsonl", b"s" * (LEAST_RECORD_BYTES + 1) + b"\n[]"),
    ],
}


@pytest.mark.parametrize(
    ("rule", "said", "file", "content"),
    [
        pytest.param(rule, *case[1:], id=f"{place}-{case[0]}")
        for place, (rule, cases) in enumerate(CASES.items())
        for case in cases
    ],
)
def test_a_malformed_file_is_refused_with_its_documented_error(
    tmp_path: Path, rule: str, said: Sequence[str], file: str, content: bytes
) -> None:
    path = tmp_path / file
    path.write_bytes(content)
    assert message(path) == filled(rule, said)


def test_every_documented_error_of_a_file_can_be_met() -> None:
    assert sorted(documented()) == sorted([*CASES, *ELSEWHERE])


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(parquet(PLAIN)[:-9], id="cut-off"),
        pytest.param(GOOD * 9, id="another-format"),
        pytest.param(
            parquet({**PLAIN, "x_soup": [1]}).replace(b"x_soup", b"x_so\xffp"), id="a-name-in-no-utf-8"
        ),
        pytest.param(b"PAR1" + b"\0" * 99 + b"\x20\0\0\0PAR1", id="no-footer"),
    ],
)
def test_a_damaged_table_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cooking.parquet"
    path.write_bytes(content)
    assert re.fullmatch(r"must be a whole Parquet file: [\w .:,'-]+", message(path))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    for name in ("cooking.csv", "cooking.jsonl.gz", "cooking.parquet"):
        assert message(tmp_path / name) == filled(READABLE_RULE, ["No such file or directory"])


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cooking.parquet").mkdir()
    assert message(tmp_path / "cooking.parquet") == filled(READABLE_RULE, ["Is a directory"])


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # root may read everything
    assert message(tmp_path / "cooking.csv") == filled(READABLE_RULE, ["Permission denied"])


def test_a_file_that_breaks_off_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", lambda *_: Broken())
    for name in ("cooking.csv", "cooking.jsonl"):
        assert message(tmp_path / name) == filled(READABLE_RULE, ["Input/output error"])


@pytest.mark.parametrize(
    ("language", "was"),
    [
        pytest.param("english", "'english'", id="a-name"),
        pytest.param("", "''", id="nothing"),
        pytest.param("und", "'und'", id="undetermined"),
        pytest.param(POST, f"{len(POST)} characters", id="a-post"),
    ],
)
def test_the_language_of_rows_that_name_none_must_be_a_tag(tmp_path: Path, language: str, was: str) -> None:
    path = tmp_path / "cooking.jsonl"
    path.write_bytes(GOOD)
    with pytest.raises(InputError) as raised:
        read_own(path, language=language)
    assert str(raised.value) == filled(LANGUAGE_RULE, [was])


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("a/cooking.jsonl", "b/Cooking.csv"), id="two-folders"),
        pytest.param(("cook-ing.jsonl", "cook_ing.jsonl.gz"), id="alike-once-they-are-names"),
        pytest.param(("cooking.jsonl", "cooking.jsonl"), id="the-same-file-twice"),
    ],
)
def test_two_files_may_not_be_one_corpus(names: Sequence[str]) -> None:
    first, second = map(Path, names)
    with pytest.raises(InputError) as raised:
        read_own_files([first, second])
    assert str(raised.value) == f"{second}: {filled(TWICE_RULE, [str(first)])}"


def test_parquet_without_its_library_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cooking.parquet"
    path.write_bytes(parquet(PLAIN))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError) as raised:
        read_own(path)
    assert str(raised.value) == EXTRA_RULE
    path = tmp_path / "cooking.jsonl"
    path.write_bytes(GOOD)
    assert len(read_own(path)) == 1
