import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing import Pipe
from pathlib import Path

import pytest

from tocsin.errors import BundleError, InputError, ScoringError
from tocsin.item import Item
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.engine import SerialEngine
from tocsin.service.audit.layout import PartName
from tocsin.service.audit.local_engine import LocalEngine, cores, received
from tocsin.service.audit.run import run_audit
from tocsin.service.audit.scoring import PartScoring, Ready
from tocsin.service.audit.testing import (
    WORDS,
    Clumsy,
    Fragile,
    Silent,
    Unloadable,
    audit_toys,
    rows_of,
    toy_plan,
    toy_posts,
    write_posts,
)
from tocsin.service.audit.unit import Unit
from tocsin.service.scan import Placed
from tocsin.service.scan.testing import WordAssessor

HOLD = """
import sys
from tocsin.service.audit.testing import audit_toys

audit_toys(sys.argv[1], sys.argv[2:], workers=2, nap=30)
"""


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Return a file of posts that makes nine parts."""
    return write_posts(tmp_path / "posts.jsonl", toy_posts(85))


def parts(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in AuditLayout(out).scored_parts()}


def test_what_comes_out_is_the_same_to_the_byte_however_many_processes_score(
    tmp_path: Path, posts: Path
) -> None:
    manifests = [
        audit_toys(str(tmp_path / str(workers)), [str(posts)], ["place", "stars"], workers)
        for workers in (0, 1, 3)
    ]

    assert parts(tmp_path / "1") == parts(tmp_path / "3") == parts(tmp_path / "0")
    assert len(parts(tmp_path / "0")) == 9
    assert manifests[0].counts == manifests[1].counts == manifests[2].counts


def test_a_process_that_dies_once_costs_no_row_and_doubles_none(tmp_path: Path, posts: Path) -> None:
    with posts.open("a", encoding="utf-8") as file:
        file.write('{"text": "it will boil over"}\n')
    once = tmp_path / "once"

    run_audit(toy_plan(tmp_path / "out", [posts], None, Fragile(once)), LocalEngine(2), Silent())
    run_audit(toy_plan(tmp_path / "whole", [posts]), SerialEngine(), Silent())

    assert once.exists()
    assert rows_of(tmp_path / "out") == rows_of(tmp_path / "whole")


def test_a_process_that_dies_twice_over_a_part_is_an_error_that_names_it(tmp_path: Path, posts: Path) -> None:
    lines = posts.read_text("utf-8").splitlines(keepends=True)
    lines[25] = '{"text": "it will boil over"}\n'
    posts.write_text("".join(lines), encoding="utf-8")
    plan = toy_plan(tmp_path / "out", [posts], None, Fragile())

    with pytest.raises(
        ScoringError,
        match=r"posts\.jsonl, records 21 to 30 \(part-000000-000002\): the process that scored it died 2"
        r" times, it left with -9; fewer processes \(--workers\)",
    ):
        run_audit(plan, LocalEngine(2), Silent())

    assert not AuditLayout(tmp_path / "out").scored_part(PartName(0, 2)).exists()


def test_an_error_of_a_library_is_told_without_what_it_shows(tmp_path: Path, posts: Path) -> None:
    plan = toy_plan(tmp_path / "out", [posts], None, Clumsy(WORDS))

    with pytest.raises(ScoringError, match=r"^texts could not be scored: ValueError at testing\.py:\d+$"):
        run_audit(plan, LocalEngine(1), Silent())


def test_a_process_that_cannot_load_its_scorer_says_why(tmp_path: Path, posts: Path) -> None:
    plan = toy_plan(tmp_path / "out", [posts])
    gone = replace(plan, scorer=replace(plan.scorer, loading=Unloadable()))

    with pytest.raises(BundleError, match=r"bundle\.json: must be there, is gone"):
        run_audit(gone, LocalEngine(2), Silent())


def test_a_process_that_dies_before_it_is_ready_is_not_started_again(tmp_path: Path, posts: Path) -> None:
    plan = toy_plan(tmp_path / "out", [posts])
    deadly = replace(plan, scorer=replace(plan.scorer, loading=Unloadable(dies=True)))

    with pytest.raises(ScoringError, match="a process that scores could not start: it left with -9"):
        run_audit(deadly, LocalEngine(1), Silent())


def units(count: int, asked: list[int]) -> Iterator[Unit]:
    for number in range(count):
        asked.append(number)
        rows = tuple(Placed(f"{number}-{row}", "soup", place=row) for row in range(3))
        yield Unit(PartName(0, number), "posts", 3 * number, rows, 0)


def test_units_are_asked_for_only_as_fast_as_they_are_done(tmp_path: Path) -> None:
    (tmp_path / "scored").mkdir()
    scoring = PartScoring(Ready(WordAssessor(WORDS)), AuditLayout(tmp_path), ("appeal",), ())
    asked: list[int] = []

    for number, _ in enumerate(LocalEngine(2).run(units(40, asked), scoring), start=1):
        assert len(asked) <= number + 2 * 2 + 2

    assert number == 40


def test_a_fault_of_the_inputs_is_raised_after_what_stood_before_is_done(tmp_path: Path) -> None:
    (tmp_path / "scored").mkdir()
    scoring = PartScoring(Ready(WordAssessor(WORDS)), AuditLayout(tmp_path), ("appeal",), ())

    def faulty() -> Iterator[Unit]:
        yield from units(3, [])
        raise InputError("posts.jsonl.gz: ended early")

    run = LocalEngine(1).run(faulty(), scoring)

    assert {next(run).part.number for _ in range(3)} == {0, 1, 2}
    with pytest.raises(InputError, match="ended early"):
        next(run)


def test_a_run_that_has_nothing_to_do_starts_no_process(tmp_path: Path) -> None:
    scoring = PartScoring(Unloadable(dies=True), AuditLayout(tmp_path), ("appeal",), ())

    assert list(LocalEngine(2).run(iter(()), scoring)) == []


def test_a_run_that_is_left_early_ends_its_processes(tmp_path: Path) -> None:
    import multiprocessing

    (tmp_path / "scored").mkdir()
    scoring = PartScoring(Ready(WordAssessor(WORDS)), AuditLayout(tmp_path), ("appeal",), ())
    run = LocalEngine(2).run(units(40, []), scoring)
    next(run)

    assert len(multiprocessing.active_children()) == 2
    run.close()
    assert multiprocessing.active_children() == []


def test_processes_end_when_the_one_that_started_them_is_killed(tmp_path: Path, posts: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path / "out"), str(posts)]
    parent = subprocess.Popen(command, start_new_session=True)
    until = time.monotonic() + 60
    while len(group(parent.pid)) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    assert len(group(parent.pid)) >= 3

    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()

    while group(parent.pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert group(parent.pid) == []


def group(leader: int) -> list[str]:
    """Return the live processes of a session, by what the system says of them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session, *_ = path.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(session) == leader and state != "Z":
            found.append(path.parent.name)
    return found


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="before it said a word"),
        pytest.param(struct.pack("!i", 100) + b"half", id="in the middle of a word"),
    ],
)
def test_a_process_that_is_gone_is_noticed(said: bytes) -> None:
    ours, theirs = Pipe()
    os.write(theirs.fileno(), said)
    theirs.close()

    assert received(ours) is None
    ours.close()


def test_there_is_a_core() -> None:
    assert cores() >= 1


def test_a_unit_says_where_it_stands() -> None:
    unit = Unit(PartName(3, 7), "posts.csv", 9_999, (Item("a", "soup"),) * 2, 0)

    assert str(unit) == "posts.csv, records 10,000 to 10,001 (part-000003-000007)"
