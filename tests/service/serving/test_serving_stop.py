from __future__ import annotations

import json
import signal
import socket
import threading
import time
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tocsin.service.serving.protocol import LINGER_S
from tocsin.service.serving.testing import PATIENCE_S, Served, serving

MANY = [f"Soup number {number} is for the Zorbian choir." for number in range(1_000)]


class SlowBody:
    """Send half a body, and the rest when told to."""

    def __init__(self, served: Served) -> None:
        body = json.dumps({"items": [{"id": "slow", "text": "Soup is served to the choir."}]}).encode()
        address = urlsplit(served.url)
        self._rest = body[20:]
        self._socket = socket.create_connection((address.hostname or "", address.port or 0), PATIENCE_S)
        head = (
            f"POST /v1/assess HTTP/1.1\r\nHost: soup\r\nAuthorization: Bearer {served.secret}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + body[:20])

    def close(self) -> None:
        """Leave in the middle."""
        self._socket.close()

    def finish(self) -> tuple[bytes, bytes]:
        """Return head and body of the answer, read to the connection's end."""
        self._socket.sendall(self._rest)
        answer = b""
        while chunk := self._socket.recv(65_536):
            answer += chunk
        self._socket.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return head, body


class Batch(threading.Thread):
    """Send many texts at once and keep what comes back."""

    def __init__(self, served: Served) -> None:
        super().__init__()
        self._served = served
        self.status = 0
        self.answers = 0

    def run(self) -> None:
        self.status, body = self._served.assess(MANY)
        self.answers = len(body["assessments"])


class Regular(threading.Thread):
    """Ask again and again over one connection, until there is nobody to ask.

    `lost` counts requests that got no answer although their connection was in use just before.
    """

    def __init__(self, served: Served) -> None:
        super().__init__()
        self._connection = served.connection()
        self._secret = served.secret
        self.answered = 0
        self.lost = 0

    def run(self) -> None:
        last = time.monotonic()
        while True:
            asked = time.monotonic()
            used = self._connection.sock is not None  # else it is opened now, or the system alone took it
            try:
                self._connection.request(
                    "GET", "/v1/model", headers={"Authorization": f"Bearer {self._secret}"}
                )
                answer = self._connection.getresponse()
                json.loads(answer.read())
            except ConnectionRefusedError:
                return
            except (OSError, HTTPException):
                self.lost += used and asked - last < LINGER_S / 2
                return
            assert answer.status == 200
            self.answered += 1
            last = time.monotonic()


@pytest.mark.parametrize(
    ("workers", "number"),
    [
        pytest.param(1, signal.SIGTERM, id="one process"),
        pytest.param(4, signal.SIGTERM, id="four workers"),
        pytest.param(1, signal.SIGINT, id="Ctrl-C"),
    ],
)
def test_whatever_was_accepted_is_answered_in_full_after_the_signal_to_stop(
    tmp_path: Path, workers: int, number: signal.Signals
) -> None:
    with serving(tmp_path, "--workers", str(workers), "--deadline-ms", "60000") as served:
        served.assess(["warm"])
        slow = [SlowBody(served) for _ in range(2 * workers)]
        batches = [Batch(served) for _ in range(2)]
        regular = [Regular(served) for _ in range(2)]
        for one in (*batches, *regular):
            one.start()
        time.sleep(0.3)
        served.process.send_signal(number)
        time.sleep(1)
        ends = [one.finish() for one in slow]
        for one in (*batches, *regular):
            one.join(PATIENCE_S)

        assert served.process.wait(PATIENCE_S) == 0
    for head, body in ends:
        assert head.startswith(b"HTTP/1.1 200 ")
        assert json.loads(body)["assessments"][0]["id"] == "slow"
    assert [(one.status, one.answers) for one in batches] == [(200, len(MANY))] * 2
    assert sum(one.answered for one in regular) > 0
    assert [one.lost for one in regular] == [0, 0]
    assert "Traceback" not in served.said


def test_new_connections_are_refused_while_it_finishes(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as served:
        slow = SlowBody(served)
        time.sleep(0.2)
        served.process.send_signal(signal.SIGTERM)
        until = time.monotonic() + 5
        refused = False
        while not refused and time.monotonic() < until:
            time.sleep(0.1)
            try:
                served.assess(["soup"])
            except ConnectionRefusedError:
                refused = True
            except (OSError, HTTPException):
                pass
        assert refused
        assert served.process.poll() is None
        assert slow.finish()[0].startswith(b"HTTP/1.1 200 ")


@pytest.mark.alone  # the end is held to a time
def test_who_does_not_finish_in_time_is_cut_off(tmp_path: Path) -> None:
    with serving(tmp_path, "--shutdown-seconds", "1") as served:
        slow = SlowBody(served)
        time.sleep(0.2)
        before = time.monotonic()
        code = served.stop()
        assert code == 0
        assert 1 <= time.monotonic() - before < 5
        slow.close()


def test_workers_end_once_their_parent_was_killed(tmp_path: Path) -> None:
    with serving(tmp_path, "--workers", "2") as served:
        workers = served.workers
        assert len(workers) == 2
        served.process.kill()
        served.process.wait()
        until = time.monotonic() + 15
        while any(_lives(pid) for pid in workers) and time.monotonic() < until:
            time.sleep(0.05)
        assert not any(_lives(pid) for pid in workers)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
