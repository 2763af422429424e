import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.training.corpora.corpus import CorpusFile
from tocsin.training.fetching import Outcome, State, Wanted, fetch, open_web
from tocsin.training.fetching.testing import (
    Diary,
    Reply,
    ScriptedServer,
    serve,
    serve_script,
    toy_corpus,
    toy_file,
)

SOUP = b"leek, potato, stock\n" * 10_000
PATH = "/leek.csv"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serve_script() as server:
        yield server


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder with an empty folder for the toy corpus."""
    (tmp_path / "soups").mkdir()
    return tmp_path


def leek(server: ScriptedServer) -> CorpusFile:
    return toy_file("leek.csv", SOUP, server.origin + PATH)


def run(data: Path, file: CorpusFile, watch: Diary | None = None) -> Outcome:
    with open_web(timeout=5, sleep=lambda _: None) as web:
        (outcome,) = fetch([toy_corpus(file)], data, web, watch=watch)
    return outcome


def files(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data / "soups").iterdir()}


class Meeting(Diary):
    """Let the other fetch go on as soon as this one has to wait for it."""

    def __init__(self, go_on: threading.Event) -> None:
        super().__init__()
        self._go_on = go_on

    def waits(self, wanted: Wanted, why: str) -> None:
        super().waits(wanted, why)
        self._go_on.set()


@pytest.mark.parametrize(
    ("reply", "states", "requests"),
    [
        pytest.param(Reply(body=SOUP), (State.FETCHED, State.PRESENT), 1, id="the-first-brings-it"),
        pytest.param(Reply(404), (State.FAILED, State.FETCHED), 2, id="the-first-fails"),
    ],
)
def test_two_fetches_at_once_take_turns_at_a_file(
    server: ScriptedServer, data: Path, reply: Reply, states: tuple[State, State], requests: int
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def slowly(_: object) -> Reply:
        asked.set()
        assert go_on.wait(10)
        return reply

    server.script(PATH, slowly, serve(SOUP))
    file = leek(server)
    outcomes: dict[str, Outcome] = {}
    first = threading.Thread(target=lambda: outcomes.update(first=run(data, file)))
    first.start()
    assert asked.wait(10)
    meeting = Meeting(go_on)
    outcomes["second"] = run(data, file, meeting)
    first.join()

    assert (outcomes["first"].state, outcomes["second"].state) == states
    assert meeting.reasons == [("leek.csv", "another fetch is at it; waits")]
    assert len(server.asked) == requests
    assert files(data) == {"leek.csv": SOUP}


def test_many_fetches_at_once_bring_a_file_once(server: ScriptedServer, data: Path) -> None:
    server.script(PATH, serve(SOUP))
    file = leek(server)
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(run(data, file))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcome.state for outcome in outcomes) == [State.FETCHED] + [State.PRESENT] * 7
    assert len(server.asked) == 1
    assert files(data) == {"leek.csv": SOUP}


@pytest.mark.parametrize("kind", ["link", "dangling-link", "folder", "pipe"])
def test_a_part_that_is_no_file_is_refused_and_left_alone(
    server: ScriptedServer, data: Path, kind: str
) -> None:
    server.script(PATH, serve(SOUP))
    part, elsewhere = data / "soups" / "leek.csv.part", data / "elsewhere"
    if kind == "folder":
        part.mkdir()
    elif kind == "pipe":
        os.mkfifo(part)
    else:
        part.symlink_to(elsewhere)
        if kind == "link":
            elsewhere.write_bytes(b"bread")

    outcome = run(data, leek(server))

    assert outcome.state is State.FAILED
    assert "leek.csv.part must be a regular file" in (outcome.reason or "")
    assert server.asked == []
    assert elsewhere.exists() == (kind == "link")
    assert kind != "link" or elsewhere.read_bytes() == b"bread"


def test_a_file_has_the_permissions_that_any_new_file_has(server: ScriptedServer, data: Path) -> None:
    server.script(PATH, serve(SOUP))
    before = os.umask(0o027)
    try:
        run(data, leek(server))
    finally:
        os.umask(before)

    assert (data / "soups" / "leek.csv").stat().st_mode & 0o777 == 0o640
