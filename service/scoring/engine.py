"""The scoring core: the texts of many requests scored together, each answered or refused, none lost."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from tocsin.errors import ScoringError
from tocsin.service.scoring.job import Job, Part
from tocsin.service.scoring.outcome import DeadlinePassedError, Outcome, OverloadedError, StoppingError
from tocsin.service.scoring.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.item import Item
    from tocsin.service.scan import Assessor
    from tocsin.service.scoring.limits import EngineLimits
    from tocsin.service.scoring.memory import Memory
    from tocsin.service.scoring.observer import Observer

__all__ = ["Engine"]

_LOG = logging.getLogger(__name__)
_LARGEST_SHARE = 0.25  # of the room that a usual request is taken to need
_SMOOTHING = 0.1  # of what is told from the latest requests


class Engine:
    """Score items for many requests at once, with one scorer in one thread.

    While one batch is scored, what arrives forms the next: alone a request waits for nobody, under
    load batches grow. Must be started and used in one event loop.
    """

    def __init__(
        self, scorer: Assessor, limits: EngineLimits, memory: Memory, observers: Sequence[Observer] = ()
    ) -> None:
        self._scorer = scorer
        self._limits = limits
        self._memory = memory
        self._observers = tuple(observers)
        self._waiting = Waiting(limits)
        self._arrived = asyncio.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="tocsin-scoring")
        self._loop: asyncio.Task[None] | None = None
        self._stopping = False
        self._seconds_an_item = 0.001
        self._items_a_request = 1.0

    @property
    def ready(self) -> bool:
        """Say whether requests are taken."""
        return self._loop is not None and not self._loop.done() and not self._stopping

    @property
    def crowded(self) -> bool:
        """Say whether a request like the latest ones would find no room, before anybody reads it."""
        usual = min(self._items_a_request, self._limits.waiting_items * _LARGEST_SHARE)
        return self._waiting.items + usual > self._limits.waiting_items and self._waiting.items > 0

    @property
    def waiting_items(self) -> int:
        """Return how many items wait."""
        return self._waiting.items

    def check_room(self, items: Sequence[Item]) -> None:
        """Raise OverloadedError where these items may not wait as well."""
        if not self._waiting.has_room(len(items), sum(len(item.text) for item in items)):
            wait = max(1.0, self._waiting.items * self._seconds_an_item)
            raise OverloadedError(f"too many texts wait already: come back in {wait:.0f} s", wait)

    def start(self) -> None:
        """Begin to score; call once, inside the event loop."""
        self._loop = asyncio.create_task(self._run(), name="tocsin-engine")

    async def stop(self) -> None:
        """Score what waits, then stop; requests that come later are refused."""
        self._stopping = True
        self._arrived.set()
        if self._loop is not None:
            with suppress(Exception):  # it is logged, and who waited was told
                await self._loop
        self._pool.shutdown(wait=True)

    async def assess(
        self,
        items: Sequence[Item],
        *,
        deadline_s: float,
        explain: bool = False,
        remember: bool = True,
    ) -> list[Outcome]:
        """Return one outcome an item, in order: its assessment, or the error that it could not be scored.

        `remember` false neither reads nor writes the memory of answers. Raises OverloadedError,
        DeadlinePassedError after `deadline_s` seconds, StoppingError.
        """
        if not self.ready:
            raise StoppingError("the server is stopping: send this to another one, or again in a moment")
        recalled = self._recall(items) if remember and not explain else [None] * len(items)
        asked = [item for item, known in zip(items, recalled, strict=True) if known is None]
        scored = iter(await self._scored(asked, explain, remember, deadline_s) if asked else [])
        return [next(scored) if known is None else known for known in recalled]

    def _recall(self, items: Sequence[Item]) -> list[Outcome | None]:
        recalled = [self._memory.recall(item) for item in items]
        known = [assessment for assessment in recalled if assessment is not None]
        if known:
            for observer in self._observers:
                observer.recalled(known)
        return list(recalled)

    async def _scored(
        self, items: Sequence[Item], explain: bool, remember: bool, deadline_s: float
    ) -> list[Outcome]:
        self._items_a_request += _SMOOTHING * (len(items) - self._items_a_request)
        self.check_room(items)
        job = Job(items, explain, remember, asyncio.get_running_loop().create_future())
        self._waiting.add(job)
        self._arrived.set()
        try:
            async with asyncio.timeout(deadline_s):
                await job.done
        except TimeoutError:
            raise DeadlinePassedError(f"not scored within {deadline_s:g} s") from None
        return [outcome for outcome in job.outcomes if outcome is not None]

    async def _run(self) -> None:
        try:
            while not self._stopping or self._waiting.items:
                await self._arrived.wait()
                await asyncio.sleep(self._limits.batch_wait_s)
                self._arrived.clear()
                while batch := self._waiting.next_batch():
                    await self._score(batch)
        finally:
            self._stopping = True
            for job in self._waiting.clear():
                job.fail(StoppingError("the scoring core has stopped"))

    async def _score(self, batch: list[Part]) -> None:
        explain = batch[0].job.explain
        items = [part.item for part in batch]
        started = time.perf_counter()
        try:
            outcomes = await asyncio.get_running_loop().run_in_executor(
                self._pool, _outcomes, self._scorer, items, explain
            )
        except BaseException as error:
            _LOG.error("the scoring core has stopped: %s", type(error).__name__)
            for part in batch:
                part.job.fail(StoppingError("the scoring core has stopped"))
            raise
        seconds = time.perf_counter() - started
        self._seconds_an_item += _SMOOTHING * (seconds / len(items) - self._seconds_an_item)
        for part, outcome in zip(batch, outcomes, strict=True):
            part.job.settle(part.place, outcome)
        self._note(batch, outcomes, seconds)

    def _note(self, batch: list[Part], outcomes: list[Outcome], seconds: float) -> None:
        """Remember the answers and tell the observers; none of this may cost an answer."""
        answered = [
            (part, outcome)
            for part, outcome in zip(batch, outcomes, strict=True)
            if not isinstance(outcome, ScoringError)
        ]
        try:
            for part, assessment in answered:
                if part.job.remember and not part.job.explain:
                    self._memory.keep(part.item, assessment)
            for observer in self._observers:
                if len(answered) < len(batch):
                    observer.failed(len(batch) - len(answered))
                keeps = getattr(observer, "keeps_texts", False)
                told = [pair for pair in answered if pair[0].job.remember] if keeps else answered
                observer.scored([part.item for part, _ in told], [one for _, one in told], seconds)
        except Exception:  # noqa: BLE001 - what watches must not cost an answer
            _LOG.exception("the memory or an observer of the scoring core failed")


def _outcomes(scorer: Assessor, items: Sequence[Item], explain: bool) -> list[Outcome]:
    """Score items together; where that fails, each alone, so that one spoils none of the others."""
    try:
        return _whole(scorer, items, explain)
    except Exception as error:  # noqa: BLE001 - one text's failure is its own
        if len(items) == 1:
            _LOG.error("an item could not be scored: %s", type(error).__name__)  # its message may quote it
            return [
                error if isinstance(error, ScoringError) else ScoringError("the text could not be scored")
            ]
    return [_outcomes(scorer, [item], explain)[0] for item in items]


def _whole(scorer: Assessor, items: Sequence[Item], explain: bool) -> list[Outcome]:
    assessments = scorer.assess(items, explain=explain)
    if len(assessments) != len(items):
        raise ScoringError(f"a scorer must answer every item, was {len(assessments)} of {len(items)}")
    return list(assessments)
