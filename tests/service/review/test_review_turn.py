"""Taking turns to write to a file: in order, not for ever, and claims before decisions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from tocsin.service.review.errors import StoreAwayError
from tocsin.service.review.store.turn import Turn

LONG_S: Final = 60.0


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "review.sqlite"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def waiting(lock: Path) -> int:
    """Return how many wait for a lock file, as the system tells it."""
    number = f":{lock.stat().st_ino}" if lock.exists() else "nobody"
    lines = Path("/proc/locks").read_text("utf-8").splitlines()
    return sum(" -> " in line and number in line for line in lines)


def until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.001)


def test_those_who_give_up_waiting_leave_one_wait_behind_and_keep_nobody_from_the_turn(
    database: Path,
) -> None:
    turn, lock = Turn(database, LONG_S), Path(f"{database}.turn")
    hasty = Turn(database, 0.01)
    with turn.taken():
        for _ in range(5):
            with pytest.raises(StoreAwayError, match=r"free within 0\.01 s"), hasty.taken():
                pass
        assert waiting(lock) == 1
    until(lambda: waiting(lock) == 0)
    with turn.taken():
        pass


def test_a_wait_that_was_given_up_is_taken_over_by_who_asks_next(
    database: Path, pool: ThreadPoolExecutor
) -> None:
    turn, lock = Turn(database, 0.01), Path(f"{database}.turn")

    def patient() -> bool:
        turn._patience_s = LONG_S
        with turn.taken(brief=True):
            return True

    with Turn(database, LONG_S).taken():
        with pytest.raises(StoreAwayError), turn.taken(brief=True):
            pass
        until(lambda: waiting(lock) == 1)
        asked = pool.submit(patient)
        until(lambda: not turn._left[lock])
        assert waiting(lock) == 1

    assert asked.result(LONG_S)
    with turn.taken():
        pass


def test_turns_come_in_the_order_in_which_they_were_asked_for_claims_before_all_decisions_but_one(
    database: Path, pool: ThreadPoolExecutor
) -> None:
    turn, lock, line = Turn(database, LONG_S), Path(f"{database}.turn"), Path(f"{database}.line")
    had: list[str] = []
    asked: list[Future[None]] = []

    def take(name: str, brief: bool, behind: int) -> None:
        with turn.taken(brief=brief):
            had.append(name)
            until(lambda: waiting(lock) == behind)  # or whoever leaves the line might slip in

    def ask(name: str, at: Path, behind: int) -> None:
        before = waiting(at)
        asked.append(pool.submit(take, name, "claim" in name, behind))
        until(lambda: waiting(at) > before)

    with turn.taken():
        ask("first decision", lock, behind=3)
        ask("second decision", line, behind=1)
        ask("third decision", line, behind=0)
        ask("first claim", lock, behind=2)
        ask("second claim", lock, behind=1)
    for one in asked:
        one.result(LONG_S)

    assert had == ["first decision", "first claim", "second claim", "second decision", "third decision"]


def test_a_folder_that_cannot_be_written_to_is_an_answer_that_the_database_is_away(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreAwayError, match="folder must be writable: No such file"),
        Turn(tmp_path / "gone" / "review.sqlite", LONG_S).taken(),
    ):
        pass
