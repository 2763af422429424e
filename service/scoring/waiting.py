"""The line before the scorer: bounded, and no long request holds up the short ones."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.service.scoring.job import Job, Part
    from tocsin.service.scoring.limits import EngineLimits

__all__ = ["Waiting"]


class Waiting:
    """Hold jobs in order of arrival; deal batches out of them in turns."""

    def __init__(self, limits: EngineLimits) -> None:
        self._limits = limits
        self._jobs: deque[Job] = deque()
        self.items = 0
        self.characters = 0

    def has_room(self, items: int, characters: int) -> bool:
        """Say whether that much more may wait; an empty line takes any one job."""
        if not self.items:
            return True
        return (
            self.items + items <= self._limits.waiting_items
            and self.characters + characters <= self._limits.waiting_characters
        )

    def add(self, job: Job) -> None:
        """Put a job at the end of the line."""
        self._jobs.append(job)
        self.items += len(job.items)
        self.characters += sum(len(item.text) for item in job.items)

    def next_batch(self) -> list[Part]:
        """Return what is scored next: some of each job in turn, all with or all without explanation.

        Turns go on until the batch is full. Jobs that nobody waits for any more leave the line. Empty
        where nothing waits. The first item is always taken, however long.
        """
        batch: list[Part] = []
        skipped: list[Job] = []
        characters = 0
        full = False
        while self._jobs and not full:
            job = self._jobs.popleft()
            if job.abandoned:
                self._forget(job)
            elif batch and job.explain != batch[0].job.explain:
                skipped.append(job)
            else:
                full, characters = self._deal(job, batch, characters)
                if job.taken < len(job.items):
                    (self._jobs.appendleft if full else self._jobs.append)(job)
        self._jobs.extendleft(reversed(skipped))
        return batch

    def clear(self) -> list[Job]:
        """Empty the line and return who stood in it."""
        jobs = list(self._jobs)
        self._jobs.clear()
        self.items = self.characters = 0
        return jobs

    def _deal(self, job: Job, batch: list[Part], characters: int) -> tuple[bool, int]:
        """Move up to one share of `job` to `batch`; say whether the batch is full, and its characters."""
        for _ in range(min(self._limits.share_items, len(job.items) - job.taken)):
            length = len(job.items[job.taken].text)
            if batch and (
                len(batch) >= self._limits.batch_items or characters + length > self._limits.batch_characters
            ):
                return True, characters
            batch.append(job.take())
            characters += length
            self.items -= 1
            self.characters -= length
        return False, characters

    def _forget(self, job: Job) -> None:
        self.items -= len(job.items) - job.taken
        self.characters -= sum(len(item.text) for item in job.items[job.taken :])
