"""What was fetched is kept, made by one for all who wait, and made again when it is old."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.accounts.oidc.kept import Kept


class Maker:
    """Make numbers, or fail, as told; tell the time."""

    def __init__(self) -> None:
        self.made = 0
        self.fails = False
        self.at = 100.0

    def __call__(self) -> int:
        self.made += 1
        if self.fails:
            raise ProviderError(Fault.AWAY, "the kitchen is closed")
        return self.made

    def ticks(self) -> float:
        return self.at


@pytest.fixture
def maker() -> Maker:
    return Maker()


@pytest.fixture
def kept(maker: Maker) -> Kept[int]:
    return Kept(maker, 60, maker.ticks)


def test_it_is_made_once_until_it_is_old(maker: Maker, kept: Kept[int]) -> None:
    assert [kept.get(), kept.get()] == [1, 1]
    maker.at += 59.9
    assert kept.get() == 1
    maker.at += 0.1
    assert kept.get() == 2


def test_who_wants_it_younger_gets_it_younger(maker: Maker, kept: Kept[int]) -> None:
    assert kept.get() == 1
    maker.at += 30
    assert [kept.get(younger_s=31), kept.get(younger_s=30), kept.get(younger_s=30)] == [1, 2, 2]


def test_of_many_who_want_it_at_once_one_makes_it(maker: Maker) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        go.wait(60)
        return maker()

    kept = Kept(slow, 60, maker.ticks)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(kept.get) for _ in range(4)]
        assert begun.wait(60)
        go.set()
        assert [one.result(60) for one in waiting] == [1, 1, 1, 1]


def test_what_failed_is_tried_again_after_a_moment_and_not_before(maker: Maker, kept: Kept[int]) -> None:
    maker.fails = True
    for _ in range(3):
        with pytest.raises(ProviderError, match="closed"):
            kept.get()
    assert maker.made == 1

    maker.fails = False
    maker.at += 4.9
    with pytest.raises(ProviderError, match="closed"):
        kept.get()
    maker.at += 0.1
    assert kept.get() == 2


def test_what_is_young_enough_is_there_though_making_it_again_failed(maker: Maker, kept: Kept[int]) -> None:
    assert kept.get() == 1
    maker.fails = True
    maker.at += 30

    with pytest.raises(ProviderError):
        kept.get(younger_s=30)
    assert kept.get() == 1
