"""Made-up people who review: how often each of them errs, and what they come to together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from tocsin.service.review.month_testing.platform import OFFSIDE, POLICIES, SOUP, Kind
from tocsin.service.review.role import Role

__all__ = [
    "ACTS",
    "ESCALATES",
    "LEAD",
    "NOTICED",
    "OBJECTS",
    "REVIEWERS",
    "SENIOR",
    "Person",
    "Readings",
    "finally_said",
    "first_and_second",
]

Readings = Mapping[tuple[str | None, str | None], float]
"""How often a first and a second reading say what."""

ESCALATES: Final = 0.02
"""How often somebody leaves a first decision to a senior."""
ACTS: Final = 0.85
"""How often the platform acts on what was confirmed."""
NOTICED: Final = {True: 0.15, False: 0.004}
"""How often users report a post that breaks a policy, and one that does not."""
OBJECTS: Final = {"author": {True: 0.05, False: 0.3}, "notifier": {True: 0.3, False: 0.1}}
"""How often a measure, or a dismissed notice, is objected to: where a policy is broken, and where none is."""


@dataclass(frozen=True, slots=True)
class Person:
    """Hold how often somebody sees nothing in what breaks a policy, or breaks in what does not.

    `mixes` is how often they name the other policy. `harsh` is how often they see a break in posts of a
    community that have none: a bias against it.
    """

    name: str
    role: Role
    misses: float
    alarms: float
    mixes: float = 0.02
    harsh: Mapping[str, float] = field(default_factory=dict)

    def says(self, kind: Kind) -> Mapping[str | None, float]:
        """Return how often they say of a kind of post that it breaks which policy, None for none."""
        if kind.breaks is None:
            alarms = self.harsh.get(kind.community, self.alarms)
            return {None: 1 - alarms, **dict.fromkeys(POLICIES, alarms / len(POLICIES))}
        other = OFFSIDE if kind.breaks == SOUP else SOUP
        right = 1 - self.misses - self.mixes
        return {None: self.misses, kind.breaks: right, other: self.mixes}


REVIEWERS: Final = (
    Person("Ada", Role.REVIEWER, 0.06, 0.002),
    Person("Bo", Role.REVIEWER, 0.06, 0.002, harsh={"quellish": 0.12}),
    Person("Cem", Role.REVIEWER, 0.12, 0.004),
    Person("Dot", Role.REVIEWER, 0.08, 0.002),
)
SENIOR: Final = Person("Sanna", Role.SENIOR, 0.02, 0.0005, 0.002)
LEAD: Final = Person("Lena", Role.LEAD, 0.02, 0.0005, 0.002)

_Way = tuple[float, frozenset[str], str | None, str | None, bool]


def finally_said(kind: Kind, double: float) -> Mapping[str | None, float]:
    """Return how often a kind of post comes to what in the end: read twice, adjudicated, objected to.

    Everybody errs by themselves, and whoever is free takes what comes: each of all reviewers as likely.
    """
    found: dict[str | None, float] = defaultdict(float)
    for chance, deciders, first, second, _ in _ways(kind, double):
        for said, share in _settled(kind, first, second).items():
            objects = _objects(kind, said)
            found[said] += chance * share * (1 - objects)
            for again, part in _mean(_others(deciders), kind).items():
                found[again] += chance * share * objects * part
    return found


def first_and_second(kind: Kind) -> Readings:
    """Return how often two people who read a kind of post apart say what."""
    found: dict[tuple[str | None, str | None], float] = defaultdict(float)
    for chance, _, first, second, twice in _ways(kind, 1.0):
        if twice:
            found[first, second] += chance
    return found


def _ways(kind: Kind, double: float) -> Iterator[_Way]:
    """Yield what may be said first, and second where it is drawn, each with its chance and who said it."""
    each = 1 / len(REVIEWERS)
    starts = [((1 - ESCALATES) * each, one, frozenset({one.name})) for one in REVIEWERS]
    starts += [(ESCALATES * each, SENIOR, frozenset({one.name})) for one in REVIEWERS]
    for chance, by, known in starts:
        others, deciders = _others(known), frozenset({by.name})
        for first, share in by.says(kind).items():
            drawn = min(1.0, 4 * double) if first else double
            yield chance * share * (1 - drawn), deciders, first, first, False
            for other in others:
                for second, part in other.says(kind).items():
                    twice = chance * share * drawn * part / len(others)
                    yield twice, deciders | {other.name}, first, second, True


def _settled(kind: Kind, first: str | None, second: str | None) -> Mapping[str | None, float]:
    """Return what holds of two readings: what both say, or what a third says."""
    return {first: 1.0} if first == second else SENIOR.says(kind)


def _objects(kind: Kind, said: str | None) -> float:
    broken = kind.breaks is not None
    if said is None:
        return NOTICED[broken] * OBJECTS["notifier"][broken]
    return ACTS * OBJECTS["author"][broken]


def _mean(people: Sequence[Person], kind: Kind) -> Mapping[str | None, float]:
    told = [one.says(kind) for one in people]
    return {said: sum(one[said] for one in told) / len(told) for said in (None, *POLICIES)}


def _others(known: frozenset[str]) -> Sequence[Person]:
    return [one for one in REVIEWERS if one.name not in known]
