from __future__ import annotations

import pytest

from tocsin.service.api.load import Load


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def fail_within(load: Load) -> None:
    with load.one():
        raise ValueError("soup")


def test_requests_count_while_they_are_in_work_and_no_longer() -> None:
    load = Load()
    with load.one():
        with load.one():
            assert load.requests == 2
        with pytest.raises(ValueError, match="soup"):
            fail_within(load)
        assert load.requests == 1

    assert load.requests == 0


def test_a_single_refusal_leaves_at_once() -> None:
    clock = Clock()
    load = Load(clock=clock)

    assert load.pause() == 0
    clock.now += 1
    assert load.pause() == 0


def test_refusals_that_come_together_leave_at_an_even_rate() -> None:
    load = Load(clock=Clock())

    assert [load.pause() for _ in range(4)] == pytest.approx([0, 0.002, 0.004, 0.006])


def test_no_refusal_is_held_back_for_longer_than_half_a_second() -> None:
    clock = Clock()
    load = Load(clock=clock)

    pauses = [load.pause() for _ in range(5_000)]

    assert max(pauses) == pytest.approx(0.5)
    clock.now += 1
    assert load.pause() == 0
