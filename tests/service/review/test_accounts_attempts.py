"""Tries that failed: how long one waits, what is forgotten, and that no row says who it was."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tocsin.service.review.accounts.attempts import (
    Failure,
    Marks,
    count_failure,
    forgive,
    marks_of,
    name_key,
    wait_of,
)
from tocsin.service.review.contract_testing import KEY, FixedClock, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.log.key import LogKey
from tocsin.service.review.store.console_tables import attempts

ADA = marks_of(KEY, "ada", "192.0.2.7")


def failed(desk: Desk, marks: Marks = ADA, times: int = 1) -> Failure:
    for _ in range(times - 1):
        desk.write(count_failure, marks)
    return desk.write(count_failure, marks)


def waits(desk: Desk, marks: Marks = ADA) -> float:
    wait = desk.read(wait_of, marks)
    return 0 if wait is None else wait.total_seconds()


def test_after_five_failures_a_name_waits_each_time_twice_as_long_up_to_a_quarter_of_an_hour(
    desk: Desk, clock: FixedClock
) -> None:
    told = []
    for _ in range(12):
        failed(desk)
        told.append(waits(desk))
        clock.advance(waits(desk))
        assert waits(desk) == 0
    assert told == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_after_twenty_failures_of_whatever_names_an_address_waits(desk: Desk) -> None:
    for number in range(19):
        failed(desk, marks_of(KEY, f"cook {number}", "192.0.2.7"))
    other = marks_of(KEY, "somebody else", "192.0.2.7")
    assert waits(desk, other) == 0
    failed(desk, marks_of(KEY, "cook 19", "192.0.2.7"))
    assert waits(desk, other) == 30
    assert waits(desk, marks_of(KEY, "somebody else", "192.0.2.8")) == 0


def test_where_no_address_is_known_names_alone_are_counted(desk: Desk) -> None:
    for number in range(30):
        failed(desk, marks_of(KEY, f"cook {number}", ""))
    assert waits(desk, marks_of(KEY, "ada", "")) == 0


def test_success_forgets_the_name_and_takes_as_many_off_its_address(desk: Desk) -> None:
    failed(desk, times=4)
    failed(desk, marks_of(KEY, "bob", "192.0.2.7"), times=3)
    desk.write(forgive, ADA)
    left = {row.who: row.failures for row in rows(desk, attempts)}
    assert ADA.name not in left
    assert left[ADA.address or ""] == 3


def test_success_never_takes_off_more_than_was_counted(desk: Desk) -> None:
    failed(desk, marks_of(KEY, "ada", "198.51.100.1"), times=4)
    failed(desk, marks_of(KEY, "bob", "192.0.2.7"), times=3)
    desk.write(forgive, ADA)
    assert {row.failures for row in rows(desk, attempts, attempts.c.who == ADA.address)} == {0}


def test_success_of_one_who_never_failed_takes_nothing_off_their_address(desk: Desk) -> None:
    failed(desk, marks_of(KEY, "bob", "192.0.2.7"), times=3)
    desk.write(forgive, ADA)
    assert {row.failures for row in rows(desk, attempts)} == {3}


def test_after_a_day_without_failures_all_is_forgotten_and_gone(desk: Desk, clock: FixedClock) -> None:
    failed(desk, times=9)
    clock.advance(hours=24, seconds=1)
    bob = marks_of(KEY, "bob", "198.51.100.1")
    failed(desk, bob)
    assert {row.who for row in rows(desk, attempts)} == {bob.name, bob.address}
    assert failed(desk).failures == 1


def test_no_row_says_whose_name_or_address_it_is(desk: Desk) -> None:
    failed(desk, marks_of(KEY, "Marigold", "203.0.113.77"))
    kept = str(rows(desk, attempts)).lower()
    assert len(rows(desk, attempts)) == 2
    assert not any(word in kept for word in ("marigold", "203.0.113", "cb00714d"))
    assert marks_of(LogKey(bytes(32)), "Marigold", "203.0.113.77").name not in kept


def test_a_name_and_an_address_of_the_same_letters_have_different_marks() -> None:
    marks = marks_of(KEY, "192.0.2.7", "192.0.2.7")
    assert marks.name != marks.address


@pytest.mark.parametrize("written", ["ada", "Ada", " ADA ", "ＡＤＡ"])
def test_a_name_is_one_name_however_it_is_typed(written: str) -> None:
    assert marks_of(KEY, written, "") == marks_of(KEY, "ada", "")


def test_a_name_of_any_length_is_compared_by_its_beginning() -> None:
    assert len(name_key("a" * 1_000_000)) < 1_000


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("kitchen", "kitchen", True),
        ("kitchen", "garden", False),
    ],
)
def test_an_address_counts_with_those_that_its_owner_could_take_as_well(
    one: str, other: str, same: bool
) -> None:
    assert (marks_of(KEY, "ada", one) == marks_of(KEY, "ada", other)) is same


def test_failures_at_once_are_all_counted(desk: Desk) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: failed(desk), range(12)))
    assert {row.failures for row in rows(desk, attempts)} == {12}


def test_a_failure_says_how_long_whoever_tries_waits(desk: Desk) -> None:
    assert failed(desk, times=4) == Failure(4, timedelta(0), None)
    assert failed(desk) == Failure(5, timedelta(seconds=30), timedelta(seconds=30))
