"""Nothing is lost: whatever the bytes, every record is either judged or reported."""

import io
import sys
from contextlib import suppress
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.errors import InputError, MalformedRowError
from tocsin.item import Item
from tocsin.service.scan import (
    Columns,
    Format,
    Judged,
    Limits,
    Outcome,
    Row,
    Tally,
    inputs_from,
    judge_rows,
    read_rows,
)
from tocsin.service.scan.testing import WordAssessor

LIMITS = Limits(record_bytes=40)
PIECES = st.sampled_from(
    [
        *(b"soup", b'"', b'""', b",", b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xc3\xa9", b"\xed\xa0\x80"),
        *(b'{"text": "soup"}', b'{"text": null, "id": 3}', b"{", b"[[", b"\\ud800", b"NaN", b"x" * 30, b" "),
    ]
)
BODIES = st.lists(PIECES | st.binary(max_size=6)).map(b"".join)
SETTINGS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300
)


def outcomes_of(patch: pytest.MonkeyPatch, data: bytes, layout: Format) -> list[Outcome]:
    patch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    rows = read_rows(inputs_from(["-"], layout), Columns(), LIMITS)
    return list(judge_rows(rows, WordAssessor({})))


def places_of(outcomes: list[Outcome]) -> list[tuple[int, int]]:
    """Return the first and the last line of each rejection, and the line of each item."""
    return [
        (int(outcome.item.id),) * 2
        if isinstance(outcome, Judged)
        else (outcome.row, outcome.last_row or outcome.row)
        for outcome in outcomes
    ]


@SETTINGS
@given(body=BODIES)
def test_every_line_of_text_has_one_outcome(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    # A first line keeps chance from making a byte order mark.
    data = b"menu\n" + body
    lines = data.count(b"\n") + (not data.endswith(b"\n"))

    assert places_of(outcomes_of(monkeypatch, data, Format.TXT)) == [
        (row, row) for row in range(1, lines + 1)
    ]


@SETTINGS
@given(body=BODIES)
def test_every_line_of_json_has_one_outcome(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    data = b"menu\n" + body
    filled = [
        number
        for number, line in enumerate(data.split(b"\n"), start=1)
        if line.strip() or len(line) > LIMITS.record_bytes
    ]
    outcomes = outcomes_of(monkeypatch, data, Format.JSONL)
    tally = Tally()
    for outcome in outcomes:
        tally.count(outcome)

    rejected = [outcome for outcome in outcomes if isinstance(outcome, MalformedRowError)]
    assert tally.rows == len(outcomes) == len(filled)
    assert tally.rejected == len(rejected)
    assert {row.row for row in rejected} <= set(filled)


@SETTINGS
@given(body=BODIES)
def test_every_line_of_csv_belongs_to_one_record(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    data = b"text,dish\n" + body
    places = places_of(outcomes_of(monkeypatch, data, Format.CSV))
    lines = data.split(b"\n")
    claimed = [line for first, last in places for line in range(first, last + 1)]
    starts = [first for first, _ in places]

    assert starts == sorted(set(starts))
    assert claimed == sorted(set(claimed))
    # What no record begins on or claims is blank, or continues the quoted text of the record above.
    for number in set(range(2, len(lines) + 1)) - set(claimed):
        assert not lines[number - 1].strip(b"\r") or any(first < number for first in starts)


@SETTINGS
@given(
    data=st.binary(max_size=60), layout=st.sampled_from([Format.TXT, Format.JSONL, Format.CSV, Format.TSV])
)
def test_arbitrary_bytes_raise_nothing_but_input_errors(
    monkeypatch: pytest.MonkeyPatch, data: bytes, layout: Format
) -> None:
    with suppress(InputError):
        outcomes_of(monkeypatch, data, layout)


@SETTINGS
@given(body=BODIES)
def test_what_reaches_the_scorer_can_be_written(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"text,id\n" + body)))
    rows: list[Row] = list(read_rows(inputs_from(["-"], Format.CSV), Columns(), LIMITS))

    assert all((row.id + row.text).encode() for row in rows if isinstance(row, Item))
