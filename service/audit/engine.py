"""What scores pieces of work: in which process or machine is an engine's own business."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Protocol

from tocsin.service.audit.unit import Done, Part, Unit

__all__ = ["Engine", "Scoring", "SerialEngine"]


class Scoring(Protocol):
    """Travel to where the work is done, by pickle, and become what does it."""

    def open(self) -> Callable[[Unit], Part]:
        """Return what scores a unit; loads models, so call it once in a process."""
        ...

    def keep(self, part: Part) -> Done:
        """Put a part on the disk, whole, where the audit's folder is, and say so; loads nothing."""
        ...


class Engine(Protocol):
    """Do pieces of work, in any order and any number of them at a time."""

    def run(self, units: Iterator[Unit], scoring: Scoring) -> Generator[Done, None, None]:
        """Yield every unit that is done, as soon as it is; hold a bounded number of them.

        Why a unit could not be scored is raised at once; what `units` raises, after what it gave before is
        done. No unit is lost, and none is told twice. Closed early, it ends what it had begun.
        """
        ...


class SerialEngine:
    """Do one piece of work after the other, here: the twin that tests run on."""

    def run(self, units: Iterator[Unit], scoring: Scoring) -> Generator[Done, None, None]:
        """Yield every unit that is done, in order."""
        score = scoring.open()
        for unit in units:
            yield scoring.keep(score(unit))
