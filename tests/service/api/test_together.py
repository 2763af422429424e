from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tocsin.service.api.together import Together


def lengths(calls: list[int], words: Sequence[str]) -> list[int]:
    calls.append(len(words))
    if "spoilt" in words:
        raise ValueError("spoilt")
    return [len(word) for word in words]


def test_what_comes_in_one_turn_is_done_at_once_and_each_gets_its_own() -> None:
    calls: list[int] = []
    together = Together[str, int](lambda words: lengths(calls, words))

    async def use() -> list[Sequence[int]]:
        return list(await asyncio.gather(together(["a", "bb"]), together([]), together(["ccc"])))

    assert asyncio.run(use()) == [[1, 2], [], [3]]
    assert calls == [3]


def test_what_comes_later_is_done_later() -> None:
    calls: list[int] = []
    together = Together[str, int](lambda words: lengths(calls, words))

    async def use() -> list[Sequence[int]]:
        return [await together(["a"]), await together(["bb"])]

    assert asyncio.run(use()) == [[1], [2]]
    assert calls == [1, 1]


def test_who_left_gets_nothing_and_moves_nobody() -> None:
    calls: list[int] = []
    together = Together[str, int](lambda words: lengths(calls, words))

    async def use() -> Sequence[int]:
        gone, stays = asyncio.create_task(together(["a"])), asyncio.create_task(together(["bb"]))
        await asyncio.sleep(0)
        gone.cancel()
        return await stays

    assert asyncio.run(use()) == [2]


def test_a_failure_is_everybodys_and_the_next_turn_is_a_new_one() -> None:
    calls: list[int] = []
    together = Together[str, int](lambda words: lengths(calls, words))

    async def use() -> Sequence[int]:
        told = await asyncio.gather(together(["spoilt"]), together(["a"]), return_exceptions=True)
        assert [type(one) for one in told] == [ValueError, ValueError]
        return await together(["a"])

    assert asyncio.run(use()) == [1]
