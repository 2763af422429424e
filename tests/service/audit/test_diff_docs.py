"""What is written of a diff's files is what is there."""

import re
from pathlib import Path

import pytest

from tocsin.service.audit.diffing.layout import DiffLayout
from tocsin.service.audit.diffing.records import (
    FORMAT,
    CutRecord,
    DifferenceRecord,
    DiffRecord,
    FlaggedRecord,
    MoveRecord,
    PolicyDiff,
    SampleRecord,
    ScoresRecord,
    SideRecord,
    SliceRecord,
    StatusRecord,
    StratumRecord,
)
from tocsin.service.audit.diffing.scores import STEPS
from tocsin.service.audit.diffing.states import State
from tocsin.service.audit.record import Record

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "reference" / "audit.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Two audits compared\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("record", [DiffRecord, PolicyDiff])
def test_every_field_has_a_line_of_its_own(record: type[Record]) -> None:
    lines = re.findall(r"^\| `(\w+)` \|", SECTION, re.MULTILINE)
    start = lines.index(next(iter(record.model_fields)))

    assert lines[start : start + len(record.model_fields)] == list(record.model_fields)


@pytest.mark.parametrize(
    "record",
    [
        CutRecord,
        DifferenceRecord,
        FlaggedRecord,
        MoveRecord,
        SampleRecord,
        ScoresRecord,
        SideRecord,
        SliceRecord,
        StatusRecord,
        StratumRecord,
    ],
)
def test_every_field_within_is_named(record: type[Record]) -> None:
    assert set(record.model_fields) <= set(re.findall(r"`(\w+)`", SECTION))


def test_files_states_and_numbers_are_those_of_the_code(tmp_path: Path) -> None:
    layout = DiffLayout(tmp_path)
    for path in (layout.diff, layout.flips):
        assert f"`{path.name}`" in SECTION
    assert set(State) <= set(re.findall(r"`(\w+)`", SECTION))
    assert f"| `format` | {FORMAT};" in SECTION
    assert f"steps of {1 / STEPS:.5f}" in SECTION
