"""What is written of an audit's folder is what is there."""

import re
from pathlib import Path

import pytest

from tocsin.service.audit.columns import SchemaRecord
from tocsin.service.audit.layout import AuditLayout, PartName
from tocsin.service.audit.manifest import (
    FORMAT,
    Counts,
    InputRecord,
    Manifest,
    ModelRecord,
    PolicyRecord,
    SettingsRecord,
)
from tocsin.service.audit.schema import AskedSchema
from tocsin.service.audit.units import PART_CHARACTERS
from tocsin.service.scan import CellKind

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "audit.md").read_text("utf-8")


def table(heading: str) -> dict[str, str]:
    """Return the rows of the table whose first line says `heading`, by what their first cell names."""
    rows = PAGE.partition(f"{heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [row.strip("| ").split(" | ", 1) for row in rows]
    return {name.strip("`"): told for name, told in cells}


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        pytest.param("| field", list(Manifest.model_fields), id="the manifest"),
        pytest.param("| field of `counts`", list(Counts.model_fields), id="its counts"),
        pytest.param("| key", list(AskedSchema.model_fields), id="the schema file"),
    ],
)
def test_every_field_is_described_in_its_order(heading: str, fields: list[str]) -> None:
    assert list(table(heading)) == fields


@pytest.mark.parametrize(
    ("field", "record"),
    [
        ("model", ModelRecord),
        ("policy", PolicyRecord),
        ("inputs", InputRecord),
        ("columns", SchemaRecord),
        ("settings", SettingsRecord),
    ],
)
def test_every_part_of_a_field_is_named(field: str, record: type[Manifest]) -> None:
    assert set(record.model_fields) <= set(re.findall(r"`(\w+)`", table("| field")[field]))


def test_every_kind_of_cell_has_its_type() -> None:
    assert [name.partition("`")[0] for name in table("| kind")] == list(CellKind)


def test_files_and_numbers_are_those_of_the_code(tmp_path: Path) -> None:
    layout = AuditLayout(tmp_path)
    part = PartName(0, 0)
    for path in (layout.manifest, layout.journal, layout.lock):
        assert f"`{path.relative_to(tmp_path)}`" in PAGE
    for path in (layout.scored_part(part), layout.rejects_part(part)):
        assert re.sub(r"0{6}-0{6}", "SSSSSS-NNNNNN", str(path.relative_to(tmp_path))) in PAGE
    assert f"| `format` | {FORMAT};" in PAGE
    assert f"{PART_CHARACTERS:,} characters" in PAGE
