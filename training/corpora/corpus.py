"""What every corpus answers, and how its native files are read."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tocsin.errors import CorpusError
from tocsin.example import Example, Label

__all__ = [
    "GITHUB",
    "Corpus",
    "CorpusFile",
    "csv_rows",
    "flag",
    "read_csv",
    "read_json",
    "read_json_lines",
    "shown",
    "sign",
    "utf8_text",
]

GITHUB: Final = "https://raw.githubusercontent.com"

_FIELD_LIMIT = 1 << 20
_LONGEST_SHOWN = 30
_LONE_RETURN = re.compile(r"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """Name one file of a corpus: its size in bytes, its SHA-256, and where it can be downloaded.

    `url` is None where nobody publishes the very file: then it must be put in place by hand.
    """

    name: str
    size: int
    sha256: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """Describe one labelled corpus and how its files become examples.

    `files` stand in the corpus's folder; `origin` is the page that publishes them. `read` takes that
    folder and yields every row in file order. `test_only` corpora never reach training, calibration
    or thresholds. A corpus that is not `by_default` is read only where it is asked for by name.
    """

    name: str
    title: str
    licence: str
    language: str
    origin: str
    files: tuple[CorpusFile, ...]
    read: Callable[[Path], Iterator[Example]]
    test_only: bool = False
    by_default: bool = True

    def paths(self, data: Path) -> tuple[Path, ...]:
        """Return where the corpus's files stand below the data folder `data`."""
        return tuple(data / self.name / file.name for file in self.files)

    def examples(self, data: Path) -> Iterator[Example]:
        """Yield every row below the data folder `data`; raise CorpusError where a file is missing."""
        self.require(data)
        yield from self.read(data / self.name)

    def is_there(self, data: Path) -> bool:
        """Say whether every file stands below the data folder `data`."""
        return all(path.is_file() for path in self.paths(data))

    def require(self, data: Path) -> None:
        """Raise CorpusError where a file is missing below the data folder `data`."""
        for path in self.paths(data):
            if not path.is_file():
                raise CorpusError(f"{self.name}: file {path.name} is missing from {path.parent}")


def sign(*, positive: bool) -> Label:
    """Return the gold label for a yes or a no."""
    return Label.POSITIVE if positive else Label.NEGATIVE


def shown(value: str) -> str:
    """Return `value` for an error message, unless it is so long that it may be somebody's post."""
    return repr(value) if len(value) <= _LONGEST_SHOWN else f"{len(value)} characters"


def flag(row: Mapping[str, str], column: str, place: str) -> bool:
    """Return what a column of zeros and ones says; `place` names the file and row in the error."""
    if row[column] not in {"0", "1"}:
        raise CorpusError(f"{place}: {column} must be 0 or 1, was {shown(row[column])}")
    return row[column] == "1"


def read_csv(
    path: Path, columns: tuple[str, ...], delimiter: str = ",", *, quoted: bool = True
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield what `csv_rows` finds in a UTF-8 file."""
    yield from csv_rows(_text(path), path.name, columns, delimiter, quoted=quoted)


def csv_rows(
    text: str, name: str, columns: tuple[str, ...], delimiter: str = ",", *, quoted: bool = True
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield 1-based row numbers (the header not counted) and the fields of the CSV file called `name`.

    Every field is kept as it is written: "None" and "NA" are words; where the file is not `quoted`,
    quotation marks are characters like any other. Raises CorpusError where a column is missing or
    a row has another number of fields than the header.
    """
    csv.field_size_limit(_FIELD_LIMIT)
    rows = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        strict=True,
    )
    try:
        header = next(rows, [])
        missing = [column for column in columns if column not in header]
        if missing:
            raise CorpusError(f"{name}: column {missing[0]!r} is missing from its {len(header)} columns")
        for number, fields in enumerate(rows, start=1):
            if len(fields) != len(header):
                raise CorpusError(f"{name}, row {number}: must have {len(header)} fields, had {len(fields)}")
            yield number, dict(zip(header, fields, strict=True))
    except csv.Error as error:
        raise CorpusError(f"{name}, near line {rows.line_num}: {error}") from error


def read_json_lines(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield 1-based line numbers and the objects of a JSON Lines file."""
    for number, line in enumerate(io.StringIO(_text(path)), start=1):  # a line ends at "\n" and nowhere else
        row = _decoded(path, line, number)
        missing = [name for name in columns if name not in row]
        if missing:
            raise CorpusError(f"{path.name}, row {number}: key {missing[0]!r} is missing")
        yield number, row


def read_json(path: Path, key: str) -> Any:
    """Return what stands under `key` in a JSON file."""
    document = _decoded(path, _text(path), 1)
    if key not in document:
        raise CorpusError(f"{path.name}: key {key!r} is missing")
    return document[key]


def utf8_text(content: bytes, name: str) -> str:
    """Return what the file called `name` says, without its byte order mark, its lines ended by line feeds.

    A carriage return alone ends no line: it stands within somebody's post, and becomes a blank
    because a CSV reader would end the row there.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{name}: must be UTF-8, was not at byte {error.start}") from error
    return _LONE_RETURN.sub(" ", text).replace("\r\n", "\n")


def _text(path: Path) -> str:
    return utf8_text(path.read_bytes(), path.name)


def _decoded(path: Path, text: str, row: int) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise CorpusError(f"{path.name}, row {row}: must be JSON: {error}") from error
    if not isinstance(document, dict):
        raise CorpusError(f"{path.name}, row {row}: must be a JSON object, was {type(document).__name__}")
    return document
