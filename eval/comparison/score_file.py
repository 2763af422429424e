"""Scores that another classifier gave to rows, by their ids."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from tocsin.errors import InputError, MalformedRowError
from tocsin.signals import Signal

__all__ = ["ScoreFile", "read_score_file"]

_ID: Final = "id"
_SCORE: Final = "score"
_SIGNALS: Final = "signals"  # where assessments hold theirs
_COLUMNS: Final = (_SCORE, *(signal.value for signal in Signal))
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_LONGEST_TOLD: Final = 40

Record = tuple[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ScoreFile:
    """Hold the scores that `name` gave: by signal, and by the id of the row; larger is more positive.

    They need not be probabilities: a ranking is enough. A row that it did not score is NaN or not there.
    """

    name: str
    scores: Mapping[Signal, Mapping[str, float]]


def read_score_file(path: Path, name: str | None = None) -> ScoreFile:
    """Return the scores of a file, named after it where no name is given.

    Reads .csv, .tsv and .jsonl: an `id` and a column for each signal, or one `score` that stands for every
    signal; JSON Lines may be assessments as `tocsin scan` writes them. An empty cell or null is a row
    without a score. Raises InputError where the file breaks these rules, MalformedRowError with the row.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise InputError(f"a file of scores must be {', '.join(_READERS)}; was {path.name!r}")
    found: dict[str, Mapping[str, float]] = {}
    try:
        for number, record in read(path):
            identity, scores = _row(record, path.name, number)
            if identity in found:
                why = f"an {_ID} must stand once, {_told(identity)} stands twice"
                raise MalformedRowError(path.name, number, why)
            found[identity] = scores
    except (OSError, UnicodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not found:
        raise InputError(f"{path}: must hold at least one row of scores, had none")
    columns = {column for scores in found.values() for column in scores}
    signals = [signal for signal in Signal if columns & {signal.value, _SCORE}]
    return ScoreFile(name or path.stem, {signal: _column(found, columns, signal) for signal in signals})


def _column(
    found: Mapping[str, Mapping[str, float]], columns: set[str], signal: Signal
) -> Mapping[str, float]:
    """Return the scores of one signal: its own column's, else those that stand for every signal."""
    column = signal.value if signal.value in columns else _SCORE
    return {identity: scores.get(column, math.nan) for identity, scores in found.items()}


def _row(record: Mapping[str, Any], source: str, number: int) -> tuple[str, Mapping[str, float]]:
    identity = record.get(_ID)
    if isinstance(identity, bool) or not isinstance(identity, str | int) or not str(identity).strip():
        why = f"{_ID} must be a string that is not empty, was {_told(identity)}"
        raise MalformedRowError(source, number, why)
    told = record.get(_SIGNALS, record)
    if not isinstance(told, Mapping):
        raise MalformedRowError(source, number, f"{_SIGNALS} must be an object, was {type(told).__name__}")
    named = [column for column in _COLUMNS if column in told]
    if not named:
        raise MalformedRowError(
            source, number, f"a row must have a score: one of {', '.join(_COLUMNS)}; had none of them"
        )
    try:
        return str(identity).strip(), {column: _number(column, told[column]) for column in named}
    except ValueError as error:
        raise MalformedRowError(source, number, str(error)) from None


def _number(column: str, value: object) -> float:
    """Return a score, NaN for an empty cell; raise ValueError for what is no finite number."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return math.nan
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{column} must be a finite number or empty, was {_told(value)}")
    return float(value)


def _told(value: object) -> str:
    """Return a value as errors may show it: one short word at most, for any other may be a row's text."""
    shown = repr(value)
    if len(shown) <= _LONGEST_TOLD and not any(map(str.isspace, str(value).strip())):
        return shown
    return f"a {type(value).__name__} of {len(str(value))} characters"


def _table(path: Path, delimiter: str) -> Iterator[Record]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=delimiter, strict=True)
        head = [cell.strip() for cell in next(rows, [])]
        _require(head, path)
        for number, row in enumerate(rows, start=1):
            if len(row) not in {0, len(head)}:
                why = f"must have {len(head)} cells like the header, had {len(row)}"
                raise MalformedRowError(path.name, number, why)
            if row:
                yield number, dict(zip(head, row, strict=True))


def _require(head: Sequence[str], path: Path) -> None:
    if not head:
        raise InputError(f"{path}: must begin with a line of column names, was empty")
    if len(set(head)) < len(head):
        raise InputError(f"{path}: column names must differ, {_named(head)}")
    if _ID not in head or not set(head) & set(_COLUMNS):
        raise InputError(
            f"{path}: must have the column {_ID} and at least one of {', '.join(_COLUMNS)}; {_named(head)}"
        )


def _named(head: Sequence[str]) -> str:
    """Return what a first line has; not as it is, for without names it is a row, and its text in it."""
    known = [name for name in dict.fromkeys(head) if name in {_ID, *_COLUMNS}]
    return f"had {len(head)} columns, of these {', '.join(known) or 'none'}"


def _lines(path: Path) -> Iterator[Record]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line.decode("utf-8"))
            except (ValueError, RecursionError) as error:
                why = f"must be a JSON object, was none: {type(error).__name__}"
                raise MalformedRowError(path.name, number, why) from None
            if not isinstance(record, dict):
                why = f"must be a JSON object, was {type(record).__name__}"
                raise MalformedRowError(path.name, number, why)
            yield number, record


_READERS: Final[Mapping[str, Callable[[Path], Iterator[Record]]]] = {
    ".csv": partial(_table, delimiter=","),
    ".tsv": partial(_table, delimiter="\t"),
    ".jsonl": _lines,
}
