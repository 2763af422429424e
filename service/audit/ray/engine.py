"""All processors of a cluster: a scorer on each, fed by this machine, which also keeps what they make."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from tocsin import __version__
from tocsin.errors import ScoringError, TocsinError
from tocsin.service.audit.local_engine import cores
from tocsin.service.audit.ray.actor import Here
from tocsin.service.audit.ray.cluster import cluster
from tocsin.service.audit.ray.crew import Job, Member, State, Yard
from tocsin.service.audit.unit import Done, Part, Unit
from tocsin.service.audit.worker import Failed

if TYPE_CHECKING:
    from tocsin.service.audit.engine import Scoring

__all__ = ["RayEngine"]

ATTEMPTS: Final = 2
# A machine that goes is nobody's fault, but one text may bring down one machine after the other.
LOSSES: Final = 5
# How long to wait for word before looking at the clock and at how large the cluster is.
LOOK_S: Final = 2.0
MOST_AHEAD: Final = 64


class RayEngine:
    """Score in so many processes of a cluster, by default one for each processor that it has or gets.

    `address` is the cluster's, None for one that starts on this machine, for this run. Where nobody can score
    for `timeout` seconds, that is an error.
    """

    def __init__(
        self,
        workers: int | None = None,
        address: str | None = None,
        timeout: float = 300,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workers = workers
        self._address = address
        self._timeout = timeout
        self._clock = clock

    def run(self, units: Iterator[Unit], scoring: Scoring) -> Generator[Done, None, None]:
        """Yield every unit that is done, as soon as it is."""
        first = next(units, None)
        if first is None:
            return
        with cluster(self._address, self._workers or cores()) as ray:
            pool = _Pool(Yard(ray, scoring), chain([first], units), self._workers, self._timeout, self._clock)
            try:
                for part in pool.run():
                    yield scoring.keep(part)
            finally:
                pool.end()


class _Pool:
    """Keep the processes of one run busy."""

    def __init__(
        self,
        yard: Yard,
        units: Iterator[Unit],
        workers: int | None,
        timeout: float,
        clock: Callable[[], float],
    ) -> None:
        self._yard = yard
        self._units = units
        self._workers = workers
        self._timeout = timeout
        self._clock = clock
        self._size = 0
        self._looked = self._served = clock()
        self._ready: deque[Job] = deque()
        self._fault: TocsinError | None = None
        self._exhausted = False
        self._stillborn = 0
        self._crew: list[Member] = []

    def run(self) -> Iterator[Part]:
        """Yield every part that is made; then raise what was wrong with the inputs, if anything."""
        self._look()
        while not self._exhausted or self._ready or any(one.job for one in self._crew):
            self._fill()
            self._hire()
            self._hand_out()
            made = [part for member in self._hear() if (part := self._take(member)) is not None]
            self._hand_out()  # before anybody waits for the disk
            yield from made
            self._check_served()
        if self._fault is not None:
            raise self._fault

    def end(self) -> None:
        """End all processes."""
        for one in self._crew:
            self._yard.dismiss(one)

    def _look(self) -> None:
        """Ask for as many processes as there are processors, now that machines may have come."""
        self._looked = self._clock()
        self._size = self._workers or max(1, self._size, self._yard.processors())

    def _fill(self) -> None:
        """Read ahead while others are busy."""
        while not self._exhausted and len(self._ready) < min(self._size, MOST_AHEAD):
            try:
                self._ready.append(self._yard.store(next(self._units)))
            except StopIteration:
                self._exhausted = True
            except TocsinError as fault:
                self._exhausted, self._fault = True, fault

    def _hire(self) -> None:
        """Ask for processes, as many as there is work for."""
        if self._clock() - self._looked > LOOK_S:
            self._look()
        busy = sum(one.job is not None for one in self._crew)
        size = min(self._size, busy + len(self._ready)) if self._exhausted else self._size
        self._crew += [self._yard.hire() for _ in range(size - len(self._crew))]

    def _hand_out(self) -> None:
        for one in self._crew:
            if one.state is State.IDLE and self._ready:
                one.give(self._ready.popleft())

    def _hear(self) -> list[Member]:
        if not any(one.asked is not None for one in self._crew):
            return []
        return self._yard.heard(self._crew, LOOK_S)

    def _take(self, member: Member) -> Part | None:
        """Take a member's answer, and note what it is at now."""
        try:
            told = self._yard.answer(member)
        except self._yard.errors.ActorUnavailableError:
            member.ask_again()
            return None
        except self._yard.errors.RayError as error:
            self._lose(member, error)
            return None
        if isinstance(told, Failed):
            raise told.error
        if isinstance(told, Part):
            member.rest()
            return told
        if member.state is State.STARTING:
            member.load(self._yard.scoring, _checked(Here.of(told)))
        elif member.state is State.LOADING:
            member.rest()
            self._stillborn = 0
        else:  # it only said that it is there: what it was at is lost
            self._again(member.rest(), "the way to it broke")
        return None

    def _lose(self, member: Member, error: Exception) -> None:
        """Part with a member that did not answer, and have its job done by another one."""
        errors, here = self._yard.errors, member.here
        self._crew.remove(member)
        self._yard.dismiss(member)
        how = f"Ray says {_kind(error)}{f' on {here.host}' if here else ''}"
        if isinstance(error, errors.RayTaskError):  # not even a word of ours came back
            raise ScoringError(f"texts could not be scored: {how}")
        gone = here is not None and not self._yard.lives(here)
        if not member.is_ready and not gone:
            self._stillborn += 1
            if here is not None or self._stillborn > self._size:
                raise ScoringError(f"a process that scores could not start: {how}")
        died = isinstance(error, errors.ActorDiedError | errors.OutOfMemoryError)
        self._again(member.job, how, died=died and not gone)

    def _again(self, job: Job | None, how: str, *, died: bool = False) -> None:
        """Put a job before all others, unless it was begun in vain too often."""
        if job is None:
            return
        job.deaths, job.losses = job.deaths + died, job.losses + (not died)
        if job.deaths >= ATTEMPTS:
            raise ScoringError(
                f"{job.name}: the process that scored it died {job.deaths} times, {how};"
                " fewer processes (--workers) or smaller parts (--part-rows) need less memory"
            )
        if job.losses >= LOSSES:
            raise ScoringError(f"{job.name}: was begun {job.losses} times and never came back, {how}")
        self._ready.appendleft(job)

    def _check_served(self) -> None:
        """Raise ScoringError where nobody could score for too long."""
        now = self._clock()
        if any(one.is_ready for one in self._crew):
            self._served = now
        elif now - self._served > self._timeout:
            loading = sum(one.state is State.LOADING for one in self._crew)
            raise ScoringError(
                f"no process could score for {self._timeout:g} s (--ray-timeout): asked the cluster for"
                f" {len(self._crew)} processors, it has {self._yard.processors()}, of which"
                f" {self._yard.free()} are free; {loading} processes are loading models"
            )


def _checked(here: Here) -> Here:
    """Raise ScoringError where a machine has another tocsin: it might judge otherwise."""
    if here.tocsin != __version__:
        found = f"has {here.tocsin}" if here.tocsin else "has none"
        raise ScoringError(f"{here.host}: must have tocsin {__version__}, as this machine has, {found}")
    return here


def _kind(error: Exception) -> str:
    """Return what kind of error it is: Ray's messages may hold what the process was at."""
    cause: Any = getattr(error, "cause", None)
    return type(cause if isinstance(cause, Exception) else error).__name__
