from __future__ import annotations

import math
import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tocsin.service.keys import ANONYMOUS, Key, SharedLimiter, make_limits_file


class Clock:
    """Tell a time that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def key(per_minute: int | None, key_id: str = "0123abcd") -> Key:
    return Key(key_id, "choir", frozenset(), "f" * 64, per_minute=per_minute)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limiter(tmp_path: Path, clock: Clock) -> Iterator[SharedLimiter]:
    made = SharedLimiter(make_limits_file(tmp_path), 0, clock=clock)
    yield made
    made.close()


def frozen() -> float:
    return 1_000_000.0


def take_all(path: Path, start: Any, taken: Any) -> None:
    limiter = SharedLimiter(path, 0, clock=frozen)
    start.wait()
    passed = {"mine": 0, "yours": 0}
    for _ in range(15_000):
        for name in passed:
            passed[name] += limiter.take(key(25_000, name), 1) == 0
    taken.put(passed)


def test_a_minutes_texts_may_be_used_at_once_and_not_one_more(limiter: SharedLimiter) -> None:
    assert [limiter.take(key(7), 1) for _ in range(7)] == [0.0] * 7
    assert limiter.take(key(7), 1) == pytest.approx(60 / 7)


def test_texts_come_back_at_an_even_rate(limiter: SharedLimiter, clock: Clock) -> None:
    limiter.take(key(60), 60)
    clock.now += 9.5

    assert limiter.take(key(60), 9) == 0
    assert limiter.take(key(60), 1) == pytest.approx(0.5)


def test_the_wait_that_is_told_is_enough_and_no_longer_than_that(
    limiter: SharedLimiter, clock: Clock
) -> None:
    limiter.take(key(77), 77)
    clock.now += 1.234
    wait = limiter.take(key(77), 30)

    clock.now += wait - 0.001
    assert limiter.take(key(77), 30) > 0
    clock.now += 0.001
    assert limiter.take(key(77), 30) == 0


def test_in_the_long_run_no_more_pass_than_the_rate_allows(limiter: SharedLimiter, clock: Clock) -> None:
    passed = 0
    for _ in range(6_000):
        clock.now += 0.1
        passed += limiter.take(key(100), 1) == 0

    assert passed in (1_099, 1_100)  # ten minutes' texts, and the room there was at the start


def test_a_bucket_holds_no_more_than_a_minute(limiter: SharedLimiter, clock: Clock) -> None:
    limiter.take(key(60), 1)
    clock.now += 86_400

    assert limiter.take(key(60), 60) == 0
    assert limiter.take(key(60), 1) > 0


def test_a_refused_charge_costs_nothing(limiter: SharedLimiter) -> None:
    limiter.take(key(10), 6)

    assert limiter.take(key(10), 5) > 0
    assert limiter.take(key(10), 4) == 0


def test_asking_with_no_texts_charges_nothing(limiter: SharedLimiter) -> None:
    assert [limiter.take(key(1), 0) for _ in range(3)] == [0.0] * 3
    limiter.take(key(1), 1)
    assert limiter.take(key(1), 0) > 0


def test_more_than_a_minutes_texts_never_pass(limiter: SharedLimiter) -> None:
    assert limiter.take(key(10), 11) == math.inf
    assert limiter.take(key(10), 10) == 0


@pytest.mark.parametrize(
    ("default", "own", "limit"),
    [
        pytest.param(0, None, None, id="nobody sets one"),
        pytest.param(600, None, 600, id="the server's"),
        pytest.param(600, 60, 60, id="its own wins"),
        pytest.param(600, 0, None, id="its own says none"),
    ],
)
def test_a_limit_is_the_keys_own_or_the_servers(
    tmp_path: Path, default: int, own: int | None, limit: int | None
) -> None:
    made = SharedLimiter(make_limits_file(tmp_path), default)

    assert made.limit(key(own)) == limit
    assert (made.take(key(own), 1_000) == 0) is (limit is None)
    made.close()


def test_who_comes_without_a_key_is_limited_too(tmp_path: Path, clock: Clock) -> None:
    made = SharedLimiter(make_limits_file(tmp_path), 5, clock=clock)

    assert made.take(ANONYMOUS, 5) == 0
    assert made.take(ANONYMOUS, 1) > 0
    made.close()


def test_a_thousand_keys_each_have_their_own_bucket(limiter: SharedLimiter) -> None:
    many = [key(3, f"{number:08x}") for number in range(1_000)]

    for _ in range(3):
        assert {limiter.take(one, 1) for one in many} == {0.0}
    assert min(limiter.take(one, 1) for one in many) > 0


def test_a_key_that_never_came_before_finds_room_among_any_number(
    limiter: SharedLimiter, clock: Clock
) -> None:
    for number in range(20_000):
        clock.now += 0.001
        assert limiter.take(key(3, f"{number:08x}"), 3) == 0
    last = key(3, f"{19_999:08x}")
    assert limiter.take(last, 1) > 0  # those that went were left alone for longest


def test_a_changed_limit_counts_at_once(limiter: SharedLimiter) -> None:
    limiter.take(key(10), 10)

    assert limiter.take(key(100), 90) == 0
    assert limiter.take(key(100), 1) > 0


def test_four_processes_share_each_limit_exactly(tmp_path: Path) -> None:
    path = make_limits_file(tmp_path)
    fork = multiprocessing.get_context("fork")
    start, taken = fork.Event(), fork.Queue()
    crowd = [fork.Process(target=take_all, args=(path, start, taken)) for _ in range(4)]
    for one in crowd:
        one.start()
    start.set()
    passed = [taken.get(timeout=30) for _ in crowd]
    for one in crowd:
        one.join(30)

    assert {name: sum(one[name] for one in passed) for name in ("mine", "yours")} == {
        "mine": 25_000,
        "yours": 25_000,
    }
    assert sum(one["mine"] > 0 for one in passed) > 1, "one process had used it all before another came"


def test_the_file_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    assert make_limits_file(tmp_path).stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        make_limits_file(tmp_path)
