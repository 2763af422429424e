"""Every error of rows that the page on rows of one's own lists can be met, and no other."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tocsin.errors import InputError
from tocsin.training.own_rows import read_own
from tocsin.training.own_rows.cells import SPELLINGS
from tocsin.training.own_rows.columns import KNOWN

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "own-rows.md").read_text(
    encoding="utf-8"
)
POST = "soup is on the table tonight - come by"  # what no message may ever show
GOOD = f'{{"text": "{POST}", "hate": "yes"}}\n'.encode()
HEADER = b"text,hate\n"
UNKNOWN_RULE = f"a column must be one of {', '.join(KNOWN)}, or begin with x_, was …"  # of a file elsewhere


def documented() -> list[str]:
    return re.findall(r"^\| `(.+?)` \| ", PAGE.partition("### Of rows\n")[2], re.MULTILINE)


def filled(message: str, said: Sequence[str]) -> str:
    """Return a documented message with what stands for each ellipsis."""
    parts = message.split("…")
    assert len(parts) == len(said) + 1
    return parts[0] + "".join(value + part for value, part in zip(said, parts[1:], strict=True))


def parquet(**columns: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def message(path: Path) -> str:
    """Return what reading a file says, after its name: one line, without the post."""
    with pytest.raises(InputError) as raised:
        read_own(path)
    said = str(raised.value)
    assert POST not in said
    assert said.isprintable()
    assert said.startswith(f"{path}, ")
    return said.removeprefix(f"{path}, ")


Line = tuple[str, Sequence[str], str]
Cell = tuple[str, str, str, str]

# By documented error: why the line of JSON is here, what stands for each "…", the line.
LINES: Mapping[str, Sequence[Line]] = {
    UNKNOWN_RULE: [
        ("a-slip-in-a-key", ["'hatred'"], f'{{"text": "{POST}", "hatred": 1}}'),
        ("a-post-as-key", [f"{len(POST)} characters"], f'{{"text": "soup", "{POST}": 1}}'),
    ],
    "a record must be a JSON object, was …": [
        ("a-list", ["a list"], f'["{POST}"]'),
        ("null", ["null"], "null"),
        ("a-string", [f"{len(POST)} characters"], f'"{POST}"'),
        ("a-number", ["7"], "7"),
    ],
    "a record must be valid JSON: …": [
        ("no-json", ["Expecting value"], POST),
        ("cut-off", ["Unterminated string starting at"], f'{{"text": "{POST}'),
        ("two-objects", ["Extra data"], "{}{}"),
        ("too-deep", ["nested too deeply"], "[" * 100_000),
        ("too-many-digits", ["a number has too many digits"], f'{{"weight": {"9" * 5000}}}'),
    ],
    "a number must be finite, was …": [
        ("nan", ["NaN"], '{"weight": NaN}'),
        ("infinity", ["-Infinity"], '{"weight": -Infinity}'),
    ],
    "keys of an object must differ, … stands more than once": [
        ("two-keys", ["'hate'"], '{"text": "soup", "hate": 1, "hate": 0}'),
    ],
    "text must not be empty": [
        ("missing", [], '{"hate": 1}'),
        ("null", [], '{"text": null, "hate": 1}'),
        ("empty", [], '{"text": "", "hate": 1}'),
        ("blank", [], '{"text": " \\n\\u3000", "hate": 1}'),
        ("invisible", [], '{"text": "\\u200b\\u00ad", "hate": 1}'),
    ],
    "text must be a string, was …": [
        ("a-number", ["5"], '{"text": 5, "hate": 1}'),
        ("a-list", ["a list"], f'{{"text": ["{POST}"], "hate": 1}}'),
    ],
    "text must not hold a NUL character": [("nul", [], '{"text": "so\\u0000up", "hate": 1}')],
    "text must be valid Unicode, has a lone surrogate": [("half", [], '{"text": "so\\ud800up", "hate": 1}')],
    "text must be at most … characters, was …": [
        ("too-long", ["20480", "20481"], f'{{"text": "{"s" * 20_481}", "hate": 1}}'),
    ],
    "id must be its own, is that of row …": [
        ("one-id-twice", ["1"], '{"text": "b"}\n{"text": "a", "id": "1"}'),
        ("once-as-a-number", ["2"], '{"text": "a", "id": "7"}\n{"text": "b", "id": 7}'),
        ("the-number-of-another-row", ["2"], '{"text": "a", "id": "3"}\n{"text": "b"}'),
    ],
}

# The same for a cell: why it is here, its column, what is written in JSON, what is said of it.
CELLS: Mapping[str, Sequence[Cell]] = {
    f"… must be one of {' '.join(SPELLINGS)} or empty, was …": [
        ("another-word", "hate", '"maybe"', "'maybe'"),
        ("a-word-for-nothing", "hate", '"nan"', "'nan'"),
        ("none", "hate", '"None"', "'None'"),
        ("na", "threat", '"NA"', "'NA'"),
        ("n/a", "threat", '"N/A"', "'N/A'"),
        ("null-as-a-word", "threat", '"null"', "'null'"),
        ("a-post", "hate", f'"{POST}"', f"{len(POST)} characters"),
        ("a-short-post", "hate", '"hot soup"', "8 characters"),
        ("a-post-without-blanks", "hate", '"热汤"', "2 characters"),
        ("an-escape", "hate", '"\\u001b[2J"', "4 characters"),
        ("a-long-word", "hate", f'"{"s" * 31}"', "31 characters"),
        ("the-longest-word-shown", "hate", f'"{"s" * 30}"', repr("s" * 30)),
        ("another-number", "hate", "2", "2"),
        ("a-negative-number", "hate", "-1", "-1"),
        ("a-share", "hate", "0.5", "0.5"),
        ("a-list", "hate", "[1]", "a list"),
        ("an-object", "hate", '{"value": 1}', "an object"),
    ],
    "language must be a BCP-47 tag such as 'en' or 'de-AT', was …": [
        ("a-name", "", '"english"', "'english'"),
        ("undetermined", "", '"und"', "'und'"),
        ("a-number", "", "1", "1"),
    ],
    "weight must be a finite number above 0, was …": [
        ("zero", "", "0", "0"),
        ("zero-after-all", "", "1e-999", "0.0"),
        ("negative", "", '"-1"', "'-1'"),
        ("infinite", "", '"inf"', "'inf'"),
        ("beyond-floats", "", '"1e999"', "'1e999'"),
        ("an-integer-beyond-floats", "", "9" * 400, "9" * 400),
        ("nan", "", '"nan"', "'nan'"),
        ("a-word", "", '"heavy"', "'heavy'"),
        ("a-comma", "", '"0,5"', "'0,5'"),
        ("digits-as-python-has-them", "", '"1_000"', "'1_000'"),
        ("digits-of-another-script", "", '"١٢"', "2 characters"),
        ("true", "", "true", "True"),
        ("a-list", "", "[1]", "a list"),
    ],
    "inclusion_probability must be a number above 0 and at most 1, was …": [
        ("zero", "", "0", "0"),
        ("above-1", "", '"1.01"', "'1.01'"),
        ("negative", "", "-0.5", "-0.5"),
        ("a-percentage", "", '"5%"', "'5%'"),
        ("nan", "", '"nan"', "'nan'"),
        ("infinite", "", '"inf"', "'inf'"),
    ],
    "split must be one of train, dev, calibration, test or empty, was …": [
        ("another-name", "", '"validation"', "'validation'"),
        ("a-number", "", "0", "0"),
    ],
    "… must be a string, a finite number or a boolean, was …": [
        ("a-list", "id", "[1]", "a list"),
        ("an-object", "group", "{}", "an object"),
        ("a-list-again", "licence", "[]", "a list"),
        ("a-list-as-attribute", "x_tags", "[]", "a list"),
    ],
    "… must be at most 200 printable characters, was … characters": [
        ("a-long-id", "id", f'"{"s" * 201}"', "201"),
        ("a-line-feed", "licence", '"a\\nb"', "3"),
        ("a-surrogate", "group", '"\\ud800"', "1"),
        ("an-escape", "x_a", '"\\u001b[2J"', "4"),
    ],
}

BYTES, FIELDS = "must be UTF-8, has the byte …", "a record must have as many fields as the header, …, had …"
NAN, TWO = float("nan"), pa.py_buffer(b"\0\0\0\0\x04\0\0\0\x08\0\0\0")
LATIN = pa.StringArray.from_buffers(2, TWO, pa.py_buffer(b"soups\xf6up"))

# The same for a file: why it is here, what stands for each "…", the row, the name, what it holds.
FILES: Mapping[str, Sequence[tuple[str, Sequence[str], int, str, bytes]]] = {
    BYTES: [
        ("latin-1", ["0xf6"], 2, "cooking.csv", HEADER + b"s\xf6up,yes\n"),
        ("latin-1-within-quotes", ["0xf6"], 2, "cooking.csv", HEADER + b'"a,\ns\xf6up",yes\n'),
        ("two-such-bytes", ["0xe4"], 2, "cooking.csv", HEADER + b's\xe4up,"\n\xf6"\n'),
        ("latin-1-in-json", ["0xf6"], 1, "cooking.jsonl", b'{"text": "s\xf6up", "hate": 1}'),
        ("latin-1-in-a-table", ["0xf6"], 2, "cooking.parquet", parquet(text=LATIN, hate=[1, 0])),
    ],
    "a quote must be closed, was open at the end of the file": [
        ("an-open-quote", [], 3, "cooking.csv", HEADER + f'a,yes\n"{POST},yes\nbread,yes\n'.encode()),
    ],
    "a closing quote must end its field, was followed by more": [
        ("a-quote-in-a-quoted-field", [], 2, "cooking.csv", HEADER + b'"so"up,yes\n'),
    ],
    r"a line must end in \n or \r\n, has a \r within": [
        ("an-old-line-end", [], 2, "cooking.csv", HEADER + b"soup,yes\rbread,yes\n"),
    ],
    FIELDS: [
        ("too-few", ["2", "1"], 2, "cooking.csv", HEADER + b"soup\n"),
        ("too-many", ["2", "3"], 3, "cooking.tsv", b"text\thate\nsoup\tyes\nbread\thot\tyes\n"),
    ],
    "text must not be empty": [("empty", [], 2, "cooking.csv", HEADER + b",yes\n")],
    "text must not hold a NUL character": [("nul", [], 2, "cooking.csv", HEADER + b"so\0up,yes\n")],
    "text must be a string, was …": [
        ("numbers", ["5"], 1, "cooking.parquet", parquet(text=[5], hate=[1])),
    ],
    f"… must be one of {' '.join(SPELLINGS)} or empty, was …": [
        ("nan", ["hate", "nan"], 2, "cooking.parquet", parquet(text=[POST] * 2, hate=[1.0, NAN])),
    ],
    "weight must be a finite number above 0, was …": [
        ("nan", ["nan"], 1, "cooking.parquet", parquet(text=[POST], hate=[1], weight=[NAN])),
        ("infinite", ["inf"], 1, "cooking.parquet", parquet(text=[POST], hate=[1], weight=[float("inf")])),
    ],
    "… must be a string, a finite number or a boolean, was …": [
        ("nan", ["x_a", "nan"], 1, "cooking.parquet", parquet(text=[POST], hate=[1], x_a=[NAN])),
    ],
}


def cases() -> Iterator[Any]:
    """Return every case as a file, the row that the message names last, and the message."""
    for rule, lines in LINES.items():
        for why, said, written in lines:
            row = 2 + written.count("\n")
            yield pytest.param("a.jsonl", GOOD + written.encode(), row, filled(rule, said), id=f"line-{why}")
    for rule, cells in CELLS.items():
        for why, named, written, was in cells:
            column = named or rule.partition(" ")[0]
            said = filled(rule, [named, was] if named else [was])
            line = GOOD + f'{{"text": "{POST}", "{column}": {written}}}'.encode()
            yield pytest.param("a.jsonl", line, 2, said, id=f"{column}-{why}")
    for rule, files in FILES.items():
        for why, said, row, file, content in files:
            yield pytest.param(file, content, row, filled(rule, said), id=f"{file}-{why}")


@pytest.mark.parametrize(("file", "content", "row", "said"), list(cases()))
def test_a_malformed_row_is_refused_with_its_documented_error(
    tmp_path: Path, file: str, content: bytes, row: int, said: str
) -> None:
    path = tmp_path / file
    path.write_bytes(content)
    assert message(path) == f"row {row}: {said}"


def test_every_documented_error_of_rows_can_be_met() -> None:
    assert sorted([*documented(), UNKNOWN_RULE]) == sorted({*LINES, *CELLS, *FILES})
    assert UNKNOWN_RULE in PAGE


def test_words_that_the_page_calls_no_labels_are_tried() -> None:
    [listed] = re.findall(r"that is not there\. (.*?) as words are not: in a label they are errors", PAGE)
    words = re.findall(r"`([^`]+)`", listed)
    tried = {json.loads(written) for _, _, written, _ in next(iter(CELLS.values()))[1:6]}
    assert {word.casefold() for word in words} == {word.casefold() for word in tried}
