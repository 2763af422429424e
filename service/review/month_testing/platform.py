"""A made-up platform: which posts come, what is planted in them, and what a made-up model makes of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import product
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from tocsin.assessment import Assessment, Level, ModelStamp, PolicyResult, PolicyStamp, Reason, Status, Tier
from tocsin.item import Item
from tocsin.service.review.contract_testing import recipe
from tocsin.signals import Signal

__all__ = [
    "ALONE",
    "BEGINS",
    "DAYS",
    "OFFSIDE",
    "POLICIES",
    "SOUP",
    "Kind",
    "MadeUpModel",
    "Platform",
    "Post",
    "write_policy",
]

SOUP: Final = "soup"
OFFSIDE: Final = "offside"
POLICIES: Final = (SOUP, OFFSIDE)
BEGINS: Final = datetime(2031, 3, 3, tzinfo=UTC)
DAYS: Final = 42
"""Days on which posts come. Drift compares five weeks, and the sixth is the one that changes."""

_SIGNALS: Final = {SOUP: Signal.CALL_TO_ACTION, OFFSIDE: Signal.GRIEVANCE}
_REVIEW_AT: Final = 2.0  # margins: log-odds
_URGENT_AT: Final = 3.2
_HOURS: Final = (6, 12, 18)  # at which posts are handed in
_LANGUAGES: Final = {"en": 0.62, "de": 0.35, "fr": 0.03}
_COMMUNITIES: Final = {"kitchen": 0.5, "stadium": 0.35, "quellish": 0.15}
_BREAKS: Final = {
    SOUP: {"kitchen": 0.09, "stadium": 0.03, "quellish": 0.05},
    OFFSIDE: {"kitchen": 0.02, "stadium": 0.07, "quellish": 0.04},
}
_OFTENER: Final = {"de": 1.2}
_APART: Final = {"en": 3.2, "de": 2.2, "fr": 0.0}  # how much higher the model scores what breaks a policy
_DISLIKED: Final = {"quellish": 0.4}  # how much higher it scores what breaks none
_CHANGE: Final = 1.8
_SAID: Final[Mapping[str, Sequence[str]]] = {
    "en": ("The soup at Pier 4 was lovely.", "Zorbia won by three goals.", "Rain again, so we baked."),
    "de": ("Die Suppe war heiß.", "Zorbien gewann mit drei Toren.", "Regen, also backen wir."),
    "fr": ("La soupe est chaude.", "La Zorbie gagne encore.", "Il pleut sur le stade."),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """Hold all that is planted in a post; `breaks` is the policy that it breaks in truth, None for none."""

    language: str
    community: str
    breaks: str | None


ALONE: Final = Kind("en", "kitchen", None)
"""What is taken for granted of what the platform did not post, corrections."""


@dataclass(frozen=True, slots=True)
class Post:
    """Hold one post; `margins` are the model's log-odds, by policy."""

    id: str
    kind: Kind
    at: datetime
    margins: Mapping[str, float]
    text: str = field(repr=False)

    def record(self) -> dict[str, Any]:
        """Return it as ``POST /v1/items`` takes it."""
        return {
            "id": self.id,
            "text": self.text,
            "language": self.kind.language,
            "community": self.kind.community,
            "time": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Platform:
    """Hold how many posts come a day on average, and which shares are reviewed at random and twice.

    It begins at `begins`, a midnight in UTC. On the day `changed_from` the model begins to take what is
    German for soup; None: it never does.
    """

    a_day: float = 100
    audit: float = 0.2
    double: float = 0.08
    changed_from: int | None = 35
    begins: datetime = BEGINS

    def kinds(self) -> Mapping[Kind, float]:
        """Return how common each kind of post is, of all that comes."""
        found = {}
        for (language, share), (community, part) in product(_LANGUAGES.items(), _COMMUNITIES.items()):
            broken = {one: _BREAKS[one][community] * _OFTENER.get(language, 1) for one in POLICIES}
            for breaks, rate in ((None, 1 - sum(broken.values())), *broken.items()):
                found[Kind(language, community, breaks)] = share * part * rate
        return found

    def changed(self, day: int) -> bool:
        """Say whether the model has changed by a day."""
        return self.changed_from is not None and day >= self.changed_from

    def mean(self, kind: Kind, policy: str, changed: bool) -> float:
        """Return the mean of the model's margins, whose standard deviation is 1."""
        if kind.breaks == policy:
            return _APART[kind.language]
        moved = changed and policy == SOUP and kind.language == "de"
        return _DISLIKED.get(kind.community, 0.0) + (_CHANGE if moved else 0.0)

    def reaches(self, kind: Kind, policy: str, margin: float, changed: bool) -> float:
        """Return how often the model's margin for a policy is at least this; 0 where it cannot judge."""
        if kind.language == "fr":
            return 0.0
        return 1 - NormalDist(self.mean(kind, policy, changed)).cdf(margin)

    def flags(self, kind: Kind, policy: str, level: Level, changed: bool) -> float:
        """Return how often a policy flags a kind of post at this level or above."""
        return self.reaches(kind, policy, _URGENT_AT if level is Level.URGENT else _REVIEW_AT, changed)

    def posts(self, seed: int) -> Iterator[list[Post]]:
        """Yield what comes on each day."""
        random = np.random.default_rng(seed)
        kinds, chances = zip(*self.kinds().items(), strict=True)
        for day in range(DAYS):
            count = int(random.poisson(self.a_day))
            drawn = random.choice(len(kinds), size=count, p=chances)
            margins = random.normal(0, 1, (count, len(POLICIES)))
            changed = self.changed(day)
            yield [
                self._post(f"m{seed}-{day}-{place}", kinds[kind], day, noise.tolist(), changed)
                for place, (kind, noise) in enumerate(zip(drawn, margins, strict=True))
            ]

    def _post(self, name: str, kind: Kind, day: int, noise: Sequence[float], changed: bool) -> Post:
        place = int(name.rpartition("-")[2])
        at = self.begins + timedelta(days=day, hours=_HOURS[place % len(_HOURS)])
        margins = {
            policy: self.mean(kind, policy, changed) + more
            for policy, more in zip(POLICIES, noise, strict=True)
        }
        said = _SAID[kind.language][place % 3]
        return Post(name, kind, at, margins, f"{said} {recipe(day * 10_000 + place, 12)}")


class MadeUpModel:
    """Say of a post what is planted: a scorer that cannot judge French, and knows no text but by its id."""

    def __init__(self) -> None:
        self._posts: dict[str, Post] = {}

    def learn(self, posts: Sequence[Post]) -> None:
        """Take in what is planted in some posts."""
        self._posts |= {one.id: one for one in posts}

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Return one assessment an item; what is unknown is scored low."""
        del explain
        return [self._assess(one) for one in items]

    def _assess(self, item: Item) -> Assessment:
        post, language = self._posts.get(item.id), item.language or "en"
        unjudged = language == "fr"
        scores = {
            policy: None if unjudged else _score(post.margins[policy] if post else -2.0)
            for policy in POLICIES
        }
        told = [score for score in scores.values() if score is not None]
        return Assessment(
            item.id,
            Status.UNSCORABLE if unjudged else Status.SCORED,
            Reason.LANGUAGE if unjudged else None,
            language,
            {**dict.fromkeys(Signal), **{_SIGNALS[policy]: score for policy, score in scores.items()}},
            tuple(_result(policy, score) for policy, score in scores.items()),
            max(told, default=None),
            None if unjudged else Tier.SCREEN,
            (),
            ModelStamp("made-up", "1", "sha256:made-up"),
            PolicyStamp("1", "sha256:kitchen"),
        )


def write_policy(review: Mapping[str, str], urgent: Mapping[str, str]) -> str:
    """Return a policy file with a target for each policy and level."""
    tables = (
        f'[policies.{policy}]\ntitle = "{policy}"\nwhen = "{_SIGNALS[policy].value}"\nseverity = "low"\n'
        f'review = "{review[policy]}"\nurgent = "{urgent[policy]}"\n'
        for policy in POLICIES
    )
    return 'version = "1"\n' + "".join(tables)


def _score(margin: float) -> float:
    return round(1 / (1 + math.exp(-margin)), 6)


def _result(policy: str, score: float | None) -> PolicyResult:
    if score is None:
        return PolicyResult(policy, None, None, certified=True, missing=(_SIGNALS[policy],))
    places = ((Level.URGENT, _URGENT_AT), (Level.REVIEW, _REVIEW_AT))
    level = next((level for level, at in places if score >= _score(at)), Level.NONE)
    return PolicyResult(policy, score, level, certified=True)
