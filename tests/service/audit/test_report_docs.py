"""Every field of a report is described, in its order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.record import Record
from tocsin.service.audit.reporting.counting import DAYS
from tocsin.service.audit.reporting.cutting import BINS
from tocsin.service.audit.reporting.records import (
    CutRecord,
    InputRecord,
    LanguageRecord,
    LevelRecord,
    MissingRecord,
    Period,
    PeriodRecord,
    ReportRecord,
    SampleRecord,
    ScoresRecord,
    SliceRecord,
    TimeRecord,
)

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "reference" / "audit.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## The report\n")[2].partition("\n## ")[0]


def fields(heading: str) -> list[str]:
    """Return what the first cells of a table name."""
    table = SECTION.partition(f"{heading} | what |\n")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "record"), [("| field", ReportRecord), ("| field of `scores`", ScoresRecord)]
)
def test_every_field_has_a_line_of_its_own_in_order(heading: str, record: type[Record]) -> None:
    assert fields(heading) == list(record.model_fields)


@pytest.mark.parametrize(
    "record",
    [
        CutRecord,
        InputRecord,
        LanguageRecord,
        LevelRecord,
        MissingRecord,
        PeriodRecord,
        SampleRecord,
        SliceRecord,
        TimeRecord,
    ],
)
def test_every_field_within_is_named(record: type[Record]) -> None:
    assert set(record.model_fields) <= set(re.findall(r"`(\w+)`", SECTION))


def test_files_and_numbers_are_those_of_the_code(tmp_path: Path) -> None:
    layout = AuditLayout(tmp_path)

    assert all(f"| `{path.name}` |" in PAGE for path in (layout.report, layout.report_json))
    assert f"in {BINS} bins" in SECTION
    assert all(f"`{period}`" in SECTION for period in Period)
    decision = (DOCS / "decisions" / "0020-audits.md").read_text(encoding="utf-8")
    assert f"{DAYS:,} numbers" in decision
