import csv
import gzip
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tocsin.assessment import Assessment
from tocsin.errors import InputError, LimitError, ScoringError
from tocsin.item import Item
from tocsin.service.audit import AuditLayout, Manifest
from tocsin.service.audit.engine import SerialEngine
from tocsin.service.audit.manifest import read_manifest
from tocsin.service.audit.run import run_audit
from tocsin.service.audit.schema import AskedSchema
from tocsin.service.audit.testing import WORDS, Silent, Toy, rows_of, toy_plan, toy_posts, write_posts
from tocsin.service.scan.testing import WordAssessor

POSTS = toy_posts(35)
SLICED = Toy(AskedSchema(slices={"place": None, "stars": None}, weight="views"))


def audit(
    out: Path, inputs: Sequence[Path | str], toy: Toy = SLICED, watcher: Silent | None = None
) -> Manifest:
    return run_audit(toy_plan(out, inputs, toy), SerialEngine(), watcher or Silent())


def write(path: Path) -> Path:
    """Write the posts in the format that the path's suffixes say."""
    lines = "".join(json.dumps(post) + "\n" for post in POSTS).encode()
    if path.name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(POSTS), path, row_group_size=8)
    elif ".jsonl" in path.name:
        packers: dict[str, Any] = {".gz": gzip.compress, ".zst": zstandard.compress}
        path.write_bytes(packers.get(path.suffix, bytes)(lines))
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(POSTS[0]), delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(POSTS)
    return path


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz", "p.jsonl.zst", "p.csv", "p.tsv", "p.parquet"])
def test_every_row_of_every_format_comes_out_in_order_with_what_travels(tmp_path: Path, name: str) -> None:
    manifest = audit(tmp_path / "out", [write(tmp_path / name)])

    rows = rows_of(tmp_path / "out")
    text = name.endswith("sv")
    first = 2 if text else 1
    assert [row["id"] for row in rows] == [post["id"] for post in POSTS]
    assert [row["place"] for row in rows] == list(range(first, first + 35))
    assert {row["source"] for row in rows} == {0}
    # The place of an audit's row has the name already, so that of the posts is told apart.
    assert [row["slice_place"] or None for row in rows] == [post["place"] for post in POSTS]
    stars = [str(post["stars"]) if post["stars"] else "" for post in POSTS] if text else None
    assert [row["stars"] for row in rows] == (stars or [post["stars"] for post in POSTS])
    assert [row["views"] for row in rows] == [post["views"] for post in POSTS]
    assert manifest.counts.read == 35
    assert len(AuditLayout(tmp_path / "out").scored_parts()) == 4


def test_a_row_has_every_field_of_its_assessment(tmp_path: Path) -> None:
    audit(
        tmp_path / "out",
        [write_posts(tmp_path / "p.jsonl", [{"id": "a", "text": "a recipe", "stars": 1}])],
        Toy(),
    )

    (row,) = rows_of(tmp_path / "out")
    (answer,) = WordAssessor(WORDS).assess([Item("a", "a recipe")])
    told = answer.to_dict()
    assert {name: row[name] for name in ("id", "status", "reason", "language", "priority", "tier")} == {
        name: told[name] for name in ("id", "status", "reason", "language", "priority", "tier")
    }
    assert row["level"] == "urgent"
    assert {f"signal_{name}": score for name, score in told["signals"].items()}.items() <= row.items()
    assert row["policy_appeal_score"] == 0.9
    assert (row["model_digest"], row["policy_digest"]) == ("sha256:0", "sha256:1")
    assert "text" not in row
    assert "stars" not in row


def test_what_became_of_every_row_is_counted(tmp_path: Path) -> None:
    path = write_posts(tmp_path / "p.jsonl", POSTS)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"text": \n')

    manifest = audit(tmp_path / "out", [path])

    rows = rows_of(tmp_path / "out")
    levels = [row["level"] for row in rows if row["status"] == "scored"]
    assert manifest.counts.model_dump() == {
        "read": 36,
        "scored": len(levels),
        "unscorable": {"empty": 35 - len(levels)},
        "rejected": 1,
        "levels": {name: levels.count(name) for name in set(levels)},
        "policies": {"appeal": {name: levels.count(name) for name in set(levels)}},
        "tiers": {"screen": len(levels)},
    }
    assert len(set(levels)) == 3
    assert read_manifest(AuditLayout(tmp_path / "out")) == manifest
    assert (manifest.finished or datetime.min.replace(tzinfo=UTC)) >= manifest.started


def test_malformed_rows_are_kept_beside_with_place_and_reason_and_without_their_text(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"text": "soup"}\n\n{"text": "secret sauce", \n{"text": ["x"]}\n{"text": "y"}\n' * 4)

    manifest = audit(tmp_path / "out", [path], Toy(part_rows=5))

    layout = AuditLayout(tmp_path / "out")
    lines = [line for part in layout.rejects_parts() for line in part.read_text("utf-8").splitlines()]
    rejects = [json.loads(line) for line in lines]
    places = [place for start in range(0, 20, 5) for place in (start + 3, start + 4)]
    assert [one["place"] for one in rejects] == [one["last_place"] for one in rejects] == places
    assert rejects[0]["reason"].startswith("a record must be valid JSON, column ")
    assert rejects[1]["reason"] == "'text' must be a string, was list"
    assert {one["source"] for one in rejects} == {0}
    assert manifest.counts.rejected == 8
    assert len(rows_of(tmp_path / "out")) == 8
    assert not any(b"sauce" in file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())


def test_inputs_are_told_apart_by_their_number_and_rows_without_ids_by_their_name(tmp_path: Path) -> None:
    posts = [{"text": "soup"}, {"text": "bread"}]
    inputs = [write_posts(tmp_path / name, posts) for name in ("b.jsonl", "a.jsonl")]

    manifest = audit(tmp_path / "out", inputs, Toy())

    assert [one.name for one in manifest.inputs] == [str(path) for path in inputs]
    rows = rows_of(tmp_path / "out")
    assert [row["source"] for row in rows] == [0, 0, 1, 1]
    assert [row["id"] for row in rows] == [f"{path}:{row}" for path in inputs for row in (1, 2)]


def test_an_input_without_a_row_is_an_input(tmp_path: Path) -> None:
    inputs = [write_posts(tmp_path / "a.jsonl", []), write_posts(tmp_path / "b.jsonl", [{"text": "soup"}])]

    assert audit(tmp_path / "out", inputs, Toy()).counts.read == 1
    assert audit(tmp_path / "none", inputs[:1], Toy()).counts.read == 0
    assert AuditLayout(tmp_path / "none").scored_parts() == []


def test_a_part_of_rejected_rows_alone_has_every_column(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text('{"text": "soup"}\n{\n', encoding="utf-8")
    audit(tmp_path / "out", [path], Toy(part_rows=1))

    first, second = AuditLayout(tmp_path / "out").scored_parts()
    assert pq.read_schema(second) == pq.read_schema(first)
    assert pq.read_metadata(second).num_rows == 0


def test_long_texts_fill_a_part_before_its_rows_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.service.audit.units.PART_CHARACTERS", 20)
    posts = [{"text": "soup " * 3}] * 5

    audit(tmp_path / "out", [write_posts(tmp_path / "p.jsonl", posts)], Toy())

    parts = AuditLayout(tmp_path / "out").scored_parts()
    assert [pq.read_metadata(part).num_rows for part in parts] == [2, 2, 1]


def test_words_that_moved_the_scores_are_kept_where_asked_for(tmp_path: Path) -> None:
    path = write_posts(tmp_path / "p.jsonl", [{"text": "a recipe"}])
    audit(tmp_path / "out", [path], Toy(spans=True))

    assert rows_of(tmp_path / "out")[0]["spans"][0]["start"] == 2


def test_an_object_store_is_audited_as_files_are(tmp_path: Path) -> None:
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pipe("/bucket/a.jsonl", write_posts(tmp_path / "a.jsonl", POSTS).read_bytes())

    audit(tmp_path / "there", ["memory://bucket"])
    audit(tmp_path / "here", [tmp_path / "a.jsonl"])

    assert rows_of(tmp_path / "there") == rows_of(tmp_path / "here")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("p.jsonl.gz", gzip.compress(b'{"text": "' + b"soup " * 8_000_000 + b'"}\n'), id="gzip"),
        pytest.param("p.csv.zst", zstandard.compress(b"text\n" + b"soup " * 8_000_000), id="Zstandard"),
    ],
)
def test_an_input_that_unpacks_out_of_all_proportion_is_refused(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(LimitError, match="decompressed bytes must be at most 20 times"):
        audit(tmp_path / "out", [path], Toy(part_rows=1_000_000))


def test_a_table_that_unpacks_out_of_all_proportion_is_refused(tmp_path: Path) -> None:
    table = pa.table({"text": ["x" * 1_000_000 + str(number) for number in range(40)]})
    pq.write_table(table, tmp_path / "p.parquet", compression="zstd", use_dictionary=False)

    with pytest.raises(LimitError, match="decompressed bytes must be at most 20 times"):
        audit(tmp_path / "out", [tmp_path / "p.parquet"], Toy())


def test_a_line_too_long_is_one_rejected_row(tmp_path: Path) -> None:
    posts = [{"text": "soup"}, {"text": "soup " * 1000}, {"text": "bread"}]

    counts = audit(tmp_path / "out", [write_posts(tmp_path / "p.jsonl", posts)], Toy()).counts

    assert (counts.scored, counts.rejected) == (2, 1)


def test_an_input_that_is_damaged_stops_the_run_once_what_stood_before_is_scored(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl.gz")
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(InputError, match="must be whole gzip data, ended early"):
        audit(tmp_path / "out", [path], Toy())

    assert len(rows_of(tmp_path / "out")) >= 20
    with pytest.raises(InputError, match="the run must be complete, is not"):
        read_manifest(AuditLayout(tmp_path / "out"))


def test_a_column_that_the_last_input_lacks_is_missed_before_anything_is_scored(tmp_path: Path) -> None:
    inputs = [write(tmp_path / "a.csv"), tmp_path / "b.csv"]
    inputs[1].write_text("text\nsoup\n", encoding="utf-8")

    with pytest.raises(InputError, match=r"b\.csv: must have a column 'place'"):
        audit(tmp_path / "out", inputs)

    assert not AuditLayout(tmp_path / "out").manifest.exists()


class Blind(WordAssessor):
    """Answer fewer items than there are."""

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        return super().assess(items, explain=explain)[1:]


def test_a_failure_to_score_is_an_error_and_leaves_no_part(tmp_path: Path) -> None:
    plan = toy_plan(tmp_path / "out", [write(tmp_path / "p.jsonl")], SLICED, Blind(WORDS))

    with pytest.raises(ScoringError, match="must answer every item in order"):
        run_audit(plan, SerialEngine(), Silent())

    assert list(AuditLayout(tmp_path / "out").scored.iterdir()) == []


def test_a_complete_audit_is_left_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl")
    first = audit(tmp_path / "out", [path])
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "out").rglob("*")}
    watcher = Silent()

    assert audit(tmp_path / "out", [path], watcher=watcher) == first
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "out").rglob("*")} == before
    assert watcher.rows == 0


@pytest.mark.parametrize(
    ("toy", "why"),
    [
        pytest.param(replace(SLICED, words_version="2"), "model version was 1, is 2", id="another bundle"),
        pytest.param(replace(SLICED, part_rows=11), "settings part_rows was 10, is 11", id="another setting"),
        pytest.param(replace(SLICED, spans=True), "settings spans was False, is True", id="spans"),
        pytest.param(Toy(AskedSchema()), "columns slices was .*place.*, is \\[\\]", id="other slices"),
        pytest.param(
            replace(
                SLICED, schema=AskedSchema(text="body", slices={"place": None, "stars": None}, weight="views")
            ),
            "columns text was text, is body",
            id="another text",
        ),
    ],
)
def test_another_command_in_the_same_folder_is_refused_with_what_differs(
    tmp_path: Path, toy: Toy, why: str
) -> None:
    path = write(tmp_path / "p.jsonl")
    audit(tmp_path / "out", [path])
    before = rows_of(tmp_path / "out")

    with pytest.raises(
        InputError, match=f"must be a new folder, or be given the command that began it: .*{why}"
    ):
        audit(tmp_path / "out", [path], toy)

    assert rows_of(tmp_path / "out") == before


def test_other_inputs_and_changed_ones_are_refused(tmp_path: Path) -> None:
    path, other = write(tmp_path / "p.jsonl"), write(tmp_path / "q.jsonl")
    audit(tmp_path / "out", [path])

    with pytest.raises(InputError, match=r"inputs were 1, are 2$"):
        audit(tmp_path / "out", [path, other])
    with pytest.raises(InputError, match=r"an input was .*p\.jsonl, is .*q\.jsonl$"):
        audit(tmp_path / "out", [other])
    os.utime(path, ns=(5, 5))
    with pytest.raises(InputError, match=r"input .*p\.jsonl: modified_ns was \d+, is 5"):
        audit(tmp_path / "out", [path])
    write_posts(path, POSTS[:3])
    with pytest.raises(InputError, match=r"input .*p\.jsonl: size was \d+, is \d+"):
        audit(tmp_path / "out", [path])


def test_an_input_that_changes_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl")

    class Meddler(Silent):
        def done(self, rows: int, read_bytes: int) -> None:
            super().done(rows, read_bytes)
            os.utime(path, ns=(5, 5))

    with pytest.raises(InputError, match=r"p\.jsonl: must not change while it is audited"):
        audit(tmp_path / "out", [path], watcher=Meddler())


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("out/notes.txt", "must be new or empty, holds other files", id="a folder of others"),
        pytest.param("out/scored/part-000000-000000.parquet", "whose audit.json is gone", id="half an audit"),
        pytest.param("out/progress/parts.jsonl", "whose audit.json is gone", id="what was done of it"),
        pytest.param("out", "must be a folder, is a file", id="a file"),
    ],
)
def test_a_folder_that_is_no_audits_is_left_alone(tmp_path: Path, name: str, why: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()

    with pytest.raises(InputError, match=why):
        audit(tmp_path / "out", [write(tmp_path / "p.jsonl")])

    assert path.read_bytes() == b""


def test_an_input_within_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    with pytest.raises(InputError, match="must not lie in the folder of the audit"):
        audit(tmp_path / "out", [write(tmp_path / "out" / ".p.jsonl")])


def test_who_watches_hears_of_every_row_and_every_byte(tmp_path: Path) -> None:
    inputs, watcher = [write(tmp_path / "p.jsonl"), write(tmp_path / "q.parquet")], Silent()

    audit(tmp_path / "out", inputs, watcher=watcher)

    assert watcher.rows == 70
    assert watcher.read_bytes == pytest.approx(sum(path.stat().st_size for path in inputs), abs=35)


def test_a_second_run_in_the_folder_is_refused_while_one_works(tmp_path: Path) -> None:
    path = write(tmp_path / "p.jsonl")

    class Second(Silent):
        def done(self, rows: int, read_bytes: int) -> None:
            with pytest.raises(InputError, match="only one run may work in a folder, another one does"):
                audit(tmp_path / "out", [path])
            super().done(rows, read_bytes)

    watcher = Second()
    audit(tmp_path / "out", [path], watcher=watcher)
    assert watcher.rows == 35
