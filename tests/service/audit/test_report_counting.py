"""Figures of a report are those that counting every row by hand comes to."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.errors import InputError
from tocsin.service.audit import AuditLayout, Manifest
from tocsin.service.audit.columns import ColumnRecord
from tocsin.service.audit.manifest import write_manifest
from tocsin.service.audit.reporting import ReportRecord, report_of
from tocsin.service.audit.reporting.testing import audit_posts, timed_posts
from tocsin.service.audit.sampling.testing import write_audit
from tocsin.service.audit.testing import rows_of
from tocsin.service.scan import CellKind

LEVEL = "policy_appeal_level"
FLAGGED = ("review", "urgent")


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> tuple[AuditLayout, Manifest]:
    return audit_posts(tmp_path_factory.mktemp("audit"), timed_posts(900), time="at", weight="views")


@pytest.fixture(scope="module")
def report(audit: tuple[AuditLayout, Manifest]) -> ReportRecord:
    return report_of(*audit)


@pytest.fixture(scope="module")
def rows(audit: tuple[AuditLayout, Manifest]) -> list[dict[str, Any]]:
    return rows_of(audit[0].root)


def test_a_histogram_has_every_score_in_its_bin(report: ReportRecord, rows: list[dict[str, Any]]) -> None:
    scores = [row["policy_appeal_score"] for row in rows if row["policy_appeal_score"] is not None]
    (told,) = report.scores

    assert told.counts == tuple(np.histogram(np.array(scores) + 1e-9, bins=50, range=(0, 1))[0])
    assert (told.judged, told.unjudged) == (len(scores), len(rows) - len(scores))
    assert sum(told.flagged) == sum(row[LEVEL] in FLAGGED for row in rows)
    for level, names in zip(told.levels, (FLAGGED, FLAGGED[1:]), strict=True):
        at = [row["policy_appeal_score"] for row in rows if row[LEVEL] in names]
        assert level.flagged == len(at)
        assert level.lowest == level.start == min(at)


def test_slices_have_their_rows_and_what_is_flagged_of_them(
    report: ReportRecord, rows: list[dict[str, Any]]
) -> None:
    cut = report.cuts["place"]

    counted = Counter(row["slice_place"] for row in rows)
    flagged = Counter(row["slice_place"] for row in rows if row[LEVEL] in FLAGGED)
    blank = Counter(row["slice_place"] for row in rows if row["status"] != "scored")
    assert {one.value: one.rows for one in cut.slices} == counted
    assert {one.value: one.policies["appeal"].review for one in cut.slices} == flagged
    assert {one.value: one.unscorable for one in cut.slices} == blank
    assert [one.rows for one in cut.slices] == sorted(counted.values(), reverse=True)


def test_days_have_their_rows_and_rows_without_a_time_are_counted(
    report: ReportRecord, rows: list[dict[str, Any]]
) -> None:
    time = report.time
    assert time is not None

    days = Counter(row["at"].date() for row in rows if row["at"] is not None)
    flagged = Counter(row["at"].date() for row in rows if row["at"] is not None and row[LEVEL] in FLAGGED)
    assert time.period == "day"
    large = {day for day, count in days.items() if count >= 20}
    assert {one.start: one.rows for one in time.periods} == {day: days[day] for day in large}
    assert {one.start: one.policies["appeal"].review for one in time.periods} == {
        day: flagged[day] for day in large
    }
    assert time.suppressed_rows == sum(count for count in days.values() if count < 20) > 0
    assert time.untimed == 900 // 50


def test_it_is_the_same_however_rows_are_cut_into_parts(tmp_path: Path, report: ReportRecord) -> None:
    other = report_of(*audit_posts(tmp_path, timed_posts(900), part_rows=37, time="at", weight="views"))

    same = {"scores", "cuts", "time", "counts", "findings"}
    assert other.model_dump(include=same) == report.model_dump(include=same)


def test_small_slices_are_counted_and_not_told(tmp_path: Path) -> None:
    towns = ["north"] * 60 + ["isle"] * 19 + ["cape"] * 20
    layout, manifest = write_audit(tmp_path / "out", {"soup": np.full(99, 0.3)}, slices={"town": towns})

    report = report_of(layout, manifest)

    assert [one.value for one in report.cuts["town"].slices] == ["north", "cape"]
    assert (report.cuts["town"].suppressed, report.cuts["town"].suppressed_rows) == (1, 19)
    assert b"isle" not in report.to_json()


def test_a_column_of_too_many_values_is_not_told_and_the_rest_is(tmp_path: Path) -> None:
    crowd = [f"v{n // 2}" for n in range(1002)]
    layout, manifest = write_audit(
        tmp_path / "out", {"soup": np.full(1002, 0.3)}, slices={"crowd": crowd, "town": ["north"] * 1002}
    )

    report = report_of(layout, manifest)

    assert report.cuts["crowd"].why == "more than 500 values"
    assert report.cuts["crowd"].slices == ()
    assert [one.rows for one in report.cuts["town"].slices] == [1002]
    assert any("crowd" in one.what for one in report.missing)
    assert b"v17" not in report.to_json()


def test_a_column_of_persons_is_left_out_wherever_it_came_from(tmp_path: Path) -> None:
    layout, manifest = write_audit(
        tmp_path / "out", {"soup": np.full(60, 0.3)}, slices={"cook": ["someone"] * 60}
    )
    renamed = ColumnRecord(name="author", column="cook", kind=CellKind.STRING)
    told = manifest.model_copy(update={"columns": manifest.columns.model_copy(update={"slices": (renamed,)})})
    write_manifest(layout, told)

    report = report_of(layout, told)

    assert "author" not in report.cuts
    assert b"someone" not in report.to_json()


def test_languages_of_an_assessment_are_told_where_a_slice_has_that_name_too(tmp_path: Path) -> None:
    posts = [post | {"language": "en"} for post in timed_posts(100)]
    layout, manifest = audit_posts(tmp_path, posts, slices=("language",))

    report = report_of(layout, manifest)

    assert [one.rows for one in report.cuts["language"].slices] == [100]
    (scores,) = report.scores
    assert [one.language for one in scores.languages] == ["en"]
    assert scores.languages[0].rows == scores.judged < 100


def test_a_level_that_begins_at_no_single_score_has_no_start(tmp_path: Path) -> None:
    scores = np.linspace(0.1, 0.9, 90)
    layout, manifest = write_audit(tmp_path / "out", {"soup": scores}, parts=1)
    plain = report_of(layout, manifest).scores[0].levels[0]
    arrow = pytest.importorskip("pyarrow.parquet")
    (part,) = layout.scored_parts()
    table = arrow.read_table(part)
    levels = table["policy_soup_level"].to_pylist()
    levels[0] = "review"
    place = table.column_names.index("policy_soup_level")
    arrow.write_table(table.set_column(place, "policy_soup_level", [levels]), part)

    odd = report_of(layout, manifest).scores[0].levels[0]

    assert plain.start == min(one for one in scores if one >= 0.5)
    assert odd.start is None
    assert odd.lowest == pytest.approx(0.1)


def test_a_part_that_is_damaged_is_named(tmp_path: Path) -> None:
    layout, manifest = write_audit(tmp_path / "out", {"soup": np.full(60, 0.3)})
    layout.scored_parts()[1].write_bytes(b"no parquet")

    with pytest.raises(InputError, match=r"part-000000-000001\.parquet: must be a part"):
        report_of(layout, manifest)
