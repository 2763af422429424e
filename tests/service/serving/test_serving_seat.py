from __future__ import annotations

from tocsin.service.serving.seat import Seat


def test_a_worker_that_lasted_is_replaced_at_once() -> None:
    seat = Seat(since=0)

    assert seat.vacate(3_600, was_ready=True) == 0
    assert seat.is_due(3_600)


def test_workers_that_leave_again_and_again_are_replaced_ever_more_slowly() -> None:
    seat, now, waits = Seat(since=0), 0.0, []
    for _ in range(9):
        wait = seat.vacate(now, was_ready=True)
        assert not seat.is_due(now + wait - 0.1)
        assert seat.is_due(now + wait)
        now += wait
        seat.take(now)
        assert not seat.is_due(now + 1_000), "somebody sits there"
        waits.append(wait)

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_one_that_was_never_ready_did_not_last() -> None:
    seat = Seat(since=0)

    assert seat.vacate(3_600, was_ready=False) == 1


def test_a_worker_that_lasts_ends_the_series() -> None:
    seat = Seat(since=0)
    seat.vacate(1, was_ready=True)
    seat.take(2)
    seat.vacate(3, was_ready=True)
    seat.take(5)

    assert seat.vacate(100, was_ready=True) == 0
    seat.take(100)
    assert seat.vacate(101, was_ready=True) == 1
