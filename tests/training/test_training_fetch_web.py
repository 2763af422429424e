import gzip
import hashlib
import re
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import pytest

from tocsin.training.fetching import Outcome, Patience, State, fetch, open_web
from tocsin.training.fetching.testing import (
    Asked,
    Reply,
    ScriptedServer,
    redirect,
    serve,
    serve_script,
    toy_corpus,
    toy_file,
)

SOUP = b"leek, potato, stock\n" * 10_000
NOW = 1_000_000_000.0
PATH = "/soups/leek.csv"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with serve_script() as server:
        yield server


@dataclass(frozen=True)
class Kitchen:
    """Fetch into a folder, and write down every wait instead of waiting."""

    data: Path
    waits: list[float]

    def fetch(
        self, *urls: str | None, content: bytes = SOUP, patience: Patience | None = None, timeout: float = 5
    ) -> list[Outcome]:
        files = [toy_file(f"{number}.csv", content, url) for number, url in enumerate(urls)]
        with open_web(patience, timeout=timeout, sleep=self.waits.append, now=lambda: NOW) as web:
            return list(fetch([toy_corpus(*files)], self.data, web))

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.data.rglob("*") if path.is_file()}


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    return Kitchen(tmp_path / "data", [])


def states(outcomes: Sequence[Outcome]) -> list[State]:
    return [outcome.state for outcome in outcomes]


def test_a_file_is_downloaded_whole_and_nothing_is_left_beside_it(
    server: ScriptedServer, kitchen: Kitchen
) -> None:
    (outcome,) = kitchen.fetch(server.script(PATH, serve(SOUP)))

    assert (outcome.state, outcome.reason, outcome.in_place) == (State.FETCHED, None, True)
    assert kitchen.files() == {"0.csv": SOUP}
    assert (kitchen.data / "soups" / "0.csv").is_file()
    assert kitchen.waits == []


def test_a_request_asks_for_bytes_as_they_are_and_tells_nothing_about_who_asks(
    server: ScriptedServer, kitchen: Kitchen
) -> None:
    kitchen.fetch(server.script(PATH, serve(SOUP)))

    (asked,) = server.asked
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.range is None
    assert set(asked.headers) <= {"host", "accept", "accept-encoding", "connection", "user-agent"}


def test_an_empty_file_is_made_without_asking_for_it(server: ScriptedServer, kitchen: Kitchen) -> None:
    assert states(kitchen.fetch(server.script(PATH, serve(b"")), content=b"")) == [State.FETCHED]
    assert kitchen.files() == {"0.csv": b""}
    assert server.asked == []


FINAL = [
    (
        "not-there",
        Reply(404),
        r"127\.0\.0\.1 must answer 200 or 206, was 404: http://127\.0\.0\.1:\d+/soups/",
    ),
    ("forbidden", Reply(403), "was 403"),
    ("redirect-to-nowhere", Reply(302), "was 302"),
    ("redirect-to-no-url", redirect("https://soups.example:many/"), "a redirect must name a URL"),
    ("redirect-for-ever", redirect(PATH), "redirects must be at most 5, were more: http://127"),
    ("redirect-to-a-file", redirect("file:///etc/hosts"), "must come by https .* was file://"),
    ("redirect-to-ftp", redirect("ftp://soups.example/a"), r"was ftp://soups\.example/a$"),
    ("redirect-to-http", redirect("http://soups.example/a?key=1"), r"was http://soups\.example/a$"),
    ("redirect-to-http-by-place", redirect("//soups.example/a"), r"was http://soups\.example/a$"),
    ("range-nobody-asked-for", Reply(416), "was 416"),
    ("announces-more", Reply(body=SOUP, announce=len(SOUP) + 1), "200000 bytes, the server announces 200001"),
    ("announces-less", Reply(body=SOUP[:-1]), "200000 bytes, the server announces 199999"),
    (
        "more-than-announced",
        Reply(body=SOUP + b"!", announce=None),
        "size must be 200000 bytes, more arrived",
    ),
    ("never-ends", Reply(body=SOUP + b"!", announce=None, hangs=True), "more arrived"),
    ("other-content", Reply(body=SOUP[::-1]), f"SHA-256 must be {sha256(SOUP)}, was {sha256(SOUP[::-1])}$"),
    (
        "packed",
        Reply(body=gzip.compress(SOUP), headers={"Content-Encoding": "gzip"}),
        "must be sent as it is, was encoded: 'gzip'",
    ),
]


@pytest.mark.parametrize(("reply", "reason"), [pytest.param(*row, id=why) for why, *row in FINAL])
def test_what_stays_wrong_is_told_at_once_and_leaves_nothing(
    server: ScriptedServer, kitchen: Kitchen, reply: Reply, reason: str
) -> None:
    (outcome,) = kitchen.fetch(server.script(PATH, reply))

    assert outcome.state is State.FAILED
    assert outcome.reason is not None
    assert kitchen.waits == []
    assert kitchen.files() == {}
    assert re.search(reason, outcome.reason), outcome.reason


PASSING = [
    ("server-error", Reply(500), 1.0),
    ("bad-gateway", Reply(502), 1.0),
    ("request-timeout", Reply(408), 1.0),
    ("busy-says-when", Reply(503, headers={"Retry-After": "9"}), 9.0),
    ("too-many-says-when", Reply(429, headers={"Retry-After": "7"}), 7.0),
    ("too-many-says-a-date", Reply(429, headers={"Retry-After": formatdate(NOW + 5, usegmt=True)}), 5.0),
    ("too-many-says-a-past-date", Reply(429, headers={"Retry-After": formatdate(NOW - 5)}), None),
    ("too-many-says-nonsense", Reply(429, headers={"Retry-After": "soon"}), 1.0),
    ("too-many-says-nothing", Reply(429), 1.0),
    ("closes-early", Reply(body=SOUP[:1000], announce=len(SOUP)), 1.0),
    ("closes-early-without-a-length", Reply(body=SOUP[:1000], announce=None), 1.0),
    ("closes-before-the-body", Reply(announce=len(SOUP)), 1.0),
]


@pytest.mark.parametrize(("reply", "wait"), [pytest.param(*row, id=why) for why, *row in PASSING])
def test_what_may_pass_is_tried_again_after_a_wait(
    server: ScriptedServer, kitchen: Kitchen, reply: Reply, wait: float | None
) -> None:
    (outcome,) = kitchen.fetch(server.script(PATH, reply, serve(SOUP)))

    assert (outcome.state, outcome.reason) == (State.FETCHED, None)
    assert kitchen.waits == ([] if wait is None else [wait])
    assert kitchen.files() == {"0.csv": SOUP}
    assert len(server.asked) == 2


def test_a_file_that_never_comes_gets_five_attempts_ever_farther_apart(
    server: ScriptedServer, kitchen: Kitchen
) -> None:
    (outcome,) = kitchen.fetch(server.script(PATH, Reply(500)))

    assert outcome.state is State.FAILED
    assert "was 500" in (outcome.reason or "")
    assert len(server.asked) == 5
    assert kitchen.waits == [1, 2, 4, 8]


def test_a_server_that_asks_for_more_patience_than_there_is_is_left_alone(
    server: ScriptedServer, kitchen: Kitchen
) -> None:
    (outcome,) = kitchen.fetch(server.script(PATH, Reply(429, headers={"Retry-After": "3600"})))

    assert (outcome.reason or "").endswith("(Retry-After: 3600)")
    assert (len(server.asked), kitchen.waits) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server: ScriptedServer, kitchen: Kitchen, status: int) -> None:
    server.script("/new", serve(SOUP))

    assert states(kitchen.fetch(server.script(PATH, redirect("/new?cook=1", status)))) == [State.FETCHED]
    assert [asked.path for asked in server.asked] == [PATH, "/new?cook=1"]


@pytest.mark.parametrize(
    ("hops", "state"),
    [pytest.param(5, State.FETCHED, id="just-few-enough"), pytest.param(6, State.FAILED, id="one-too-many")],
)
def test_redirects_are_followed_five_times(
    server: ScriptedServer, kitchen: Kitchen, hops: int, state: State
) -> None:
    for hop in range(hops):
        server.script(f"/{hop}", redirect(f"/{hop + 1}"))
    server.script(f"/{hops}", serve(SOUP))

    assert states(kitchen.fetch(server.origin + "/0")) == [state]
    assert len(server.asked) == 6


def test_an_error_shows_no_query_of_a_url(server: ScriptedServer, kitchen: Kitchen) -> None:
    (outcome,) = kitchen.fetch(server.script(PATH, Reply(404)) + "?token=secret")

    assert "secret" not in (outcome.reason or "")
    assert server.asked[0].path.endswith("?token=secret")


def test_a_file_that_fails_does_not_stop_the_others(server: ScriptedServer, kitchen: Kitchen) -> None:
    good = server.script("/good", serve(SOUP))

    outcomes = kitchen.fetch(good, server.script("/gone", Reply(404)), None, good)

    assert states(outcomes) == [State.FETCHED, State.FAILED, State.MISSING, State.FETCHED]
    assert outcomes[2].reason == "must be put in place by hand: from soups.example/corpus"


def test_being_offline_is_told_without_waiting_for_every_file(kitchen: Kitchen) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # and never listens
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        outcomes = kitchen.fetch(url + "a", url + "b", url + "c")

    assert states(outcomes) == [State.FAILED] * 3
    assert all("127.0.0.1 must be reachable: [Errno" in (outcome.reason or "") for outcome in outcomes)
    assert kitchen.waits == [1, 2, 4, 8]
    assert kitchen.files() == {}


def test_a_host_that_answers_again_gets_all_patience_back(server: ScriptedServer, kitchen: Kitchen) -> None:
    busy = Reply(503)
    urls = [
        server.script("/0", busy),
        server.script("/1", busy),
        server.script("/2", serve(SOUP)),
        server.script("/3", busy, serve(SOUP)),
    ]

    outcomes = kitchen.fetch(*urls)

    assert states(outcomes) == [State.FAILED, State.FAILED, State.FETCHED, State.FETCHED]
    assert kitchen.waits == [1, 2, 4, 8, 1]


def test_a_fault_of_one_file_takes_no_patience_from_the_others(
    server: ScriptedServer, kitchen: Kitchen
) -> None:
    broken = server.script("/0", Reply(500))

    outcomes = kitchen.fetch(broken, server.script("/1", Reply(500), serve(SOUP)))

    assert states(outcomes) == [State.FAILED, State.FETCHED]
    assert kitchen.waits == [1, 2, 4, 8, 1]


def test_a_server_that_says_nothing_is_not_waited_for(server: ScriptedServer, kitchen: Kitchen) -> None:
    url = server.script(PATH, Reply(announce=len(SOUP), hangs=True))

    (outcome,) = kitchen.fetch(url, patience=Patience(attempts=1), timeout=0.1)

    assert outcome.reason == "127.0.0.1 must answer within 0.1 s, did not"


def test_a_server_that_falls_silent_is_asked_for_the_rest(server: ScriptedServer, kitchen: Kitchen) -> None:
    silent = Reply(body=SOUP[:5000], announce=len(SOUP), hangs=True)

    assert states(kitchen.fetch(server.script(PATH, silent, serve(SOUP)), timeout=0.5)) == [State.FETCHED]
    assert [asked.range for asked in server.asked] == [None, "bytes=5000-"]
    assert kitchen.files() == {"0.csv": SOUP}


def test_http_to_this_machine_goes_by_no_proxy(
    server: ScriptedServer, kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert states(kitchen.fetch(server.script(PATH, serve(SOUP)))) == [State.FETCHED]


def test_cookies_of_one_answer_do_not_decide_another(server: ScriptedServer, kitchen: Kitchen) -> None:
    def answer(asked: Asked) -> Reply:
        return Reply(body=SOUP, headers={"Set-Cookie": "cook=anna; Path=/"})

    kitchen.fetch(server.script("/0", answer), server.script("/1", answer))

    assert "cookie" not in server.asked[1].headers
