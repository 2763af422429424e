from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.assessment import Assessment
from tocsin.errors import ScoringError
from tocsin.item import Item
from tocsin.service.scan.testing import WordAssessor
from tocsin.service.scoring import (
    DeadlinePassedError,
    Engine,
    EngineLimits,
    Memory,
    Outcome,
    OverloadedError,
    StoppingError,
)

PATIENCE_S = 10.0


class Spoilt(WordAssessor):
    """Fail on any batch with the word "spoilt" in it."""

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        if any("spoilt" in item.text for item in items):
            raise ValueError(f"cannot read {items[0].text}")
        return super().assess(items, explain=explain)


class Gated(WordAssessor):
    """Score nothing until the gate is open."""

    def __init__(self) -> None:
        super().__init__({})
        self.open = threading.Event()
        self.began = threading.Event()

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        self.began.set()
        assert self.open.wait(PATIENCE_S)
        return super().assess(items, explain=explain)


class Watcher:
    """Remember what it is told."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.from_memory: list[str] = []
        self.failures = 0

    def scored(self, items: Sequence[Item], assessments: Sequence[Assessment], seconds: float) -> None:
        assert [item.id for item in items] == [one.id for one in assessments]
        assert seconds >= 0
        self.batches.append([item.id for item in items])

    def recalled(self, assessments: Sequence[Assessment]) -> None:
        self.from_memory += [one.id for one in assessments]

    def failed(self, items: int) -> None:
        self.failures += items


def items(*texts: str, prefix: str = "i") -> list[Item]:
    return [Item(f"{prefix}{place}", text) for place, text in enumerate(texts)]


def ids(outcomes: Sequence[Outcome]) -> list[str | None]:
    return [None if isinstance(one, ScoringError) else one.id for one in outcomes]


def during(
    use: Callable[[Engine], Awaitable[Any]],
    scorer: WordAssessor | None = None,
    limits: EngineLimits | None = None,
    *,
    entries: int = 0,
    observers: Sequence[Any] = (),
) -> Any:
    """Return what `use` returns of an engine that is started before and stopped after it."""

    async def whole() -> Any:
        engine = Engine(scorer or WordAssessor({}), limits or EngineLimits(), Memory(entries), observers)
        engine.start()
        try:
            return await use(engine)
        finally:
            await engine.stop()

    return asyncio.run(whole())


def more_wait(engine: Engine, before: int) -> bool:
    return engine.waiting_items > before


async def waits(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.001)


@given(
    requests=st.lists(
        st.tuples(
            st.lists(st.sampled_from(["soup", "spoilt soup", "", "x" * 40]), max_size=9), st.booleans()
        ),
        max_size=12,
    ),
    batch=st.integers(1, 6),
    share=st.integers(1, 4),
    entries=st.integers(0, 3),
)
def test_every_request_gets_one_outcome_an_item_in_its_own_order(
    requests: list[tuple[list[str], bool]], batch: int, share: int, entries: int
) -> None:
    logging.disable(logging.CRITICAL)
    limits = EngineLimits(batch_items=batch, share_items=share, batch_characters=60)

    async def use(engine: Engine) -> list[list[Outcome]]:
        return await asyncio.gather(
            *(
                engine.assess(items(*texts, prefix=f"{place}-"), deadline_s=PATIENCE_S, explain=explain)
                for place, (texts, explain) in enumerate(requests)
            )
        )

    try:
        answers = during(use, Spoilt({"soup": 0.9}), limits, entries=entries)
    finally:
        logging.disable(logging.NOTSET)

    for place, ((texts, _), outcomes) in enumerate(zip(requests, answers, strict=True)):
        assert ids(outcomes) == [
            None if "spoilt" in text else f"{place}-{row}" for row, text in enumerate(texts)
        ]


def test_requests_that_come_while_one_is_scored_are_scored_together() -> None:
    scorer = Gated()

    async def use(engine: Engine) -> None:
        first = asyncio.create_task(engine.assess(items("a"), deadline_s=PATIENCE_S))
        await waits(scorer.began.is_set)
        rest = [asyncio.create_task(engine.assess(items("b"), deadline_s=PATIENCE_S)) for _ in range(7)]
        await waits(lambda: engine.waiting_items == 7)
        scorer.open.set()
        await asyncio.gather(first, *rest)

    during(use, scorer)

    assert scorer.batches == [1, 7]


def test_a_long_request_does_not_hold_up_a_short_one() -> None:
    scorer = Gated()
    finished: list[str] = []

    async def use(engine: Engine) -> None:
        async def ask(name: str, count: int) -> None:
            await engine.assess(items(*["soup"] * count), deadline_s=PATIENCE_S)
            finished.append(name)

        blocker = asyncio.create_task(ask("blocker", 1))
        await waits(scorer.began.is_set)
        long = asyncio.create_task(ask("long", 50))
        await waits(lambda: engine.waiting_items == 50)
        short = asyncio.create_task(ask("short", 2))
        await waits(lambda: engine.waiting_items == 52)
        scorer.open.set()
        await asyncio.gather(blocker, long, short)

    during(use, scorer, EngineLimits(batch_items=10, share_items=4))

    assert finished == ["blocker", "short", "long"]
    assert scorer.batches == [1, 10, 10, 10, 10, 10, 2]


def test_with_and_without_explanations_are_scored_apart_and_neither_starves() -> None:
    scorer = WordAssessor({"soup": 0.9})

    async def use(engine: Engine) -> list[list[Outcome]]:
        return await asyncio.gather(
            *(
                engine.assess(items("soup"), deadline_s=PATIENCE_S, explain=bool(place % 2))
                for place in range(6)
            )
        )

    answers = during(use, scorer)

    spans = [outcome.spans for (outcome,) in answers]
    assert [bool(found) for found in spans] == [False, True] * 3
    assert scorer.batches == [3, 3]


def test_one_spoilt_text_spoils_no_other_and_its_words_reach_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watcher = Watcher()

    async def use(engine: Engine) -> list[Outcome]:
        return await engine.assess(items("soup", "spoilt secret", "bread"), deadline_s=PATIENCE_S)

    outcomes = during(use, Spoilt({}), observers=[watcher])

    assert ids(outcomes) == ["i0", None, "i2"]
    assert isinstance(outcomes[1], ScoringError)
    assert watcher.failures == 1
    assert watcher.batches == [["i0", "i2"]]
    assert "could not be scored" in caplog.text
    assert "secret" not in caplog.text + str(outcomes[1])


def test_a_scorer_that_answers_too_few_is_an_error_and_no_answer_moves_up() -> None:
    class Short(WordAssessor):
        def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
            return super().assess(items, explain=explain)[:-1]

    async def use(engine: Engine) -> list[Outcome]:
        return await engine.assess(items("soup", "bread"), deadline_s=PATIENCE_S)

    outcomes = during(use, Short({}))

    assert [type(one) for one in outcomes] == [ScoringError, ScoringError]


def test_too_much_waiting_is_refused_at_once_with_a_time_to_come_back() -> None:
    scorer = Gated()

    async def use(engine: Engine) -> OverloadedError:
        first = asyncio.create_task(engine.assess(items("a"), deadline_s=PATIENCE_S))
        await waits(scorer.began.is_set)
        waiting = asyncio.create_task(engine.assess(items(*"bcde"), deadline_s=PATIENCE_S))
        await waits(lambda: engine.waiting_items == 4)
        with pytest.raises(OverloadedError) as refused:
            await engine.assess(items("f", "g"), deadline_s=PATIENCE_S)
        scorer.open.set()
        await asyncio.gather(first, waiting)
        return refused.value

    error = during(use, scorer, EngineLimits(waiting_items=5))

    assert error.retry_after >= 1
    assert "wait already" in str(error)


def test_too_many_characters_waiting_are_refused_too() -> None:
    scorer = Gated()

    async def use(engine: Engine) -> None:
        first = asyncio.create_task(engine.assess(items("a"), deadline_s=PATIENCE_S))
        await waits(scorer.began.is_set)
        waiting = asyncio.create_task(engine.assess(items("b" * 90), deadline_s=PATIENCE_S))
        await waits(lambda: engine.waiting_items == 1)
        with pytest.raises(OverloadedError):
            await engine.assess(items("c" * 20), deadline_s=PATIENCE_S)
        scorer.open.set()
        await asyncio.gather(first, waiting)

    during(use, scorer, EngineLimits(waiting_characters=100))


def test_a_crowd_is_told_before_anybody_reads_the_next_request() -> None:
    scorer = Gated()

    async def use(engine: Engine) -> list[bool]:
        told = [engine.crowded]
        tasks = [asyncio.create_task(engine.assess(items("a"), deadline_s=PATIENCE_S))]
        await waits(scorer.began.is_set)
        for _ in range(2):
            before = engine.waiting_items
            tasks.append(asyncio.create_task(engine.assess(items(*"abcd"), deadline_s=PATIENCE_S)))
            await waits(partial(more_wait, engine, before))
            told.append(engine.crowded)
        scorer.open.set()
        await asyncio.gather(*tasks)
        return [*told, engine.crowded]

    assert during(use, scorer, EngineLimits(waiting_items=9)) == [False, False, True, False]


def test_an_idle_core_takes_a_request_of_any_size() -> None:
    async def use(engine: Engine) -> list[Outcome]:
        return await engine.assess(items(*["soup"] * 30), deadline_s=PATIENCE_S)

    assert len(during(use, limits=EngineLimits(waiting_items=5, batch_items=4))) == 30


def test_what_is_not_scored_in_time_is_an_error_and_is_not_scored_later() -> None:
    scorer = Gated()

    async def use(engine: Engine) -> None:
        first = asyncio.create_task(engine.assess(items("a"), deadline_s=PATIENCE_S))
        await waits(scorer.began.is_set)
        with pytest.raises(DeadlinePassedError, match=r"within 0\.05 s"):
            await engine.assess(items("b", "c"), deadline_s=0.05)
        scorer.open.set()
        await first
        await engine.assess(items("d"), deadline_s=PATIENCE_S)
        assert engine.waiting_items == 0

    during(use, scorer)

    assert scorer.batches == [1, 1]


def test_a_client_that_leaves_takes_its_texts_along() -> None:
    scorer = Gated()

    async def use(engine: Engine) -> None:
        first = asyncio.create_task(engine.assess(items("a"), deadline_s=PATIENCE_S))
        await waits(scorer.began.is_set)
        gone = asyncio.create_task(engine.assess(items("b"), deadline_s=PATIENCE_S))
        await waits(lambda: engine.waiting_items == 1)
        gone.cancel()
        scorer.open.set()
        await first
        await engine.assess(items("c"), deadline_s=PATIENCE_S)

    during(use, scorer)

    assert scorer.batches == [1, 1]


def test_stopping_scores_what_waits_and_refuses_what_comes() -> None:
    scorer = Gated()

    async def use(engine: Engine) -> list[list[Outcome]]:
        asked = [asyncio.create_task(engine.assess(items(text), deadline_s=PATIENCE_S)) for text in "abc"]
        await waits(scorer.began.is_set)
        stopping = asyncio.create_task(engine.stop())
        await asyncio.sleep(0.01)
        assert not engine.ready
        with pytest.raises(StoppingError):
            await engine.assess(items("d"), deadline_s=PATIENCE_S)
        scorer.open.set()
        await stopping
        return await asyncio.gather(*asked)

    assert [ids(one) for one in during(use, scorer)] == [["i0"]] * 3


def test_nothing_is_asked_of_a_core_that_was_not_started() -> None:
    async def use() -> None:
        engine = Engine(WordAssessor({}), EngineLimits(), Memory(0))
        assert not engine.ready
        with pytest.raises(StoppingError):
            await engine.assess(items("a"), deadline_s=PATIENCE_S)
        await engine.stop()

    asyncio.run(use())


def test_a_text_that_comes_again_is_not_scored_again() -> None:
    scorer, watcher = WordAssessor({"soup": 0.9}), Watcher()

    async def use(engine: Engine) -> list[list[Outcome]]:
        return [
            await engine.assess(items("soup", text, prefix=text), deadline_s=PATIENCE_S)
            for text in ("bread", "salt")
        ]

    first, second = during(use, scorer, entries=10, observers=[watcher])

    assert scorer.batches == [2, 1]
    assert watcher.from_memory == ["salt0"]
    assert ids(second) == ["salt0", "salt1"]
    assert [one.priority for one in first] == [0.9, 0.0]
    assert [one.priority for one in second] == [0.9, 0.0]


@pytest.mark.parametrize("how", [{"remember": False}, {"explain": True}], ids=["unremembered", "explained"])
def test_what_must_not_be_remembered_neither_reads_nor_writes_the_memory(how: dict[str, bool]) -> None:
    scorer = WordAssessor({"soup": 0.9})

    async def use(engine: Engine) -> None:
        for options in (how, {}, how):
            await engine.assess(items("soup"), deadline_s=PATIENCE_S, **options)

    during(use, scorer, entries=10)

    assert scorer.batches == [1, 1, 1]


def test_a_failure_is_not_remembered() -> None:
    scorer = Spoilt({})

    async def use(engine: Engine) -> Outcome:
        await engine.assess(items("spoilt"), deadline_s=PATIENCE_S)
        (again,) = await engine.assess(items("spoilt"), deadline_s=PATIENCE_S)
        return again

    assert isinstance(during(use, scorer, entries=10), ScoringError)


def test_an_observer_that_fails_costs_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Watcher):
        def scored(self, *_: object) -> None:
            raise RuntimeError

    async def use(engine: Engine) -> list[Outcome]:
        await engine.assess(items("a"), deadline_s=PATIENCE_S)
        return await engine.assess(items("b"), deadline_s=PATIENCE_S)

    assert ids(during(use, observers=[Broken()])) == ["i0"]
    assert "observer" in caplog.text


def test_a_core_that_breaks_tells_everybody_who_waits() -> None:
    async def use() -> list[type]:
        engine = Engine(WordAssessor({}), EngineLimits(batch_items=1), Memory(0))
        engine.start()
        engine._pool.shutdown()  # as when the interpreter ends
        asked = [asyncio.create_task(engine.assess(items(text), deadline_s=PATIENCE_S)) for text in "abc"]
        told = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), PATIENCE_S / 2)
        assert not engine.ready
        await engine.stop()
        return [type(one) for one in told]

    assert asyncio.run(use()) == [StoppingError] * 3


def test_waiting_for_company_is_bounded() -> None:
    scorer = WordAssessor({})

    async def use(engine: Engine) -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        first = asyncio.create_task(engine.assess(items("a"), deadline_s=PATIENCE_S))
        await asyncio.sleep(0.02)
        await asyncio.gather(first, engine.assess(items("b"), deadline_s=PATIENCE_S))
        return loop.time() - began

    assert during(use, scorer, EngineLimits(batch_wait_s=0.2)) >= 0.2
    assert scorer.batches == [2]
