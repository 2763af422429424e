from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tocsin.service.keys import FileKeys, KeyFile, Scope, create_key, revoke_key
from tocsin.service.keys.secret import id_of
from tocsin.service.serving.testing import PATIENCE_S, Served, serving, start

WRONG_DIGEST = """
from pathlib import Path
import sys
from dataclasses import replace
from tocsin.service.serving import running

real = running.Orders
running.Orders = lambda settings, policy, digest, *rest: real(settings, policy, "sha256:" + "0" * 64, *rest)
from tocsin.cli import main

if __name__ == "__main__":
    sys.argv = ["tocsin", "serve", "--port", "0", "--state", sys.argv[1], "--workers", "2"]
    main()
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a server of one process, metrics at a port of their own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serving(tmp_path_factory.mktemp("alone"), "--metrics-port", str(port)) as served:
        served.state.with_name("port").write_text(str(port))
        yield served


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a server of four workers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ("--workers", "4", "--metrics-port", str(port), "--deadline-ms", "60000")
    with serving(tmp_path_factory.mktemp("four"), *options) as served:
        served.state.with_name("port").write_text(str(port))
        yield served


def counted(served: Served, name: str) -> float:
    connection = HTTPConnection("127.0.0.1", int(served.state.with_name("port").read_text()), timeout=10)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def test_it_says_where_it_listens_and_where_the_first_key_is(alone: Served) -> None:
    own = [line for line in alone.said.splitlines() if line.startswith("tocsin: ")]

    assert own[-1] == f"tocsin: listening at {alone.url}, workers: 1"
    assert any(str(alone.state / "first-key") in line for line in own)
    assert any(f"{alone.url}/docs" in line for line in own)
    assert any("Coral fails open" in line for line in own)


def test_the_first_key_opens_it_and_is_in_no_log(alone: Served) -> None:
    status, body = alone.assess(["Soup for the choir."])

    assert status == 200
    assert body["assessments"][0]["status"] == "scored"
    assert alone.secret not in alone.said
    assert alone.secret[-43:] not in alone.said
    key = FileKeys(KeyFile(alone.state)).find(alone.secret)
    assert key is not None
    assert key.scopes == {Scope.SCORE, Scope.EXPLAIN, Scope.FEEDBACK}


def test_what_it_keeps_is_its_owners_alone(alone: Served) -> None:
    assert alone.state.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in alone.state.iterdir()} == {0o600}


def test_nobody_comes_in_without_a_key(alone: Served) -> None:
    assert alone.assess(["Soup"], "tocsin_01234567_" + "A" * 43)[0] == 401


def test_it_does_not_say_what_serves_it(alone: Served) -> None:
    connection = alone.connection()
    connection.request("GET", "/v1/model", headers={"Authorization": f"Bearer {alone.secret}"})
    answer = connection.getresponse()
    connection.close()

    assert answer.status == 200
    assert answer.getheader("server") is None


def test_metrics_have_a_port_of_their_own(alone: Served) -> None:
    alone.assess(["Soup for the Zorbians."])

    assert counted(alone, "tocsin_requests_total{") > 0


def test_a_limit_holds_over_all_workers_together(four: Served) -> None:
    secret = create_key(KeyFile(four.state), "choir", [Scope.SCORE], per_minute=20)
    time.sleep(1.1)

    def ask(number: int) -> int:
        return four.assess([f"Soup number {number}."], secret)[0]

    with ThreadPoolExecutor(8) as pool:
        started = time.monotonic()
        statuses = list(pool.map(ask, range(60)))
        refilled = int((time.monotonic() - started) / 3)
    assert set(statuses) == {200, 429}
    assert 20 <= statuses.count(200) <= 20 + refilled + 1


def test_a_revoked_key_opens_no_worker_after_a_second(four: Served) -> None:
    secret = create_key(KeyFile(four.state), "orchestra", [Scope.SCORE])
    time.sleep(1.1)
    assert {four.assess(["Soup"], secret)[0] for _ in range(12)} == {200}

    revoke_key(KeyFile(four.state), id_of(secret) or "")
    time.sleep(1.1)
    assert {four.assess(["Soup"], secret)[0] for _ in range(12)} == {401}


def test_workers_count_together(four: Served) -> None:
    before = counted(four, "tocsin_requests_total{")
    for number in range(12):
        four.assess([f"Soup number {number}."])

    assert counted(four, "tocsin_requests_total{") >= before + 12


def test_a_worker_that_dies_is_replaced_and_the_rest_go_on(four: Served) -> None:
    before = four.workers
    assert len(before) == 4
    os.kill(before[0], signal.SIGKILL)
    wait_for(lambda: set(before[1:]) < (now := ready(four)) and before[0] not in now)

    assert four.assess(["Soup is still served."])[0] == 200
    assert f"worker {before[0]} is gone: it left with -9; the next one starts in 1 s" in four.said


def test_a_worker_that_cannot_be_replaced_stops_none_of_the_others(four: Served) -> None:
    wait_for(lambda: len(ready(four)) == 4)
    keys = four.state / "keys.json"
    before = four.workers
    keys.chmod(0o640)
    try:
        os.kill(before[0], signal.SIGKILL)
        wait_for(lambda: "must be readable by its owner alone" in four.said)
        time.sleep(1)
        assert four.process.poll() is None
        assert [four.assess(["Soup is still served."])[0] for _ in range(6)] == [200] * 6
    finally:
        keys.chmod(0o600)

    wait_for(lambda: len(ready(four)) == 4)
    assert set(before[1:]) < ready(four)


def ready(served: Served) -> set[int]:
    """Return the process ids of the workers that take requests."""
    told = served.state.parent.glob("tocsin-*/ready-*")
    return {int(path.name.partition("-")[2]) for path in told} & set(served.workers)


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < until, "it did not come about in 40 s"
        time.sleep(0.1)


@pytest.fixture
def hears_hangups() -> Iterator[None]:
    """Have what tests start hear that a terminal goes, where the tests run under nohup too."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("hears_hangups")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_terminal_that_goes_stops_it_as_gently(workers: int, tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", str(workers)) as served:
        children = served.workers
        assert served.stop(signal.SIGHUP) == 0

    assert "Traceback" not in served.said
    assert not any(Path(f"/proc/{child}").exists() for child in children)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("after_s", [0.4, 2.0])
def test_a_signal_while_it_starts_ends_it(number: signal.Signals, after_s: float, tmp_path: Path) -> None:
    served = start(tmp_path, "--workers", "2")
    time.sleep(after_s)

    code = served.stop(number)

    assert code in {0, 130, -number}, served.said
    wait_for(lambda: not served.workers if Path(f"/proc/{served.process.pid}").exists() else True)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        pytest.param(
            ("--bundle", "nowhere"), "tocsin: nowhere/bundle.json: must be a plain file", id="no bundle"
        ),
        pytest.param(
            ("--shadow-bundle", "nowhere", "--workers", "3"),
            "tocsin: nowhere/bundle.json: must be a plain file",
            id="no shadow, said once, before workers start",
        ),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_1(
    tmp_path: Path, options: tuple[str, ...], why: str
) -> None:
    served = start(tmp_path, *options)
    try:
        code = served.process.wait(PATIENCE_S)
    finally:
        served.process.kill()
        served.process.wait()

    own = [line for line in served.said.splitlines() if not line.startswith("{")]
    assert code == 1
    assert own[-1].startswith(why)
    assert "Traceback" not in served.said
    assert "Started server process" not in served.said


def test_workers_that_cannot_start_are_not_tried_for_ever(tmp_path: Path) -> None:
    script = tmp_path / "wrong.py"
    script.write_text(WRONG_DIGEST)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "state")],
        stderr=subprocess.PIPE,
        timeout=PATIENCE_S,
        check=False,
    )
    said = done.stderr.decode()

    assert done.returncode == 1
    assert said.splitlines()[-1].startswith("tocsin: a worker could not start: ")
    assert f"bundle digest must be sha256:{'0' * 64}" in said
    assert "listening" not in said
