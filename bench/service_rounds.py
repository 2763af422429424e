"""Every face and the naive peer, loaded in turn, round after round: a noisy machine disturbs all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from service_faces import FACES, NAIVE, Face, bodies
from service_servers import Server
from service_wrk import Loaded, Wrk

__all__ = ["Measured", "Plan", "Target", "measure", "targets"]

WORDS_A_LOAD = 400_000  # more than a load sends, so that no text comes again


@dataclass(frozen=True)
class Plan:
    """Say how long and how often, and with how many connections."""

    connections: tuple[int, ...] = (1, 8, 64, 256)
    seconds: float = 5.0
    rounds: int = 3


@dataclass(frozen=True)
class Target:
    """Name something to load: one face of one server."""

    face: Face
    server: Server
    wrk: Wrk
    bodies: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """Hold one load: what wrk saw, and the processor's time that the server used meanwhile."""

    loaded: Loaded
    processor_seconds: float

    @property
    def answers_a_core_second(self) -> float:
        """Return the answers for each second of a processor's time that the server used."""
        return (self.loaded.answers - self.loaded.refused) / max(self.processor_seconds, 1e-9)


Runs = Mapping[str, Mapping[int, Sequence[Measured]]]


def targets(
    names: Sequence[str], posts: Sequence[str], ours: tuple[Server, Wrk], naive: tuple[Server, Wrk] | None
) -> tuple[dict[str, Target], dict[str, str]]:
    """Return what can be loaded by name, and why the rest cannot."""
    found: dict[str, Target] = {}
    missing: dict[str, str] = {}
    for name in names:
        face = FACES.get(name) or NAIVE[name]
        given = ours if name in FACES else naive
        if given is None:
            continue
        made = tuple(bodies(face, posts))
        status = given[0].answers(face.path, made[0])
        if status == 200:
            found[name] = Target(face, *given, made)
        else:
            missing[name] = f"its answer must be 200, was {status or 'none'}"
    return found, missing


def measure(found: Mapping[str, Target], plan: Plan, tell: Callable[[str], None]) -> Runs:
    """Return what every target took, by name and connections; each is loaded once in every round."""
    words = (load * WORDS_A_LOAD for load in count(1))
    runs: dict[str, dict[int, list[Measured]]] = {name: {at: [] for at in plan.connections} for name in found}
    for name, target in found.items():
        tell(f"warming up: {name}")
        _load(target, 8, 1.0, next(words))
    for number in range(plan.rounds):
        names = [*found]
        turn = number % len(names)
        for connections in plan.connections:
            tell(f"round {number + 1} of {plan.rounds}: {connections} connections")
            for name in names[turn:] + names[:turn]:
                runs[name][connections].append(_load(found[name], connections, plan.seconds, next(words)))
    return runs


def _load(target: Target, connections: int, seconds: float, first_word: int) -> Measured:
    before = target.server.processor_seconds
    loaded = target.wrk.load(target.face, target.bodies, connections, seconds, first_word)
    return Measured(loaded, target.server.processor_seconds - before)
