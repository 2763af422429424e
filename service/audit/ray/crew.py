"""Those who score on a cluster, as this machine knows them: what each is at, and how it died."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tocsin.service.audit.ray.actor import Here, actor_class

if TYPE_CHECKING:
    from tocsin.service.audit.engine import Scoring
    from tocsin.service.audit.unit import Unit

__all__ = ["Job", "Member", "State", "Yard"]


@dataclass(slots=True)
class Job:
    """Hold a unit where the cluster keeps it, and how often it was begun in vain.

    `deaths` are of processes on machines that lived on, `losses` are all others: a machine was gone, or the
    way to it.
    """

    name: str
    unit: Any
    deaths: int = 0
    losses: int = 0


class State(StrEnum):
    """Say what a member was asked for last."""

    STARTING = "where it is"
    LOADING = "to load models"
    IDLE = "nothing"
    SCORING = "to score"


class Member:
    """Hold one process of the cluster, or the wish for one; `asked` is its answer to come."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor
        self.state = State.STARTING
        self.asked: Any = actor.where.remote()
        self.here: Here | None = None
        self.job: Job | None = None

    @property
    def actor(self) -> Any:
        """Return Ray's handle."""
        return self._actor

    @property
    def is_ready(self) -> bool:
        """Say whether it has loaded its models."""
        return self.state in {State.IDLE, State.SCORING}

    def load(self, scoring: Any, here: Here) -> None:
        """Have it load models."""
        self.state, self.here, self.asked = State.LOADING, here, self._actor.open.remote(scoring)

    def rest(self) -> Job | None:
        """Note that it waits for work; return the job that it was at."""
        job, self.job, self.asked, self.state = self.job, None, None, State.IDLE
        return job

    def give(self, job: Job) -> None:
        """Have it score."""
        self.state, self.job, self.asked = State.SCORING, job, self._actor.score.remote(job.unit)

    def ask_again(self) -> None:
        """Ask where it is, since the way to it broke: the answer is that, or how it died."""
        self.asked = self._actor.where.remote()


class Yard:
    """Do with Ray all that a run needs of it."""

    def __init__(self, ray: Any, scoring: Scoring) -> None:
        self._ray = ray
        # One processor each. Nothing else of an audit asks Ray for any, so that none can starve another; who
        # is at it dies for good, because only the one who feeds it knows what it was at.
        self._class = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(actor_class())
        self.scoring = ray.put(scoring)
        self.errors = ray.exceptions

    def hire(self) -> Member:
        """Ask for one more."""
        return Member(self._class.remote())

    def dismiss(self, member: Member) -> None:
        """End a process, whatever it is at, or withdraw the wish for it."""
        self._ray.kill(member.actor)

    def store(self, unit: Unit) -> Job:
        """Put a unit where every machine can fetch it."""
        return Job(str(unit), self._ray.put(unit))

    def heard(self, crew: list[Member], seconds: float) -> list[Member]:
        """Return who has answered, after so many seconds at most."""
        asked = {one.asked: one for one in crew if one.asked is not None}
        answered, _ = self._ray.wait(list(asked), num_returns=1, timeout=seconds)
        return [asked[one] for one in answered]

    def answer(self, member: Member) -> Any:
        """Return what a member answered; raise RayError where it could not."""
        return self._ray.get(member.asked)

    def lives(self, here: Here) -> bool:
        """Say whether a machine is still part of the cluster."""
        return any(one["NodeID"] == here.node and one["Alive"] for one in self._ray.nodes())

    def processors(self) -> int:
        """Return how many processors the cluster has, taken or not."""
        return int(self._ray.cluster_resources().get("CPU", 0))

    def free(self) -> int:
        """Return how many of them nobody has taken."""
        return int(self._ray.available_resources().get("CPU", 0))
