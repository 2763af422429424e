"""Killed at any moment and started again, an audit equals one that was not: tested by killing."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import InputError
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.engine import SerialEngine
from tocsin.service.audit.manifest import read_manifest
from tocsin.service.audit.run import run_audit
from tocsin.service.audit.testing import Silent, rows_of, toy_plan, toy_posts, write_posts

RUN = """
import sys
from tocsin.service.audit.testing import audit_toys

out, *inputs, workers, nap = sys.argv[1:]
audit_toys(out, inputs, workers=int(workers), nap=float(nap))
"""
BAD = b'{"text": \n'


@pytest.fixture
def inputs(tmp_path: Path) -> list[Path]:
    """Return two inputs, of five parts and one, with rows that cannot be read in some of them."""
    first = write_posts(tmp_path / "a.jsonl", toy_posts(43))
    first.write_bytes(BAD + first.read_bytes() + BAD)
    return [first, write_posts(tmp_path / "b.jsonl", toy_posts(7))]


def audit(out: Path, inputs: Sequence[Path], watcher: Silent | None = None) -> None:
    run_audit(toy_plan(out, inputs), SerialEngine(), watcher or Silent())


def contents(out: Path) -> dict[str, bytes]:
    """Return every file of results, to the byte."""
    layout = AuditLayout(out)
    return {
        str(path.relative_to(out)): path.read_bytes()
        for folder in (layout.scored, layout.rejects)
        for path in sorted(folder.iterdir())
    }


def check_equal(out: Path, whole: Path) -> None:
    assert contents(out) == contents(whole)
    manifest, uninterrupted = (read_manifest(AuditLayout(folder)) for folder in (out, whole))
    assert manifest.counts == uninterrupted.counts
    assert manifest.counts.read == 52
    assert sorted(path.name for path in (out / "progress").iterdir()) == ["lock", "parts.jsonl"]


@pytest.fixture
def whole(tmp_path: Path, inputs: list[Path]) -> Path:
    """Return the folder of an audit that nothing interrupted."""
    audit(tmp_path / "whole", inputs)
    return tmp_path / "whole"


class Killed(BaseException):
    """Stand for a kill: nothing catches it."""


class Stopping(Silent):
    """Kill a run once so many rows are done."""

    def __init__(self, rows: int = 1) -> None:
        super().__init__()
        self._most = rows

    def done(self, rows: int, read_bytes: int) -> None:
        super().done(rows, read_bytes)
        if self.rows >= self._most:
            raise Killed


class Steps:
    """Count what a run does to the disk, and kill it at one of the steps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = -1
        for owner, name in ((os, "fsync"), (Path, "replace"), (Path, "unlink")):
            monkeypatch.setattr(owner, name, self._killing(getattr(owner, name)))

    def _killing(self, work: Any) -> Any:
        def step(*given: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                raise Killed
            done = work(*given, **named)
            self.left -= 1
            if self.left == 0:
                raise Killed
            return done

        return step


def test_a_run_stopped_before_or_after_any_step_on_the_disk_goes_on_and_equals_one_that_was_not(
    tmp_path: Path, inputs: list[Path], whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        steps = Steps(patched)
        moments = 0
        while steps.left <= 0:
            moments += 3  # before one, after the next: the odd number reaches both sides of all of them
            out = tmp_path / f"out-{moments}"
            steps.left = moments
            try:
                audit(out, inputs)
            except Killed:
                steps.left = 0
                audit(out, inputs)
            check_equal(out, whole)

    assert moments > 100


def test_a_run_stopped_again_and_again_comes_to_its_end(
    tmp_path: Path, inputs: list[Path], whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, kills = random.Random(11), 0  # noqa: S311 - reproducible
    with monkeypatch.context() as patched:
        steps = Steps(patched)
        for _ in range(1000):
            steps.left = draw.randrange(1, 40)
            try:
                audit(tmp_path / "out", inputs)
            except Killed:
                kills += 1
            else:
                break

    check_equal(tmp_path / "out", whole)
    assert kills > 3


def test_a_journal_cut_anywhere_in_its_last_lines_counts_what_is_whole(
    tmp_path: Path, inputs: list[Path], whole: Path
) -> None:
    out = tmp_path / "out"
    audit(out, inputs)
    layout = AuditLayout(out)
    journal = layout.journal.read_bytes()
    unfinished = read_manifest(layout).model_copy(update={"finished": None, "seconds": 0})
    last = journal.rindex(b"\n", 0, journal.rindex(b"\n", 0, -1))

    for size in range(last, len(journal), 29):
        layout.journal.write_bytes(journal[:size])
        layout.manifest.write_bytes(unfinished.to_json())
        audit(out, inputs)
        check_equal(out, whole)


def test_a_part_that_somebody_removed_is_done_again(tmp_path: Path, inputs: list[Path], whole: Path) -> None:
    out = tmp_path / "out"
    audit(out, inputs)
    layout = AuditLayout(out)
    unfinished = read_manifest(layout).model_copy(update={"finished": None})

    for path in (layout.scored_parts()[1], layout.rejects_parts()[-1], layout.scored_parts()[-1]):
        path.unlink()
        layout.manifest.write_bytes(unfinished.to_json())
        watcher = Silent()
        audit(out, inputs, watcher)
        check_equal(out, whole)
        assert 0 < watcher.rows <= 10


def test_what_a_killed_run_left_half_written_is_removed(
    tmp_path: Path, inputs: list[Path], whole: Path
) -> None:
    with pytest.raises(Killed):
        audit(tmp_path / "out", inputs, Stopping())
    left = tmp_path / "out" / "scored" / ".part-000000-000001.parquet.abcd.part"
    left.write_bytes(b"PAR1")

    audit(tmp_path / "out", inputs)

    assert not left.exists()
    check_equal(tmp_path / "out", whole)


def test_a_damaged_journal_is_named_with_its_line(tmp_path: Path, inputs: list[Path]) -> None:
    with pytest.raises(Killed):
        audit(tmp_path / "out", inputs, Stopping())
    journal = AuditLayout(tmp_path / "out").journal
    journal.write_bytes(b"{}\n" + journal.read_bytes())

    with pytest.raises(InputError, match=r"parts\.jsonl, line 1: must say what is done, does not"):
        audit(tmp_path / "out", inputs)


def test_inputs_that_are_done_are_not_read_again(tmp_path: Path, inputs: list[Path]) -> None:
    with pytest.raises(Killed):
        audit(tmp_path / "out", list(reversed(inputs)), Stopping(46))
    watcher = Silent()

    audit(tmp_path / "out", list(reversed(inputs)), watcher)

    assert watcher.rows == 45 + 7 - 47
    assert watcher.skipped_bytes >= inputs[1].stat().st_size


def start(out: Path, inputs: Sequence[Path], workers: int, nap: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", RUN, str(out), *map(str, inputs), str(workers), str(nap)]
    return subprocess.Popen(command, start_new_session=True)


def killed(process: subprocess.Popen[bytes], out: Path, seconds: float) -> bool:
    """Kill a run some seconds after its first part is there; say whether it was still at it."""
    while process.poll() is None and not AuditLayout(out).journal.exists():
        time.sleep(0.005)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)  # its workers are not told: they must notice
        process.wait()
        return True
    return False


@pytest.mark.parametrize(
    ("workers", "seed", "kills"),
    [pytest.param(0, 5, 4, id="one process"), pytest.param(2, 6, 3, id="two workers")],
)
def test_a_process_killed_at_random_moments_goes_on_and_equals_one_that_was_not(
    tmp_path: Path, inputs: list[Path], whole: Path, workers: int, seed: int, kills: int
) -> None:
    draw, out, at_work = random.Random(seed), tmp_path / "out", 0  # noqa: S311 - reproducible
    for _ in range(kills):
        at_work += killed(start(out, inputs, workers, 0.15), out, draw.uniform(0, 0.3 + workers * 0.4))

    assert start(out, inputs, workers, 0).wait(60) == 0
    check_equal(out, whole)
    assert at_work >= kills - 1
    assert rows_of(out) == rows_of(whole)
