import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tocsin.training.corpora.corpus import CorpusFile
from tocsin.training.fetching import Outcome, Patience, State, Wanted, fetch, open_web
from tocsin.training.fetching.testing import (
    Diary,
    Reply,
    ScriptedServer,
    redirect,
    serve,
    serve_script,
    toy_corpus,
    toy_file,
)

SOUP = b"leek, potato, stock\n" * 10_000
WRONG = SOUP[::-1]
HALF = len(SOUP) // 2
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


@pytest.fixture
def waits() -> list[float]:
    """Return where waits are written down; nobody waits."""
    return []


def run(
    data: Path,
    file: CorpusFile,
    watch: Diary | None = None,
    attempts: int = 5,
    waits: list[float] | None = None,
) -> Outcome:
    sleep = ([] if waits is None else waits).append
    with open_web(Patience(attempts), timeout=5, sleep=sleep) as web:
        (outcome,) = fetch([toy_corpus(file)], data, web, watch=watch)
    return outcome


def files(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (data / "soups").iterdir()}


def leave(data: Path, part: bytes) -> Path:
    """Leave what an earlier run might have left."""
    path = data / "soups" / "leek.csv.part"
    path.write_bytes(part)
    return path


RESUMED = [
    ("half-is-there", SOUP[:HALF], [f"bytes={HALF}-"]),
    ("one-byte-is-there", SOUP[:1], ["bytes=1-"]),
    ("one-byte-is-lacking", SOUP[:-1], [f"bytes={len(SOUP) - 1}-"]),
    ("nothing-is-there", b"", [None]),
    ("all-is-there", SOUP, []),
    ("all-is-there-and-wrong", WRONG, [None]),
    ("more-is-there-than-there-should-be", SOUP + b"!", [None]),
    ("half-is-there-and-wrong", WRONG[:HALF], [f"bytes={HALF}-", None]),
]


@pytest.mark.parametrize(("part", "ranges"), [pytest.param(*row, id=why) for why, *row in RESUMED])
def test_what_an_earlier_run_left_is_gone_on_from_where_it_is_right(
    server: ScriptedServer, data: Path, waits: list[float], part: bytes, ranges: list[str | None]
) -> None:
    server.script(PATH, serve(SOUP))
    leave(data, part)

    assert run(data, leek(server), waits=waits).state is State.FETCHED
    assert waits == []
    assert files(data) == {"leek.csv": SOUP}
    assert [asked.range for asked in server.asked] == ranges
    assert not any("if-range" in asked.headers for asked in server.asked)


def part_of(start: int, end: int, said: str) -> Reply:
    return Reply(206, SOUP[start:end], {"Content-Range": said})


ODD = [
    ("ignores-ranges", Reply(body=SOUP), 1, []),
    ("has-nothing-left", Reply(416), 2, []),
    ("has-nothing-left-but-enough", Reply(416, headers={"Content-Range": "bytes */200000"}), 2, []),
    ("sends-another-range", part_of(0, len(SOUP), "bytes 0-199999/200000"), 2, []),
    ("sends-a-range-of-another-file", part_of(HALF, len(SOUP), "bytes 100000-199999/200001"), 2, []),
    ("does-not-say-which-range", Reply(206, SOUP[HALF:]), 2, []),
    ("does-not-know-the-size", part_of(HALF, len(SOUP), "bytes 100000-199999/*"), 1, []),
    ("sends-a-shorter-range", part_of(HALF, HALF + 10, "bytes 100000-100009/200000"), 2, [1]),
    ("fails-once", Reply(500), 2, [1]),
]


@pytest.mark.parametrize(("reply", "requests", "waited"), [pytest.param(*row, id=why) for why, *row in ODD])
def test_a_file_arrives_whole_whatever_the_server_makes_of_a_range(
    server: ScriptedServer,
    data: Path,
    waits: list[float],
    reply: Reply,
    requests: int,
    waited: list[float],
) -> None:
    server.script(PATH, reply, serve(SOUP))
    leave(data, SOUP[:HALF])

    assert run(data, leek(server), waits=waits).state is State.FETCHED
    assert files(data) == {"leek.csv": SOUP}
    assert len(server.asked) == requests
    assert server.asked[0].range == f"bytes={HALF}-"
    assert waits == waited


def test_a_range_is_asked_for_behind_a_redirect_too(server: ScriptedServer, data: Path) -> None:
    server.script(PATH, redirect("/new"))
    server.script("/new", serve(SOUP))
    leave(data, SOUP[:HALF])

    assert run(data, leek(server)).state is State.FETCHED
    assert [asked.range for asked in server.asked] == [f"bytes={HALF}-"] * 2


HOPELESS = [
    ("wrong-from-the-start", serve(WRONG), SOUP[:HALF], "SHA-256 must be"),
    (
        "the-file-there-is-shorter",
        serve(SOUP[:HALF]),
        SOUP[:HALF],
        "must be 200000 bytes, the server's file has",
    ),
    (
        "more-than-asked-for",
        Reply(206, SOUP, {"Content-Range": "bytes 100000-199999/200000"}),
        SOUP[:HALF],
        "more",
    ),
]


@pytest.mark.parametrize(("answer", "part", "reason"), [pytest.param(*row, id=why) for why, *row in HOPELESS])
def test_a_part_that_can_never_be_right_is_removed(
    server: ScriptedServer, data: Path, answer: Reply, part: bytes, reason: str
) -> None:
    server.script(PATH, answer)
    leave(data, part)

    outcome = run(data, leek(server))

    assert outcome.state is State.FAILED
    assert reason in (outcome.reason or "")
    assert files(data) == {}


def test_a_wrong_checksum_is_told_with_what_was_expected_and_what_was_found(
    server: ScriptedServer, data: Path
) -> None:
    server.script(PATH, Reply(body=WRONG))
    expected, found = (hashlib.sha256(content).hexdigest() for content in (SOUP, WRONG))

    assert run(data, leek(server)).reason == f"SHA-256 must be {expected}, was {found}"
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [404, 500])
def test_a_part_outlives_an_error_that_says_nothing_about_it(
    server: ScriptedServer, data: Path, status: int
) -> None:
    server.script(PATH, Reply(status))
    leave(data, SOUP[:HALF])

    assert run(data, leek(server)).state is State.FAILED
    assert files(data) == {"leek.csv.part": SOUP[:HALF]}


def test_what_arrived_before_the_last_attempt_failed_serves_the_next_run(
    server: ScriptedServer, data: Path
) -> None:
    server.script(PATH, Reply(body=SOUP[:HALF], announce=len(SOUP)), serve(SOUP))

    first = run(data, leek(server), attempts=1)
    left = files(data)
    second = run(data, leek(server), attempts=1)

    assert (first.state, left) == (State.FAILED, {"leek.csv.part": SOUP[:HALF]})
    assert (second.state, server.asked[1].range) == (State.FETCHED, f"bytes={HALF}-")


class Impatient(Diary):
    """Press Ctrl-C as soon as anything arrives."""

    def arrived(self, wanted: Wanted, size: int) -> None:
        super().arrived(wanted, size)
        raise KeyboardInterrupt


def test_an_interrupted_run_leaves_what_has_arrived(server: ScriptedServer, data: Path) -> None:
    server.script(PATH, Reply(body=SOUP[:HALF], announce=len(SOUP), hangs=True), serve(SOUP))

    with pytest.raises(KeyboardInterrupt):
        run(data, leek(server), Impatient())
    left = files(data)["leek.csv.part"]
    outcome = run(data, leek(server))

    assert left
    assert SOUP.startswith(left)
    assert (outcome.state, server.asked[1].range) == (State.FETCHED, f"bytes={len(left)}-")
    assert files(data) == {"leek.csv": SOUP}


def test_progress_is_told_from_the_start_of_the_file_on(server: ScriptedServer, data: Path) -> None:
    server.script(PATH, serve(SOUP))
    leave(data, SOUP[:HALF])
    diary = Diary()

    run(data, leek(server), diary)
    sizes = [size for _, size in diary.sizes]

    assert sizes[0] > HALF
    assert sizes == sorted(sizes)
    assert sizes[-1] == len(SOUP)
