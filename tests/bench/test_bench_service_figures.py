"""What the load bench makes of what it measured: percentiles, overload, ratios, the verdict of a soak."""

from __future__ import annotations

import random
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.append(str(BENCH))

from service_drain import Drained  # noqa: E402
from service_overload import Answers, Hey, Overload, overload, percentile, read_answers  # noqa: E402
from service_rounds import Measured  # noqa: E402
from service_soak import Soaked, verdict  # noqa: E402
from service_table import faster_peer, load_cells, overload_cells  # noqa: E402
from service_wrk import Loaded  # noqa: E402


def loaded(good: int = 100, p99_ms: float = 5.0, refused: int = 0, **more: int) -> Loaded:
    given = {"broken": 0, "late": 0} | more
    return Loaded(good + refused, 2.0, 1.0, p99_ms, 9.0, refused, given["broken"], given["late"])


def measured(good: int, p99_ms: float = 5.0, seconds: float = 1.0) -> Measured:
    return Measured(loaded(good, p99_ms), seconds)


def quiet(_: str) -> None:
    """Say nothing."""


class ScriptedHey:
    """Let a server answer 10 requests a second for each connection up to 8, and refuse those beyond 50."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def load(self, path: str, body: str, connections: int, seconds: float) -> Answers:
        assert path == "/"
        self.asked.append(f"{body} {connections} {seconds:g}")
        good = int(10 * seconds * min(connections, 8))
        refused = [0.001] * (10 * max(0, connections - 50))
        return Answers(seconds, {200: [connections / 100] * good} | ({503: refused} if refused else {}))


def test_ten_times_the_connections_are_those_that_first_saturate() -> None:
    hey = ScriptedHey()

    found = overload("toy", cast("Hey", hey), "/", "{}", 2, quiet)

    assert hey.asked[-1] == "{} 80 4"
    assert (found.saturated_at, found.below, found.connections) == (8, 4, 80)
    assert (found.alone_p99_ms, found.below_p99_ms, found.accepted_p99_ms) == (10, 40, 800)
    assert (found.good_at_best, found.good, found.refused_p99_ms) == (80, 80, 1)
    assert found.shares == {200: 320 / 620, 503: 300 / 620}


def test_ten_times_the_work_is_sent_over_the_connections_that_saturate() -> None:
    hey = ScriptedHey()

    found = overload("toy", cast("Hey", hey), "/", "{}", 2, quiet, heavier="[]")

    assert hey.asked[-1] == "[] 8 4"
    assert (found.connections, found.shares) == (8, {200: 1.0})


def test_answers_are_read_by_status_as_hey_writes_them() -> None:
    header = "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n"

    found = read_answers(header + "0.02,0,0,0,0,0,200,0\n0.01,0,0,0,0,0,503,0\n0.04,0,0,0,0,0,200,1\n", 2.0)

    assert (found.accepted, found.refused) == ([0.02, 0.04], [0.01])
    assert (found.good_a_second, found.shares()) == (1.0, {200: 2 / 3, 503: 1 / 3})


def test_percentiles_are_by_nearest_rank_in_milliseconds() -> None:
    times = [place / 1000 for place in range(1, 201)]
    random.Random(0).shuffle(times)  # noqa: S311 - toy data

    assert [percentile(times, share) for share in (0, 50, 99, 100)] == pytest.approx([1, 100, 198, 200])
    assert percentile([], 99) != percentile([], 99), "nothing has no percentile"


RUNS = {
    "native": {64: [measured(800, 4.0, 2.0), measured(1200, 6.0, 2.0), measured(3000, 9.0, 2.0)]},
    "def": {64: [measured(200, 8.0), measured(100, 9.0), measured(150, 9.0)]},
    "async": {64: [measured(400, 8.0), measured(400, 12.0), measured(500, 18.0)]},
}


def test_ratios_are_within_rounds_and_to_the_faster_peer() -> None:
    titles = {name: name for name in RUNS}

    (cells,) = load_cells(RUNS, titles, {"native": 32, "def": 1, "async": 1}, ["def", "async"])

    assert faster_peer({name: by[64] for name, by in RUNS.items()}, ["def", "async"]) == "async"
    assert {len(row) for row in cells.rows} == {len(cells.header)}
    assert cells.rows[0][1:4] == ("600", "3.00", "19,200")
    # Ours used 2 s of a core in each load, theirs 1.
    assert cells.rows[0][4:7] == ("600", "1.50", "19,200")
    assert cells.rows[0][8:] == ("6.0", "0.50", "0%")


def test_without_a_peer_there_is_no_ratio() -> None:
    (cells,) = load_cells({"native": RUNS["native"]}, {"native": "n"}, {"native": 1}, ["def"])

    assert (cells.rows[0][2], cells.rows[0][5], cells.rows[0][9]) == ("", "", "")


def test_the_table_of_an_overload_parts_what_asks_back_from_what_fails() -> None:
    shares = {200: 0.5, 429: 0.1, 503: 0.3, 504: 0.1}
    found = Overload("toy", 8, 900.0, 2.0, 4, 3.0, 80, 800.0, shares, 5.0, 9.0, 0.5, 1.0)

    (row,) = overload_cells([found]).rows

    assert row[7:10] == ("50.0%", "40.0%", "10.0%")
    assert len(row) == len(overload_cells([found]).header)


GOOD = Soaked(
    {"native": replace(loaded(100, refused=50), statuses={"200": 100, "503": 49, "504": 1})},
    (),
    (50.0, 60.0, 100.0, 101.0, 104.0, 105.0),
    Drained(5, 3, {"200": 5}, 1.0, 0),
)


def broken(found: Soaked) -> list[str]:
    return [check.words.partition(":")[0] for check in verdict(found) if not check.held]


def soaked(load: Loaded | None = None, **changes: object) -> Soaked:
    return replace(GOOD, **({"loads": {"native": load}} if load else {}), **changes)  # type: ignore[arg-type]


def test_a_soak_in_which_all_held_breaks_nothing() -> None:
    assert broken(GOOD) == []
    assert broken(soaked(drained=replace(GOOD.drained, code=-signal.SIGTERM))) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        pytest.param(soaked(resident_mb=(1, 1, 100, 100, 106, 106)), "memory is flat", id="memory-grows"),
        pytest.param(
            soaked(replace(loaded(), statuses={"200": 9, "503": 9, "500": 1})),
            "no answer but",
            id="a-failure",
        ),
        pytest.param(
            soaked(replace(loaded(), statuses={"200": 9})), "the load was too much", id="no-overload"
        ),
        pytest.param(
            soaked(replace(loaded(broken=1), statuses={"503": 9})),
            "no connection was cut",
            id="a-cut-connection",
        ),
        pytest.param(
            soaked(replace(loaded(late=1), statuses={"503": 9})), "no connection was cut", id="late"
        ),
        pytest.param(
            soaked(drained=Drained(5, 0, {"200": 5}, 1.0, 0)), "0 requests were open", id="nothing-was-open"
        ),
        pytest.param(
            soaked(drained=Drained(5, 3, {"200": 4, "no answer": 1}, 1.0, 0)),
            "each of 5 open requests was answered",
            id="lost",
        ),
        pytest.param(
            soaked(drained=replace(GOOD.drained, code=1)), "it ended cleanly, after 1.0 s", id="a-crash"
        ),
    ],
)
def test_a_soak_in_which_one_promise_did_not_hold_says_which(found: Soaked, words: str) -> None:
    (one,) = broken(found)

    assert one.startswith(words)
