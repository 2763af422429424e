from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tocsin.models import Scorer
from tocsin.service.api.testing import live, make_app
from tocsin.service.serving import protocol
from tocsin.service.serving.protocol import (
    MOST_HEAD_BYTES,
    MOST_HEADERS,
    MOST_PIPELINED,
    BoundedProtocol,
)

PATIENCE_S = 10.0
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
LONG = b"GET /$discovery/rest?version=v1alpha1 HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def address(shipped_scorer: Scorer) -> Iterator[tuple[str, int]]:
    with live(make_app(shipped_scorer), BoundedProtocol) as url:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        yield parts.hostname, parts.port


@contextlib.contextmanager
def connected(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, PATIENCE_S) as client:
        yield client


def rest(client: socket.socket) -> bytes:
    """Return what comes until the server ends the connection."""
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := client.recv(65_536):
            answer += chunk
    return answer


def send(client: socket.socket, data: bytes) -> bool:
    """Send all of `data`; say whether the server took it."""
    try:
        client.sendall(data)
    except OSError:
        return False
    return True


def test_requests_one_after_another_share_a_connection(address: tuple[str, int]) -> None:
    with connected(address) as client:
        for _ in range(3):
            client.sendall(ALIVE)
            assert client.recv(65_536).startswith(b"HTTP/1.1 200")


def test_a_few_requests_may_be_sent_ahead_of_their_answers(address: tuple[str, int]) -> None:
    with connected(address) as client:
        client.sendall(ALIVE * MOST_PIPELINED)
        answer = b""
        while answer.count(b"HTTP/1.1 200") < MOST_PIPELINED:
            chunk = client.recv(65_536)
            assert chunk, "the connection ended early"
            answer += chunk


def test_more_end_the_connection(address: tuple[str, int]) -> None:
    with connected(address) as client:
        send(client, LONG * 2_000)

        answer = rest(client)

    assert answer.count(b"HTTP/1.1 200") <= MOST_PIPELINED + 1


@pytest.mark.parametrize(
    "line", [pytest.param(b"X-Soup: " + b"a" * 10_000, id="one-long-header"), pytest.param(b"", id="the-url")]
)
def test_a_head_without_end_is_refused(line: bytes, address: tuple[str, int]) -> None:
    with connected(address) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\n" + line if line else b"GET /healthz?")
        took = 0
        while took < 4_000_000 and send(client, b"a" * 65_536):
            took += 65_536
            time.sleep(0.001)
        answer = rest(client)

    assert took < 4_000_000, "the server read on for ever"
    assert answer in {b"", protocol._TOO_LARGE}


def test_a_long_head_within_the_bound_is_read(address: tuple[str, int]) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Soup: "
    with connected(address) as client:
        client.sendall(head)
        for _ in range(6):
            client.sendall(b"a" * (MOST_HEAD_BYTES // 8))
            time.sleep(0.01)
        client.sendall(b"\r\n\r\n")

        assert client.recv(65_536).startswith(b"HTTP/1.1 200")


def test_the_bound_counts_each_head_for_itself(address: tuple[str, int]) -> None:
    padded = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Soup: " + b"a" * 30_000 + b"\r\n\r\n"
    with connected(address) as client:
        for _ in range(5):
            client.sendall(padded)
            assert client.recv(65_536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("headers", "status"), [(MOST_HEADERS - 1, b"200"), (MOST_HEADERS, b"400")], ids=["most", "one-more"]
)
def test_headers_are_counted(headers: int, status: bytes, address: tuple[str, int]) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + b"X-Soup: a\r\n" * headers + b"\r\n"
    with connected(address) as client:
        client.sendall(head)

        assert client.recv(65_536).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize("sent", [b"", b"GET /hea"], ids=["nothing", "half-a-head"])
def test_a_head_that_does_not_come_is_not_waited_for(
    sent: bytes, address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 0.2)
    with connected(address) as client:
        client.sendall(sent)
        started = time.monotonic()

        assert rest(client) == b""
        assert 0.1 < time.monotonic() - started < PATIENCE_S / 2


def test_half_a_second_head_is_not_waited_for_either(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 0.2)
    with connected(address) as client:
        client.sendall(ALIVE)
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        client.sendall(b"GET /hea")
        started = time.monotonic()

        assert rest(client) == b""
        assert time.monotonic() - started < PATIENCE_S / 2


def test_a_connection_that_rests_between_requests_is_kept(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_S", 0.1)
    with connected(address) as client:
        client.sendall(ALIVE)
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        time.sleep(0.4)
        client.sendall(ALIVE)
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")


def test_an_answer_that_nobody_reads_is_not_kept(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "STUCK_S", 0.2)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.settimeout(PATIENCE_S)
        client.connect(address)
        ended = False
        for _ in range(2_000):
            if not send(client, LONG):
                ended = True
                break
            time.sleep(0.001)

    assert ended, "the server kept answers for a client that reads nothing"
