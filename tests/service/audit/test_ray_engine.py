"""Scored on a real cluster, a head and machines that are processes of this one, an audit comes out alike."""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import tocsin
from tocsin.errors import BundleError, InputError, MissingExtraError, ScoringError
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.engine import Engine, SerialEngine
from tocsin.service.audit.layout import PartName
from tocsin.service.audit.local_engine import LocalEngine
from tocsin.service.audit.ray import RayEngine, engine, library
from tocsin.service.audit.ray.actor import Here, actor_class
from tocsin.service.audit.ray.cluster import cluster
from tocsin.service.audit.ray.crew import Job
from tocsin.service.audit.ray.testing import Meeting, Town, town
from tocsin.service.audit.run import run_audit
from tocsin.service.audit.scoring import PartScoring, Ready
from tocsin.service.audit.testing import (
    WORDS,
    Clumsy,
    Fragile,
    Napping,
    Silent,
    Unloadable,
    toy_plan,
    toy_posts,
    write_posts,
)
from tocsin.service.audit.unit import Unit
from tocsin.service.scan import Placed
from tocsin.service.scan.testing import WordAssessor

ray = pytest.importorskip("ray", reason="needs Ray: pip install 'tocsin[ray]'")

BAD = b'{"text": \n'
RUN = """
import sys
from pathlib import Path
from tocsin.service.audit.ray import RayEngine
from tocsin.service.audit.run import run_audit
from tocsin.service.audit.testing import Napping, Silent, toy_plan

address, out, posts = sys.argv[1:]
run_audit(toy_plan(Path(out), [posts], None, Napping(0.5)), RayEngine(address=address), Silent())
"""


@pytest.fixture(scope="module")
def machines() -> Iterator[Town]:
    """Return a cluster of two machines."""
    with town(2) as found:
        yield found


@pytest.fixture
def joined(machines: Town) -> Iterator[Town]:
    """Return it, with this process in touch with it."""
    with cluster(machines.address, 1):
        yield machines


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Return a file of posts that makes nine parts, of which two have rows that cannot be read."""
    path = write_posts(tmp_path / "posts.jsonl", toy_posts(83))
    path.write_bytes(BAD + path.read_bytes() + BAD)
    return path


@pytest.fixture
def whole(tmp_path: Path, posts: Path) -> Path:
    """Return the folder of an audit that one process did."""
    run_audit(toy_plan(tmp_path / "whole", [posts]), SerialEngine(), Silent())
    return tmp_path / "whole"


def contents(out: Path) -> dict[str, bytes]:
    """Return every file of results, to the byte."""
    layout = AuditLayout(out)
    folders = (layout.scored, layout.rejects)
    return {path.name: path.read_bytes() for folder in folders for path in sorted(folder.iterdir())}


def audit(
    out: Path, posts: Path, engine: Engine, assessor: Any = None, watcher: Silent | None = None
) -> None:
    run_audit(toy_plan(out, [posts], None, assessor), engine, watcher or Silent())


def insert(posts: Path, text: str, line: int = 25) -> None:
    lines = posts.read_text("utf-8").splitlines(keepends=True)
    lines[line] = f'{{"text": "{text}"}}\n'
    posts.write_text("".join(lines), encoding="utf-8")


def units(count: int, asked: list[int]) -> Iterator[Unit]:
    for number in range(count):
        asked.append(number)
        rows = tuple(Placed(f"{number}-{row}", "soup", place=row) for row in range(3))
        yield Unit(PartName(0, number), "posts", 3 * number, rows, 0)


@pytest.fixture
def scoring(tmp_path: Path) -> PartScoring:
    """Return what scores units into a folder."""
    (tmp_path / "scored").mkdir()
    return PartScoring(Ready(WordAssessor(WORDS)), AuditLayout(tmp_path), ("appeal",), ())


def test_two_machines_score_and_what_comes_out_is_the_same_to_the_byte(
    tmp_path: Path, joined: Town, posts: Path, whole: Path
) -> None:
    (tmp_path / "met").mkdir()

    audit(tmp_path / "out", posts, RayEngine(), Meeting(tmp_path / "met", 2))

    assert contents(tmp_path / "out") == contents(whole)
    assert len(contents(whole)) == 11
    assert len(list((tmp_path / "met").iterdir())) == 2


def test_a_process_that_dies_once_costs_no_row_and_doubles_none(
    tmp_path: Path, joined: Town, posts: Path
) -> None:
    insert(posts, "it will boil over")

    audit(tmp_path / "out", posts, RayEngine(1), Fragile(tmp_path / "once"))
    audit(tmp_path / "whole", posts, SerialEngine())

    assert (tmp_path / "once").exists()
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_a_process_that_dies_twice_over_a_part_is_an_error_that_names_it(
    tmp_path: Path, joined: Town, posts: Path
) -> None:
    insert(posts, "it will boil over")

    with pytest.raises(
        ScoringError,
        match=r"posts\.jsonl, records 21 to 30 \(part-000000-000002\): the process that scored it died"
        r" 2 times, Ray says \w+ on [0-9.]+; fewer processes \(--workers\)",
    ):
        audit(tmp_path / "out", posts, RayEngine(1), Fragile())

    assert not AuditLayout(tmp_path / "out").scored_part(PartName(0, 2)).exists()


def test_an_error_of_a_library_is_told_and_logged_without_what_it_shows(
    tmp_path: Path, joined: Town, posts: Path
) -> None:
    insert(posts, "quellish turnips", 1)

    with pytest.raises(ScoringError, match=r"^texts could not be scored: ValueError at testing\.py:\d+$"):
        audit(tmp_path / "out", posts, RayEngine(1), Clumsy(WORDS))

    logs = [path.read_bytes() for path in joined.logs.rglob("*") if path.is_file()]
    assert logs
    assert not any(b"quellish turnips" in one or b"cannot read" in one for one in logs)


@pytest.mark.parametrize(
    ("dies", "error", "said"),
    [
        pytest.param(False, BundleError, r"bundle\.json: must be there, is gone", id="an error"),
        pytest.param(
            True,
            ScoringError,
            r"a process that scores could not start: Ray says \w+ on [0-9.]+",
            id="a death",
        ),
    ],
)
def test_a_process_that_cannot_load_its_scorer_says_why(
    tmp_path: Path, joined: Town, posts: Path, dies: bool, error: type[Exception], said: str
) -> None:
    plan = toy_plan(tmp_path / "out", [posts])
    broken = replace(plan, scorer=replace(plan.scorer, loading=Unloadable(dies)))

    with pytest.raises(error, match=said):
        run_audit(broken, RayEngine(1), Silent())


def test_a_cluster_whose_processors_are_taken_is_an_error_and_no_wait_without_end(
    tmp_path: Path, joined: Town, posts: Path
) -> None:
    class Hog:
        def at_it(self) -> bool:
            return True

    hogs = [ray.remote(num_cpus=1)(Hog).remote() for _ in range(2)]
    assert all(ray.get([hog.at_it.remote() for hog in hogs]))

    with pytest.raises(
        ScoringError,
        match=r"no process could score for 3 s \(--ray-timeout\): asked the cluster for 2 processors,"
        r" it has 2, of which 0 are free; 0 processes are loading models",
    ):
        audit(tmp_path / "out", posts, RayEngine(timeout=3))

    for hog in hogs:
        ray.kill(hog)


def test_a_machine_with_another_tocsin_is_named(
    tmp_path: Path, joined: Town, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tocsin.__version__
    monkeypatch.setattr(engine, "__version__", "9.9.9")

    with pytest.raises(
        ScoringError, match=rf"^[0-9.]+: must have tocsin 9\.9\.9, as this machine has, has {ours}$"
    ):
        audit(tmp_path / "out", posts, RayEngine(1))


def test_units_are_asked_for_only_as_fast_as_they_are_done(joined: Town, scoring: PartScoring) -> None:
    asked: list[int] = []

    for number, _ in enumerate(RayEngine(2).run(units(20, asked), scoring), start=1):
        assert len(asked) <= number + 2 * 2 + 2

    assert number == 20


def test_a_fault_of_the_inputs_is_raised_after_what_stood_before_is_done(
    joined: Town, scoring: PartScoring
) -> None:
    def faulty() -> Iterator[Unit]:
        yield from units(3, [])
        raise InputError("posts.jsonl.gz: ended early")

    run = RayEngine(1).run(faulty(), scoring)

    assert {next(run).part.number for _ in range(3)} == {0, 1, 2}
    with pytest.raises(InputError, match="ended early"):
        next(run)


class Killed(BaseException):
    """Stand for a kill: nothing catches it."""


class Stopping(Silent):
    """Kill a run after its first part."""

    def done(self, rows: int, read_bytes: int) -> None:
        super().done(rows, read_bytes)
        raise Killed


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(LocalEngine(1), RayEngine(1), id="on the cluster after this machine"),
        pytest.param(RayEngine(1), LocalEngine(1), id="on this machine after the cluster"),
    ],
)
def test_an_audit_goes_on_elsewhere(
    tmp_path: Path, joined: Town, posts: Path, whole: Path, first: Engine, second: Engine
) -> None:
    with pytest.raises(Killed):
        audit(tmp_path / "out", posts, first, watcher=Stopping())
    watcher = Silent()

    audit(tmp_path / "out", posts, second, watcher=watcher)

    assert contents(tmp_path / "out") == contents(whole)
    assert watcher.rows == 75


def test_a_run_whose_feeding_process_is_killed_goes_on(
    tmp_path: Path, joined: Town, posts: Path, whole: Path
) -> None:
    out = tmp_path / "out"
    process = subprocess.Popen([sys.executable, "-c", RUN, joined.address, str(out), str(posts)])
    until = time.monotonic() + 120
    while len(AuditLayout(out).scored_parts()) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    watcher = Silent()

    audit(out, posts, RayEngine(1), Napping(0), watcher)

    assert contents(out) == contents(whole)
    assert 0 < watcher.rows < 85


def test_a_machine_that_is_killed_costs_no_row_and_one_that_joins_helps(
    tmp_path: Path, joined: Town, posts: Path, whole: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    met = tmp_path / "met"
    met.mkdir()

    with ThreadPoolExecutor() as aside:
        running = aside.submit(audit, tmp_path / "out", posts, RayEngine(), Meeting(met, 3))
        until = time.monotonic() + 120
        while len(list(met.iterdir())) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        burnt = joined.burn()  # in the middle of a unit: all wait for a third machine
        joined.build()
        running.result()

    assert contents(tmp_path / "out") == contents(whole)
    assert len(list(met.iterdir())) == 3
    assert (met / burnt).exists()
    assert "raylet" not in "".join(capfd.readouterr())


def test_a_unit_that_is_lost_again_and_again_is_named(tmp_path: Path) -> None:
    class Nobody:
        def processors(self) -> int:
            return 0

    pool = engine._Pool(Nobody(), iter(()), None, 1, time.monotonic)  # type: ignore[arg-type]
    job = Job("posts.csv, records 1 to 10", None)

    for _ in range(4):
        pool._again(job, "it went")
    with pytest.raises(
        ScoringError, match=r"records 1 to 10: was begun 5 times and never came back, it went"
    ):
        pool._again(job, "it went")


def test_a_run_that_has_nothing_to_do_asks_no_cluster(scoring: PartScoring) -> None:
    assert list(RayEngine(address="nowhere").run(iter(()), scoring)) == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        pytest.param("ray://head:10001", r"must be HOST:PORT of a cluster's head, or 'auto'", id="a client"),
        pytest.param("head", r"must be HOST:PORT of a cluster's head, or 'auto', was head", id="no port"),
        pytest.param(
            "127.0.0.1:9", r"Ray at 127\.0\.0\.1:9: must answer: ConnectionRefusedError", id="nobody"
        ),
    ],
)
def test_an_address_where_no_cluster_can_be_is_refused(scoring: PartScoring, address: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        next(RayEngine(address=address).run(units(1, []), scoring))


def test_a_machine_without_tocsin_can_say_so() -> None:
    alone = (
        "import sys, pickle; sys.modules['tocsin'] = None;"
        " print(pickle.load(sys.stdin.buffer)().where.__name__)"
    )
    told = subprocess.run(
        [sys.executable, "-c", alone],
        input=ray.cloudpickle.dumps(actor_class()),
        capture_output=True,
        check=True,
    )

    assert told.stdout.strip() == b"where"
    with pytest.raises(
        ScoringError, match=r"^192\.0\.2\.7: must have tocsin .*, as this machine has, has none$"
    ):
        engine._checked(Here("node", "192.0.2.7", None))


def test_without_ray_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'tocsin\[ray\]'"):
        library.import_ray()


def test_an_answer_crosses_processes() -> None:
    here = Here("node", "192.0.2.7", "1")

    assert pickle.loads(pickle.dumps(here)) == here  # noqa: S301 - ours
