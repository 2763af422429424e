"""Inputs are cut into parts that grow, and in the same places by a run that goes on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.service.audit.engine import SerialEngine
from tocsin.service.audit.layout import AuditLayout
from tocsin.service.audit.run import run_audit
from tocsin.service.audit.testing import Silent, rows_of, toy_plan, toy_posts, write_posts
from tocsin.service.audit.units import rows_of_part
from tocsin.service.scan.arrow import import_arrow

ROWS = 40
SIZES = [2, 2, 4, 4, 8, 8, 10, 2]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let parts grow from two rows on, so that few rows show it."""
    monkeypatch.setattr("tocsin.service.audit.units.FIRST_ROWS", 2)
    monkeypatch.setattr("tocsin.service.audit.units.GROWN_AFTER", 2)


@pytest.fixture
def audited(small: None, tmp_path: Path) -> Callable[[str], Path]:
    """Hand out what audits the same posts into a folder, or goes on there."""
    path = write_posts(tmp_path / "posts.jsonl", toy_posts(ROWS))

    def audit(name: str) -> Path:
        run_audit(toy_plan(tmp_path / name, [path]), SerialEngine(), Silent())
        return tmp_path / name

    return audit


def sizes_of(out: Path) -> list[int]:
    _, parquet = import_arrow()
    return [parquet.read_metadata(path).num_rows for path in AuditLayout(out).scored_parts()]


def test_parts_grow_up_to_what_was_asked_for(audited: Callable[[str], Path]) -> None:
    assert sizes_of(audited("out")) == SIZES


@pytest.mark.parametrize("done", range(len(SIZES)))
def test_a_run_that_goes_on_cuts_where_the_first_one_would_have(
    audited: Callable[[str], Path], done: int
) -> None:
    whole, killed = audited("whole"), audited("killed")
    layout = AuditLayout(killed)
    lines = layout.journal.read_bytes().splitlines(keepends=True)
    layout.journal.write_bytes(b"".join(lines[:done]))
    for path in layout.scored_parts()[done:]:
        path.unlink()
    manifest = layout.manifest.read_text("utf-8")
    finished = next(line for line in manifest.splitlines() if '"finished"' in line)
    layout.manifest.write_text(manifest.replace(finished, ' "finished": null,'), encoding="utf-8")

    audited("killed")

    assert sizes_of(killed) == SIZES
    assert rows_of(killed) == rows_of(whole)


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_a_part_never_has_more_rows_than_asked_for_nor_fewer_than_the_one_before(
    number: int, part_rows: int
) -> None:
    rows = rows_of_part(number, part_rows)

    assert min(1000, part_rows) <= rows <= part_rows
    assert rows <= rows_of_part(number + 1, part_rows)
    assert rows_of_part(16 * 20, part_rows) == part_rows
