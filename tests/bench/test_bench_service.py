"""The load bench's own machinery: on a fake server, and on real ones for a second."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.append(str(BENCH))

from service_drain import drain  # noqa: E402
from service_faces import FACES, NAIVE, Face, bodies  # noqa: E402
from service_load import FIRST_KEY, READY, cores, ours  # noqa: E402
from service_overload import Hey, percentile  # noqa: E402
from service_rounds import Plan, measure, targets  # noqa: E402
from service_servers import (  # noqa: E402
    Server,
    ServerError,
    free_port,
    naive_command,
    only_on,
    served,
    tocsin_command,
)
from service_texts import NEW_WORD, posts, toy_posts  # noqa: E402
from service_wrk import LoadError, Wrk  # noqa: E402
from throughput_posts import word  # noqa: E402

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the bench reads what Linux tells of processes"
)

# Answers 200 after a while, or 503 where more than `most` are being answered; keeps what it was sent.
FAKE = """
import http.server, json, os, sys, threading, time
most, seconds, kept = int(sys.argv[2]), float(sys.argv[3]), open(sys.argv[4], "a")
room, lock = threading.Semaphore(most), threading.Lock()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, status):
        self.send_response(status); self.send_header("Content-Length", "2"); self.end_headers()
        self.wfile.write(b"{}")
    def do_GET(self): self.answer(200)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with lock: print(self.path, self.headers["Authorization"], body.decode(), file=kept, flush=True)
        if not room.acquire(blocking=False): return self.answer(503)
        try: time.sleep(seconds); self.answer(200)
        finally: room.release()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer.daemon_threads = True
http.server.ThreadingHTTPServer.request_queue_size = 128
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
TEXTS = ("hot soup", "late goal", "old bread", "new oven")


def fake(folder: Path, most: int = 100, seconds: float = 0.0) -> tuple[tuple[str, ...], int, Path]:
    port = free_port()
    return (
        (sys.executable, "-c", FAKE, str(port), str(most), str(seconds), str(folder / "sent")),
        port,
        folder / "sent",
    )


def gone() -> Server:
    """Return a server that has left."""
    process = subprocess.Popen([sys.executable, "-S", "-c", "pass"])
    process.wait()
    return Server(f"http://127.0.0.1:{free_port()}", process)


def tool(name: str) -> None:
    if shutil.which(name) is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} must be there in CI, is not")
        pytest.skip(f"{name} is not on this machine")


def quiet(_: str) -> None:
    """Say nothing."""


@pytest.mark.parametrize("face", [*FACES.values(), *NAIVE.values()], ids=lambda face: face.title)
def test_every_body_is_json_with_as_many_texts_as_it_says_each_marked(face: Face) -> None:
    made = bodies(face, toy_posts(70))

    assert len(made) == 70 // face.texts
    assert {body.count(NEW_WORD) for body in made} == {face.texts}
    assert all(json.loads(body) for body in made)


def test_texts_are_toy_words_where_no_corpora_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOCSIN_DATA", raising=False)

    assert posts(50, quiet) == toy_posts(50)
    assert len(set(toy_posts(2_000))) == 2_000


def test_wrk_sends_every_text_with_a_word_of_its_own_and_tells_what_came_of_it(tmp_path: Path) -> None:
    tool("wrk")
    command, port, sent = fake(tmp_path, seconds=0.005)
    (tmp_path / "key").write_text("k\n")
    with served(command, port, READY, key=tmp_path / "key") as server:
        wrk = Wrk(server.url, server.headers, tmp_path)
        found = wrk.finish(wrk.start(FACES["native"], bodies(FACES["native"], TEXTS), 4, 1, 7, count=True))

    lines = [line.split(" ", 3) for line in sent.read_text().splitlines()]
    told = [json.loads(line[3])["items"][0]["text"] for line in lines]
    assert {(line[0], line[1], line[2]) for line in lines} == {("/v1/assess", "Bearer", "k")}
    assert found.answers == found.statuses["200"] > 20
    assert (found.refused, found.broken, found.late) == (0, 0, 0)
    assert 5 <= found.p50_ms <= found.p99_ms <= found.most_ms
    assert len(set(told)) == len(told) >= found.answers
    assert {text.rsplit(" ", 1)[0] for text in told} == set(TEXTS)
    # Some that were made at the end were not sent any more.
    assert {text.rsplit(" ", 1)[1] for text in told} <= {word(7 + number) for number in range(len(told) + 8)}


def test_refusals_are_counted_and_are_no_throughput(tmp_path: Path) -> None:
    tool("wrk")
    command, port, _ = fake(tmp_path, most=1, seconds=0.05)
    with served(command, port, READY) as server:
        wrk = Wrk(server.url, {}, tmp_path)
        found = wrk.load(FACES["tei"], bodies(FACES["tei"], TEXTS), 4, 1)

    assert 0 < found.refused < found.answers
    assert found.good_a_second < 21


def test_hey_tells_times_by_status(tmp_path: Path) -> None:
    tool("hey")
    command, port, sent = fake(tmp_path, most=4, seconds=0.05)
    (tmp_path / "key").write_text("k")
    with served(command, port, READY, key=tmp_path / "key") as server:
        found = Hey(server, tmp_path).load("/v1/assess", '{"a": 1}', 8, 1)

    assert set(sent.read_text().splitlines()) == {'/v1/assess Bearer k {"a": 1}'}
    assert set(found.by_status) == {200, 503}
    assert percentile(found.accepted, 0) >= 50 > percentile(found.refused, 0)
    assert 4 <= len(found.accepted) <= 88


def test_a_load_tool_that_is_missing_is_an_error_that_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(LoadError, match="apt-get install wrk"):
        Wrk("http://127.0.0.1:1", {}, tmp_path).load(FACES["tei"], ["{}"], 1, 1)
    with pytest.raises(LoadError, match="apt-get install hey"):
        Hey(gone(), tmp_path).load("/", "{}", 1, 1)


def test_wrk_that_fails_is_an_error_and_no_figure(tmp_path: Path) -> None:
    tool("wrk")

    with pytest.raises(LoadError, match="wrk must end with figures"):
        Wrk(f"http://127.0.0.1:{free_port()}", {}, tmp_path).load(FACES["tei"], ["{}"], 1, 1)


def test_a_server_is_accounted_for_with_all_that_came_from_it() -> None:
    # The child holds 64 MiB and works for half a second; the parent only waits for it.
    child = "import time; held = b'x' * 2**26; end = time.process_time() + .5\n"
    child += "while time.process_time() < end: pass\n"
    child += "print('done', flush=True); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE)
    server = Server("", process)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        found = server.processes
        assert len(found) == 2
        assert 0.45 < server.processor_seconds < 2
        assert 64 < server.resident_mb < 200
        assert 64 < server.proportional_mb <= server.resident_mb
    finally:
        for one in reversed(server.processes):
            os.kill(one, signal.SIGKILL)
        process.communicate()


def test_a_server_that_does_not_come_up_is_an_error_that_says_its_last_words() -> None:
    with (
        pytest.raises(ServerError, match="must answer at /readyz within 60 s, did not: no flour"),
        served((sys.executable, "-c", "print('no flour')"), free_port(), READY),
    ):
        pytest.fail("it was yielded")


def test_servers_and_load_tools_have_cores_of_their_own_where_there_are_enough() -> None:
    there = sorted(os.sched_getaffinity(0))

    assert cores(len(there)) == (None, None)
    with only_on(frozenset(there[:1])):
        assert os.sched_getaffinity(0) == {there[0]}
        assert cores(1) == (None, None)
    assert sorted(os.sched_getaffinity(0)) == there
    if len(there) > 1:
        assert cores(1) == (frozenset(there[:1]), frozenset(there[1:]))


def test_what_is_answered_when_a_server_ends_is_told_from_what_is_lost(tmp_path: Path) -> None:
    command, port, _ = fake(tmp_path, most=3, seconds=30)
    with served(command, port, READY) as server:
        found = drain(server, FACES["native"], TEXTS, 5, 2)

    assert found.outcomes == {"503": 2, "no answer": 3}
    assert (found.requests, found.open_at_stop, found.lost) == (5, 3, 3)
    assert found.code == -signal.SIGTERM


@pytest.mark.alone  # it fills the machine
@pytest.mark.parametrize("command", ["naive", "tocsin"])
def test_real_servers_answer_the_faces_they_have_and_are_loaded_in_turn(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool("wrk")
    port = free_port()
    mine = command == "tocsin"
    start = tocsin_command() if mine else naive_command(port, 1)
    key = tmp_path / FIRST_KEY if mine else None
    settings = ours(tmp_path, port) if mine else {}
    with served(start, port, READY if mine else "/openapi.json", settings, key) as server:
        pair = (server, Wrk(server.url, server.headers, tmp_path))
        names = [*(FACES if mine else NAIVE)]
        found, missing = targets(names, toy_posts(64), pair, pair)
        assert (sorted(found), missing) == (sorted(names), {})
        found = {name: found[name] for name in names[:2]}
        runs = measure(found, Plan((1, 4), 0.2, 1), quiet)
        drained = drain(server, found[names[0]].face, toy_posts(500), 10, 1) if not mine else None

    for name in found:
        for at in (1, 4):
            (one,) = runs[name][at]
            assert one.loaded.answers > one.loaded.refused == 0
            assert one.processor_seconds > 0
    assert drained is None or drained.lost == 0


def test_a_face_that_is_not_there_is_left_out_with_a_word(tmp_path: Path) -> None:
    server = gone()
    pair = (server, Wrk(server.url, {}, tmp_path))

    found, missing = targets(["tei", "def"], TEXTS, pair, None)

    assert (found, missing) == ({}, {"tei": "its answer must be 200, was none"})
