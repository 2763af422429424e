"""A second scorer that judges the same texts beside the first, in a thread that gives way."""

from __future__ import annotations

import logging
import os
import random
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.assessment import Assessment
    from tocsin.item import Item
    from tocsin.models import Scorer
    from tocsin.service.shadow.comparison import Comparison

__all__ = ["Shadow"]

_LOG = logging.getLogger(__name__)
_NICE: Final = 10
_BATCH: Final = 16  # short turns: whoever answers a request waits for the end of one at most
_MOST_ITEMS: Final = 2_048
_MOST_CHARACTERS: Final = 4_194_304


class Shadow:
    """Judge a share of what is served, drawn at random, and count how it differs (an Observer).

    It never blocks: where too much waits, texts are dropped and counted. Texts leave memory once
    judged, and are not shown to it at all where the request asked not to be remembered.
    """

    keeps_texts = True

    def __init__(
        self, scorer: Scorer, comparison: Comparison, share: float = 1.0, most_items: int = _MOST_ITEMS
    ) -> None:
        self.scorer = scorer
        self._comparison = comparison
        self._share = share
        self._most = most_items
        self._waiting: deque[tuple[Item, Assessment]] = deque()
        self._characters = 0
        self._changed = threading.Condition()
        self._busy = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="tocsin-shadow", daemon=True)

    def start(self) -> None:
        """Begin; call once, before the first batch."""
        self._comparison.begin(self.scorer, time.time())
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch at hand and forget the rest."""
        self._forget()
        if self._thread.is_alive():
            self._thread.join()

    def settled(self, patience_s: float) -> bool:
        """Wait until nothing waits or is being judged; say whether that came about in time."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, patience_s)

    def scored(self, items: Sequence[Item], assessments: Sequence[Assessment], seconds: float) -> None:
        """Take a share of one batch, as far as there is room."""
        del seconds
        drawn = [
            pair
            for pair in zip(items, assessments, strict=True)
            if self._share >= 1 or random.random() < self._share  # noqa: S311 - a sample, no secret
        ]
        with self._changed:
            for place, pair in enumerate(drawn):
                length = len(pair[0].text)
                if (
                    self._stopping
                    or not self._thread.is_alive()  # nobody would take it: texts must not stay
                    or len(self._waiting) >= self._most
                    or self._characters + length > _MOST_CHARACTERS
                ):
                    self._comparison.dropped(len(drawn) - place)
                    break
                self._waiting.append(pair)
                self._characters += length
            self._changed.notify_all()

    def recalled(self, assessments: Sequence[Assessment]) -> None:
        """Leave out answers from memory: the shadow judged these texts when they were scored."""

    def failed(self, items: int) -> None:
        """Leave out texts that could not be scored: there is nothing to compare with."""

    def _run(self) -> None:
        try:
            _give_way()
            while self._judge(self._take()):  # held by no name: texts must not outlast their turn
                pass
        finally:
            self._busy = False
            self._forget()

    def _forget(self) -> None:
        """Take nothing more, and drop what waits."""
        with self._changed:
            self._stopping = True
            self._comparison.dropped(len(self._waiting))
            self._waiting.clear()
            self._characters = 0
            self._changed.notify_all()

    def _take(self) -> list[tuple[Item, Assessment]]:
        """Return what is judged next; wait for it; nothing once stopped."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._stopping)
            batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            self._characters -= sum(len(item.text) for item, _ in batch)
            self._busy = bool(batch)
            return batch

    def _judge(self, batch: list[tuple[Item, Assessment]]) -> bool:
        """Judge one batch; say whether there was one."""
        if not batch:
            return False
        started = time.perf_counter()
        try:
            judged = self.scorer.assess([item for item, _ in batch])
            self._comparison.compare([one for _, one in batch], judged, time.perf_counter() - started)
        except Exception as error:  # noqa: BLE001 - what the shadow cannot do must not end it
            _LOG.error("the shadow could not judge a batch: %s", type(error).__name__)  # no text in the log
            self._comparison.failed(len(batch))
        return True


def _give_way() -> None:
    """Lower this thread's priority where the system can: on Linux each thread has its own."""
    if sys.platform != "linux":
        return
    with suppress(OSError):  # a filter of system calls may refuse it: then it is as hungry as others
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
