"""All cores of this machine: a scorer in each of several processes, fed by this one."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Final

from tocsin.errors import ScoringError, TocsinError
from tocsin.service.audit.unit import Done, Unit
from tocsin.service.audit.worker import READY, Failed, work

if TYPE_CHECKING:
    from tocsin.service.audit.engine import Scoring
    from tocsin.service.audit.layout import PartName

__all__ = ["LocalEngine", "cores", "received"]

ATTEMPTS: Final = 2
GONE_S: Final = 10

# A fork of a process with threads may hang, and models start some.
CONTEXT: Final = multiprocessing.get_context("spawn")


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Worker:
    """Hold a process and the pipe to it; `unit` is what it is at, `idle` says that it waits for one."""

    def __init__(self, scoring: Scoring) -> None:
        self.pipe, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=work, args=(theirs, scoring), daemon=True)
        self.process.start()
        theirs.close()  # so that the pipe ends with the process
        self.unit: Unit | None = None
        self.idle = self.was_ready = False

    def give(self, unit: Unit) -> None:
        """Hand over a unit; that the process has died meanwhile shows at its pipe."""
        self.unit, self.idle = unit, False
        try:
            self.pipe.send(unit)
        except OSError:
            return

    def end(self) -> None:
        """End the process, whatever it is at: what it has not finished has no name yet."""
        self.pipe.close()
        self.process.kill()
        self.process.join(GONE_S)


class LocalEngine:
    """Score in so many processes; hold a unit for each, and as many more ready to be handed out.

    A process that dies takes its unit with it: another one does it again, once.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def run(self, units: Iterator[Unit], scoring: Scoring) -> Generator[Done, None, None]:
        """Yield every unit that is done, as soon as it is."""
        crew = _Crew(self._workers, units, scoring)
        try:
            yield from crew.run()
        finally:
            crew.end()


class _Crew:
    """Keep the workers of one run busy."""

    def __init__(self, size: int, units: Iterator[Unit], scoring: Scoring) -> None:
        self._size = size
        self._units = units
        self._scoring = scoring
        self._ready: deque[Unit] = deque()
        self._fault: TocsinError | None = None
        self._exhausted = False
        self._deaths: Counter[PartName] = Counter()
        self._crew: list[_Worker] = []

    def run(self) -> Iterator[Done]:
        """Yield every unit that is done; then raise what was wrong with the inputs, if anything."""
        self._fill()
        size = min(self._size, len(self._ready)) if self._exhausted else self._size
        self._crew = [_Worker(self._scoring) for _ in range(size)]
        while self._ready or any(one.unit for one in self._crew):
            yield from self._hear()
            self._hand_out()
            self._fill()
            self._hand_out()
        if self._fault is not None:
            raise self._fault

    def end(self) -> None:
        """End all processes."""
        for one in self._crew:
            one.end()

    def _fill(self) -> None:
        """Read ahead while the workers are busy."""
        while not self._exhausted and len(self._ready) < self._size:
            try:
                self._ready.append(next(self._units))
            except StopIteration:
                self._exhausted = True
            except TocsinError as fault:
                self._exhausted, self._fault = True, fault

    def _hand_out(self) -> None:
        for one in self._crew:
            if one.idle and self._ready:
                one.give(self._ready.popleft())

    def _hear(self) -> Iterator[Done]:
        """Wait for word from any worker, and take what there is."""
        pipes: dict[Any, _Worker] = {one.pipe: one for one in self._crew}
        heard: Sequence[Any] = wait(list(pipes))
        for pipe in heard:
            worker = pipes[pipe]
            told = received(worker.pipe)
            if told is None:
                self._replace(worker)
            elif isinstance(told, Failed):
                raise told.error
            else:
                worker.idle = worker.was_ready = True
                worker.unit = None
                if isinstance(told, Done):
                    yield told

    def _replace(self, worker: _Worker) -> None:
        """Put another worker in the place of one that died, and its unit before all others."""
        worker.process.join(GONE_S)
        how = f"it left with {worker.process.exitcode}"
        if not worker.was_ready:
            raise ScoringError(f"a process that scores could not start: {how}")
        if worker.unit is not None:
            unit = worker.unit
            self._deaths[unit.part] += 1
            if self._deaths[unit.part] >= ATTEMPTS:
                raise ScoringError(
                    f"{unit}: the process that scored it died {ATTEMPTS} times, {how};"
                    " fewer processes (--workers) or smaller parts (--part-rows) need less memory"
                )
            self._ready.appendleft(unit)
        worker.end()
        self._crew[self._crew.index(worker)] = _Worker(self._scoring)


def received(pipe: Connection) -> Done | Failed | str | None:
    """Return what a worker said, None where it is gone, be it in the middle of a word."""
    try:
        told: Done | Failed | str = pipe.recv()
    except (EOFError, OSError):
        return None
    assert told == READY or not isinstance(told, str)  # noqa: S101 - both ends are ours
    return told
