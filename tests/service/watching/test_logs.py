from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import socket
import threading
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tocsin.models import Scorer
from tocsin.service.api.answered import Answered
from tocsin.service.api.app import App, build_app
from tocsin.service.api.making import make_faces, make_service
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import SECRET, MemoryKeys, NoLimit, connect, live
from tocsin.service.watching import AccessLog, configure_logging

NAMES = ("", "tocsin", "uvicorn", "uvicorn.error", "uvicorn.asgi", "uvicorn.access")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Send every log record to a buffer, as a server would, and undo it."""
    loggers = [logging.getLogger(name) for name in NAMES]
    before = [(one.handlers[:], one.level, one.propagate, one.disabled) for one in loggers]
    hook, raising = threading.excepthook, logging.raiseExceptions
    buffer = io.StringIO()
    configure_logging("debug", buffer)
    yield buffer
    for one, (handlers, level, propagate, disabled) in zip(loggers, before, strict=True):
        one.handlers[:], one.propagate, one.disabled = handlers, propagate, disabled
        one.setLevel(level)
    logging.captureWarnings(capture=False)
    threading.excepthook, logging.raiseExceptions = hook, raising


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


class Failing:
    """Fail in a way that quotes what it was given."""

    def assess(self, items: Any, *, explain: bool = False) -> Any:
        raise ValueError(f"cannot read {items[0].text}, {explain}")


def logging_app(scorer: Scorer, assessor: Any = None) -> App:
    service = make_service(
        ServeSettings(),
        scorer,
        keys=MemoryKeys(),
        limiter=NoLimit(),
        requests=[AccessLog()],
        assessor=assessor,
    )
    return build_app(service, make_faces(service))


def test_a_request_is_one_line(log: io.StringIO) -> None:
    AccessLog().answered(
        Answered("native", "assess", "POST", "/v1/assess", 429, 0.01234567, 3, "k1", "rate_limited")
    )

    (line,) = lines(log)
    moment = datetime.fromisoformat(line.pop("time"))
    assert moment.utcoffset() == timedelta(0)
    assert log.getvalue().startswith('{"time":"')
    assert line == {
        "level": "info",
        "logger": "tocsin.access",
        "event": "request",
        "face": "native",
        "operation": "assess",
        "method": "POST",
        "path": "/v1/assess",
        "status": 429,
        "ms": 12.346,
        "texts": 3,
        "key": "k1",
        "why": "rate_limited",
    }


def test_probes_are_logged_at_debug_alone(log: io.StringIO) -> None:
    probe = Answered("probes", "healthz", "GET", "/healthz", 200, 0.001, 0, None, None)

    AccessLog().answered(probe)
    configure_logging("info", log)
    AccessLog().answered(probe)

    assert [line["level"] for line in lines(log)] == ["debug"]


def test_neither_text_nor_key_is_ever_logged(log: io.StringIO, shipped_scorer: Scorer) -> None:
    secrets = ["quokka", "zebrafinch", "numbat", SECRET]
    body = {"items": [{"id": "zebrafinch", "text": "quokka choir", "community": "quokka"}]}

    for assessor in (None, Failing()):
        with connect(logging_app(shipped_scorer, assessor), None) as client:
            client.post(f"/v1/assess?key={SECRET}", json=body)
            client.post("/v1/assess", json=body, headers={"Authorization": f"Bearer {SECRET}"})
            client.post("/v1/assess", json=body, headers={"X-Goog-Api-Key": "numbat"})
            client.post("/v1/assess?key=numbat&text=quokka", content=b'{"quokka": ')
            client.get("/quokka/numbat?key=numbat")

    answers = [line for line in lines(log) if line["event"] == "request"]
    assert [line["status"] for line in answers] == [200, 200, 401, 401] * 2
    assert [line["key"] for line in answers] == ["tests", "tests", None, None] * 2
    assert [secret for secret in secrets if secret in log.getvalue()] == []


def test_an_exception_shows_where_and_of_what_type_and_not_what_it_says(log: io.StringIO) -> None:
    def fail() -> None:
        try:
            int("quokka")
        except ValueError as error:
            raise RuntimeError("quokka again") from error

    try:
        fail()
    except RuntimeError:
        logging.getLogger("tocsin.somewhere").exception("it failed")

    (line,) = lines(log)
    assert line["event"] == "it failed"
    assert line["exception"]["type"] == "RuntimeError"
    assert re.fullmatch(r".*watching/test_logs\.py:\d+ fail", line["exception"]["stack"][-1])
    assert line["exception"]["cause"]["type"] == "ValueError"
    assert "quokka" not in log.getvalue()


def test_members_of_a_group_are_shown_without_what_they_say(log: io.StringIO) -> None:
    group = ExceptionGroup("quokka", [ValueError("quokka"), OSError(28, "No space left", "quokka")])
    logging.getLogger("tocsin").error("it failed", exc_info=group)

    (line,) = lines(log)
    assert [one["type"] for one in line["exception"]["members"]] == ["ValueError", "OSError"]
    assert line["exception"]["members"][1]["errno"] == 28
    assert "quokka" not in log.getvalue()


def test_what_other_libraries_say_is_left_out_for_it_may_quote(log: io.StringIO) -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_soon(fail, "quokka")
        await asyncio.sleep(0)

    def fail(text: str) -> None:
        raise ValueError(text)

    asyncio.run(main())
    logging.getLogger("elsewhere").info("quokka")
    logging.getLogger("elsewhere").warning("quokka")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("quokka", stacklevel=1)

    first, second, third = lines(log)
    assert (first["logger"], first["exception"]["type"]) == ("asyncio", "ValueError")
    assert re.fullmatch(r"logged at .*test_logs\.py:\d+", second["event"])
    assert third["logger"] == "py.warnings"
    assert "quokka" not in log.getvalue()


def test_what_ends_a_thread_is_logged_without_what_it_says(log: io.StringIO) -> None:
    def fail() -> None:
        raise ValueError("quokka")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    (line,) = lines(log)
    assert line["exception"]["type"] == "ValueError"
    assert "quokka" not in log.getvalue()


def test_a_record_that_cannot_be_written_prints_none_of_its_arguments(
    log: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("tocsin").info("%d", "quokka")

    assert "quokka" not in capsys.readouterr().err + log.getvalue()


def test_fields_that_json_lacks_are_written_as_their_type(log: io.StringIO) -> None:
    logging.getLogger("tocsin").info("said", extra={"fields": {"item": object(), "ratio": float("nan")}})

    (line,) = lines(log)
    assert line["item"] == "object"


def test_the_servers_own_messages_lose_their_queries(log: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info('%s - "WebSocket %s" 403', "127.0.0.1:1", f"/v1?key={SECRET}")
    logging.getLogger("uvicorn.access").info("/v1/assess?key=%s", SECRET)

    (line,) = lines(log)
    assert line["event"] == '127.0.0.1:1 - "WebSocket /v1?…" 403'.replace('…"', "…")
    assert SECRET not in log.getvalue()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"GET /quokka?key=numbat\r\n\r\n", id="no-version"),
        pytest.param(b"quokka numbat\r\n\r\n", id="no-http"),
        pytest.param(b"POST /v1/assess?key=numbat HTTP/1.1\r\nquokka\r\n\r\n", id="bad-header"),
        pytest.param(
            b"GET /v1/x?key=numbat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Key: quokka\r\nSec-WebSocket-Version: 13\r\n\r\n",
            id="websocket",
        ),
    ],
)
def test_malformed_requests_are_logged_without_what_they_say(
    sent: bytes, log: io.StringIO, shipped_scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import uvicorn

    real = uvicorn.Config
    monkeypatch.setattr(
        uvicorn, "Config", lambda app, **_: real(app, log_config=None, access_log=False, log_level=None)
    )
    with live(logging_app(shipped_scorer)) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 10) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass

    assert any(line["logger"] == "uvicorn.error" for line in lines(log))
    assert [word for word in ("quokka", "numbat") if word in log.getvalue()] == []
