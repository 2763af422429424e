import re
from pathlib import Path

import pytest

from tocsin.service.audit.estimating.records import (
    CutRecord,
    EstimatesRecord,
    FigureRecord,
    Figures,
    LevelRecord,
    PolicyEstimates,
    SliceRecord,
)
from tocsin.service.audit.record import Record
from tocsin.service.audit.sampling.design import DesignRecord, GroupRecord, PolicyRecord, StratumRecord

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "reference" / "audit.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize(
    ("section", "record"),
    [
        ("The sample", DesignRecord),
        ("Estimates", EstimatesRecord),
        ("Estimates", PolicyEstimates),
    ],
)
def test_every_field_has_a_line_of_its_own(section: str, record: type[Record]) -> None:
    lines = re.findall(r"^\| `(\w+)` \|", SECTIONS[section], re.MULTILINE)

    assert set(record.model_fields) <= set(lines)


@pytest.mark.parametrize(
    ("section", "record"),
    [
        ("The sample", PolicyRecord),
        ("The sample", GroupRecord),
        ("The sample", StratumRecord),
        ("Estimates", LevelRecord),
        ("Estimates", CutRecord),
        ("Estimates", SliceRecord),
        ("Estimates", Figures),
        ("Estimates", FigureRecord),
    ],
)
def test_every_field_within_is_named(section: str, record: type[Record]) -> None:
    assert set(record.model_fields) <= set(re.findall(r"`(\w+)`", SECTIONS[section]))
