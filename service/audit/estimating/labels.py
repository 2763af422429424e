"""The answers that people gave: read from the file that they filled in, and matched to the sample."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.errors import InputError, MalformedRowError
from tocsin.service.audit.sampling.writing import LABEL
from tocsin.service.scan.display import cut, reveal
from tocsin.service.scan.input import inputs_from
from tocsin.service.scan.limits import Limits
from tocsin.service.scan.read_jsonl import read_objects

__all__ = ["Answer", "Answers", "Wanted", "read_answers", "with_copies"]

_SHOWN: Final = 60
_DELIMITERS: Final = (",", ";", "\t")  # spreadsheets write what their country is used to
_RECORD_BYTES: Final = 8 * 1024 * 1024


class Answer(IntEnum):
    """Say what somebody answered for one policy."""

    NONE = -1  # not labelled
    NO = 0
    YES = 1
    UNSURE = 2


_SAID: Final[Mapping[object, Answer]] = {
    "": Answer.NONE,
    None: Answer.NONE,
    **dict.fromkeys(("1", "yes", "y", "true", "1.0", True, 1), Answer.YES),
    **dict.fromkeys(("0", "no", "n", "false", "0.0", False, 0), Answer.NO),
    **dict.fromkeys(("unsure", "?"), Answer.UNSURE),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Hold what the sample drew: the rows that may be labelled.

    `copies` are ``(copies, 2)`` numbers of rows: the first of a pair has the label of the second, unless it
    has one of its own.
    """

    ids: Sequence[str]
    source: NDArray[np.int64]
    place: NDArray[np.int64]
    copies: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 2), np.int64))


@dataclass(frozen=True, slots=True)
class Answers:
    """Hold an answer for each row of the sample and each policy that has a column, ``(rows, policies)``."""

    policies: tuple[str, ...]
    given: NDArray[np.int8]


def read_answers(path: Path, policies: Sequence[str], wanted: Wanted) -> Answers:
    """Return the answers in a CSV or JSON Lines file.

    Rows are matched by `source` and `place`, or by `id` where the file has no such columns. What is empty is
    not labelled. Raises InputError, naming the file, where it cannot be read or has no column of labels, and
    MalformedRowError, naming the row, where it is not of the sample, comes twice, or says something else.
    """
    records = _READERS.get(path.suffix.lower(), _csv)(path)
    matching, given = _Matching(wanted), np.full((len(wanted.ids), len(policies)), Answer.NONE, np.int8)
    found: set[str] = set()
    for row, fields in records:
        try:
            place = matching.place(fields, row)
            for number, name in enumerate(policies):
                if LABEL + name in fields:
                    found.add(name)
                    given[place, number] = _answer(LABEL + name, fields[LABEL + name])
        except ValueError as error:
            raise MalformedRowError(str(path), row, str(error)) from None
    if not found:
        raise InputError(
            f"{path}: must have a column {LABEL}NAME for one of {', '.join(map(reveal, policies))}"
        )
    there = [number for number, name in enumerate(policies) if name in found]
    told = with_copies(given[:, there], wanted.copies)
    return Answers(tuple(policies[number] for number in there), told)


def with_copies(given: NDArray[np.int8], copies: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return ``(rows, policies)`` answers where a copy without one has that of the row it is a copy of."""
    row, of = copies.T
    told = given.copy()
    told[row] = np.where(given[row] == Answer.NONE, given[of], given[row])
    return told


class _Matching:
    """Find the row of the sample that a row of the file is about."""

    def __init__(self, wanted: Wanted) -> None:
        self._ids = wanted.ids
        keys = zip(wanted.source.tolist(), wanted.place.tolist(), strict=True)
        self._places = {key: number for number, key in enumerate(keys)}
        self._named: dict[str, list[int]] = {}
        for number, name in enumerate(wanted.ids):
            self._named.setdefault(name, []).append(number)
        self._taken: dict[int, int] = {}

    def place(self, fields: Mapping[str, Any], row: int) -> int:
        """Return its number; raise ValueError where there is none, or another row has it."""
        number = self._by_place(fields) if {"source", "place"} <= fields.keys() else self._by_id(fields)
        if number in self._taken:
            raise ValueError(f"a row of the sample must come once, came in row {self._taken[number]} too")
        self._taken[number] = row
        return number

    def _by_place(self, fields: Mapping[str, Any]) -> int:
        try:
            key = (_whole(fields["source"]), _whole(fields["place"]))
        except (ValueError, OverflowError):  # what is infinite is no whole number either
            raise ValueError("'source' and 'place' must be whole numbers") from None
        if key not in self._places:
            raise ValueError(f"source {key[0]}, place {key[1]} must be a row of the sample, is none")
        number = self._places[key]
        if "id" in fields and not _same(fields["id"], self._ids[number]):
            raise ValueError("'id' must be that of the row at this source and place, is another's")
        return number

    def _by_id(self, fields: Mapping[str, Any]) -> int:
        if "id" not in fields:
            raise ValueError("a row must have 'source' and 'place', or an 'id'")
        found = self._named.get(_text(fields["id"]), [])
        if len(found) != 1:
            why = "is none" if not found else f"is that of {len(found)} rows: add 'source' and 'place'"
            raise ValueError(f"'id' must be that of one row of the sample, {why}")
        return found[0]


def _answer(column: str, value: object) -> Answer:
    told = value.strip().lower() if isinstance(value, str) else value
    try:
        return _SAID[told]
    except (KeyError, TypeError):
        raise ValueError(f"{reveal(cut(column, _SHOWN))!r} must be yes, no, unsure or empty") from None


def _whole(value: object) -> int:
    number = float(str(value))
    if number != int(number):
        raise ValueError
    return int(number)


def _same(told: object, known: str) -> bool:
    """Say whether an id is the same, also where a spreadsheet took it for a number or a formula."""
    text = _text(told)
    if text in {known, f"'{known}"}:
        return True
    try:
        return float(text) == float(known) or f"{float(known):.5e}" == f"{float(text):.5e}"
    except ValueError:
        return False


def _text(value: object) -> str:
    return str(value) if not isinstance(value, str) else value


def _jsonl(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    (source,) = inputs_from([str(path)])
    for read in read_objects(source, Limits(record_bytes=_RECORD_BYTES), lambda _: None):
        if isinstance(read, MalformedRowError):
            raise read
        yield read


def _csv(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            # The module's limit is global and would cut long texts: only ever raise it.
            csv.field_size_limit(max(csv.field_size_limit(), _RECORD_BYTES))
            header = stream.readline()
            delimiter = max(_DELIMITERS, key=header.count)
            stream.seek(0)
            yield from _records(path, csv.reader(stream, delimiter=delimiter, strict=True))
    except OSError as error:
        raise InputError(f"{path}: must be readable: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: text must be UTF-8: save it as 'CSV UTF-8'") from error


def _records(path: Path, reader: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    names: list[str] | None = None
    try:
        for fields in reader:
            if names is None:
                names = fields
            elif fields and any(fields):
                if len(fields) != len(names):
                    why = f"a record must have as many fields as the header, {len(names)}, was {len(fields)}"
                    raise MalformedRowError(str(path), reader.line_num, why)
                yield reader.line_num, dict(zip(names, fields, strict=True))
    except csv.Error as error:
        raise MalformedRowError(str(path), reader.line_num, str(error)) from None


_READERS: Final = {".jsonl": _jsonl, ".ndjson": _jsonl, ".json": _jsonl}
