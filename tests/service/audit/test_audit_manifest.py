import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.assessment import Tier
from tocsin.errors import InputError
from tocsin.service.audit import (
    AuditLayout,
    CellKind,
    ColumnRecord,
    Counts,
    InputRecord,
    Manifest,
    SchemaRecord,
    SettingsRecord,
)
from tocsin.service.audit.layout import PartName
from tocsin.service.audit.manifest import ModelRecord, PolicyRecord, read_manifest, write_manifest
from tocsin.service.scan.format import Format

STARTED = datetime(2031, 5, 17, 9, 0, tzinfo=UTC)
COUNTS = Counts(
    read=10,
    scored=7,
    unscorable={"empty": 2},
    rejected=1,
    levels={"none": 6, "urgent": 1},
    policies={"appeal": {"none": 6, "urgent": 1}},
    tiers={"screen": 7},
)


def manifest(**others: object) -> Manifest:
    told = {
        "tocsin": "0.1.0",
        "model": ModelRecord(name="toy", version="1", digest="sha256:0"),
        "policy": PolicyRecord(version="1", digest="sha256:1", names=("appeal",)),
        "tier": Tier.SCREEN,
        "inputs": (
            InputRecord(
                name="soup.csv",
                place="/soup.csv",
                format=Format.CSV,
                compression=None,
                size=7,
                modified_ns=1,
                etag=None,
            ),
        ),
        "columns": SchemaRecord(
            slices=(ColumnRecord(name="language", column="slice_language", kind=CellKind.STRING),)
        ),
        "settings": SettingsRecord(
            assume_language="en",
            max_characters=100,
            loss=None,
            check=0.01,
            refit=None,
            spans=False,
            record_bytes=1,
            expansion=1,
            part_rows=5,
        ),
        "started": STARTED,
        **others,
    }
    return Manifest.model_validate(told)


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    layout = AuditLayout(tmp_path)
    written = manifest(finished=STARTED, counts=COUNTS, seconds=1.5)

    write_manifest(layout, written)

    assert read_manifest(layout) == written
    assert [path.name for path in tmp_path.iterdir()] == ["audit.json"]


def test_a_folder_without_a_manifest_is_no_audit(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be a folder that 'tocsin audit run' wrote"):
        read_manifest(AuditLayout(tmp_path))


def test_an_audit_that_is_not_complete_is_read_only_where_asked_for(tmp_path: Path) -> None:
    layout = AuditLayout(tmp_path)
    write_manifest(layout, manifest())

    assert read_manifest(layout, finished=False).finished is None
    with pytest.raises(InputError, match=r"audit\.json: the run must be complete, is not"):
        read_manifest(layout)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"format": 2}, r"audit\.json: format: ", id="a format of another time"),
        pytest.param({"colour": "red"}, r"audit\.json: colour: ", id="an unknown key"),
        pytest.param({"inputs": []}, r"audit\.json: inputs: ", id="no input"),
        pytest.param({"counts": {"read": 3}}, "must make 3 read, make 0", id="counts that do not add up"),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_file_and_key(
    change: dict[str, object], said: str, tmp_path: Path
) -> None:
    layout = AuditLayout(tmp_path)
    told = json.loads(manifest(finished=STARTED).to_json()) | change
    layout.manifest.write_text(json.dumps(told), encoding="utf-8")

    with pytest.raises(InputError, match=said):
        read_manifest(layout)


def test_what_is_no_json_is_named_with_its_file(tmp_path: Path) -> None:
    layout = AuditLayout(tmp_path)
    layout.manifest.write_bytes(b"\xff{")

    with pytest.raises(InputError, match=r"audit\.json: the file: "):
        read_manifest(layout)


def test_counts_of_parts_add_up() -> None:
    assert Counts.total([COUNTS, COUNTS, Counts()]) == Counts(
        read=20,
        scored=14,
        unscorable={"empty": 4},
        rejected=2,
        levels={"none": 12, "urgent": 2},
        policies={"appeal": {"none": 12, "urgent": 2}},
        tiers={"screen": 14},
    )


def test_parts_are_listed_in_the_order_of_inputs_and_rows_and_nothing_else_is(tmp_path: Path) -> None:
    layout = AuditLayout(tmp_path)
    layout.scored.mkdir()
    parts = [PartName(0, 0), PartName(0, 1), PartName(2, 0), PartName(10, 3), PartName(1_000_000, 0)]
    for part in reversed(parts):
        layout.scored_part(part).touch()
    (layout.scored / ".part-000000-000002.parquet.ab.part").touch()
    (layout.scored / "notes.txt").touch()

    assert layout.scored_parts() == [layout.scored_part(part) for part in parts]
    assert layout.rejects_parts() == []
