from __future__ import annotations

import asyncio
import errno
import http.client
import io
import logging
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from tocsin.models import Scorer
from tocsin.service.api.call import Call
from tocsin.service.api.making import make_service
from tocsin.service.api.native import spool as spool_module
from tocsin.service.api.native.ndjson import assess_lines
from tocsin.service.api.native.spool import Room, Spool, SpoolResponse
from tocsin.service.api.refusal import Refusal, Why
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import SECRET, MemoryKeys, NoLimit, connect, live, make_app
from tocsin.service.keys import Key
from tocsin.service.scan.testing import WordAssessor

TYPE = {"Content-Type": "application/x-ndjson"}
LINE = b'{"text": "soup"}\n'


class Arriving:
    """Stand for a client whose parts arrive after pauses, on a clock that no test waits for."""

    def __init__(self, parts: list[tuple[float, bytes]]) -> None:
        self.now = 0.0
        self._parts = iter(parts)

    def monotonic(self) -> float:
        return self.now

    async def receive(self) -> dict[str, Any]:
        pause, body = next(self._parts, (0.0, b""))
        self.now += pause
        return {"type": "http.request", "body": body, "more_body": bool(body)}


def make_call(scorer: Scorer, receive: Any, settings: ServeSettings | None = None) -> Call:
    scope = {"type": "http", "method": "POST", "path": "/v1/assess", "query_string": b"", "headers": []}
    service = make_service(settings or ServeSettings(), scorer, keys=MemoryKeys(), limiter=NoLimit())
    return Call(service, Request(scope, receive))


async def judge(call: Call) -> None:
    """Read all lines, and throw the answer away."""
    answer = await assess_lines(call)
    assert isinstance(answer, SpoolResponse)
    answer._spool.close()


@pytest.mark.parametrize("line", [b"\n", b" \r\n", b"{\n"], ids=["empty", "blank", "bad"])
def test_lines_that_are_not_scored_let_others_have_their_turn(line: bytes, shipped_scorer: Scorer) -> None:
    turns = 0

    async def use() -> None:
        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        await judge(make_call(shipped_scorer, Arriving([(0, line * 25_600)]).receive))
        counting.cancel()

    asyncio.run(use())

    assert turns >= 100, "one a 256 lines, though all arrive at once"


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        pytest.param([(9.0, b" ")] * 4, True, id="a-byte-every-9-seconds"),
        pytest.param([(1.0, b" " * 1_100)] * 60, False, id="slow-but-steady"),
        pytest.param([(1.0, b" " * 900)] * 60, True, id="a-little-too-slow"),
        pytest.param([(0.9, b" ")] * 10, False, id="little-but-soon-done"),
        pytest.param([(0.0, b" " * 40_000), *[(9.0, b" ")] * 4], False, id="what-came-before-counts"),
        pytest.param([(0.0, b" " * 40_000), *[(9.0, b" ")] * 6], True, id="but-not-for-ever"),
    ],
)
def test_a_stream_must_arrive_at_a_least_rate(
    parts: list[tuple[float, bytes]], refused: bool, shipped_scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    arriving = Arriving(parts)
    limits: list[float] = []

    class Timeout:
        """Time out by the client's clock."""

        def __init__(self, seconds: float) -> None:
            limits.append(arriving.now + seconds)

        async def __aenter__(self) -> None: ...

        async def __aexit__(self, *error: object) -> None:
            if arriving.now > limits[-1]:
                raise TimeoutError

    monkeypatch.setattr("tocsin.service.api.native.ndjson.time.monotonic", arriving.monotonic)
    call = make_call(shipped_scorer, arriving.receive)

    async def use() -> None:
        monkeypatch.setattr(asyncio, "timeout", Timeout)
        await judge(call)

    if not refused:
        asyncio.run(use())
        return
    with pytest.raises(Refusal, match="within 10 s, and 1,024 bytes a second after the first 10 s") as caught:
        asyncio.run(use())
    assert caught.value.why is Why.BODY_TIMEOUT


def test_a_client_that_trickles_is_let_go(shipped_scorer: Scorer) -> None:
    app = make_app(shipped_scorer, ServeSettings(body_timeout_ms=400), assessor=WordAssessor({}))

    def trickle() -> Iterator[bytes]:
        for _ in range(12):
            yield b" "
            time.sleep(0.1)

    with live(app) as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        headers = {**TYPE, "Authorization": f"Bearer {SECRET}", "Transfer-Encoding": "chunked"}
        connection.request("POST", "/v1/assess", trickle(), headers, encode_chunked=True)
        status = connection.getresponse().status
        connection.close()

    assert status == 408


def test_the_time_that_scoring_takes_is_not_the_clients(shipped_scorer: Scorer) -> None:
    class Slow(WordAssessor):
        def assess(self, *args: Any, **more: Any) -> Any:
            time.sleep(0.5)
            return super().assess(*args, **more)

    class OneByOne(NoLimit):
        def limit(self, key: Key) -> int:
            del key
            return 1

    settings = ServeSettings(body_timeout_ms=400, cache_entries=0)
    with live(make_app(shipped_scorer, settings, limiter=OneByOne(), assessor=Slow({}))) as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        headers = {**TYPE, "Authorization": f"Bearer {SECRET}", "Transfer-Encoding": "chunked"}
        parts = (time.sleep(0.05) or LINE for _ in range(4))  # type: ignore[func-returns-value]
        connection.request("POST", "/v1/assess", parts, headers, encode_chunked=True)
        status = connection.getresponse().status
        connection.close()

    assert status == 200


class SmallFile(io.FileIO):
    """Stand for a file on a disk with so little room."""

    room = 0

    def write(self, content: Any) -> int:
        if self.tell() + len(content) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(content) or 0


def fill_disk(monkeypatch: pytest.MonkeyPatch, folder: Path, room: int) -> None:
    monkeypatch.setattr(SmallFile, "room", room)
    make = iter(range(1_000))
    monkeypatch.setattr(
        tempfile,
        "TemporaryFile",
        lambda *_, **__: io.BufferedRandom(SmallFile(folder / f"{next(make)}", "w+")),
    )


@pytest.mark.parametrize("room", [0, 5_000_000], ids=["first", "later"])
def test_a_full_disk_says_so(
    room: int,
    shipped_scorer: Scorer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fill_disk(monkeypatch, tmp_path, room)
    app = make_app(shipped_scorer, assessor=WordAssessor({}))
    with connect(app) as client, caplog.at_level(logging.ERROR):
        answer = client.post("/v1/assess", content=b"{\n" * 50_000, headers=TYPE)
        small = client.post("/v1/assess", content=LINE, headers=TYPE)

    assert answer.status_code == 507
    problem = answer.json()
    assert (problem["code"], problem["title"]) == ("storage_full", "Insufficient Storage")
    assert problem["detail"].startswith("answers that wait must find room on the server's disk")
    assert "No space left on device" in caplog.text
    assert small.status_code == 200, "what fits into memory needs no disk"


def test_what_a_file_still_buffers_is_on_the_disk_before_the_answer_begins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fill_disk(monkeypatch, tmp_path, 20)

    async def use() -> None:
        spool = Spool(memory_bytes=10, room=Room(1_000))
        try:
            await spool.write(b"soup\n" * 3)
            await spool.write(b"soup\n" * 3)  # less than a buffer: nothing fails yet
            with pytest.raises(Refusal) as caught:
                await spool.rewind()
            assert caught.value.why is Why.STORAGE_FULL
        finally:
            spool.close()

    asyncio.run(use())


def test_an_answer_that_cannot_be_rewound_has_not_begun(
    shipped_scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(spool: Spool) -> None:
        raise Refusal(Why.STORAGE_FULL, f"no room for {spool.size}")

    monkeypatch.setattr(Spool, "rewind", refuse)
    with connect(make_app(shipped_scorer, assessor=WordAssessor({}))) as client:
        assert client.post("/v1/assess", content=LINE, headers=TYPE).status_code == 507


def test_the_answers_of_all_requests_have_one_room(
    shipped_scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(10_000)
    monkeypatch.setattr(Spool.__init__, "__defaults__", (4_000, room))
    with connect(make_app(shipped_scorer, ServeSettings(max_stream_bytes=30_000))) as client:

        def post(count: int) -> Any:
            return client.post("/v1/assess", content=b"{\n" * count, headers=TYPE)

        room.held = 9_500
        refused = post(10)
        room.held -= 9_500
        fitting = [post(10).status_code for _ in range(20)]
        too_long = post(100)

    assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
    assert refused.json()["detail"].startswith(
        "answers that wait must take at most 10,000 bytes together, would take 1"
    )
    assert set(fitting) == {200}, "room comes back"
    assert too_long.status_code == 413
    assert room.held == 0


def test_a_worker_has_a_gibibyte_of_room() -> None:
    spool = Spool()
    spool.close()

    assert spool._room is spool_module._WORKERS
    assert spool._room.most == 1_073_741_824
