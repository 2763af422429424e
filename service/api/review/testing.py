"""A review queue for tests of its face: made-up scores, and a key for each role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from tocsin.assessment import Assessment, Level, PolicyResult, Reason, Span, Status, Tier
from tocsin.errors import ScoringError
from tocsin.item import Item
from tocsin.models import Scorer
from tocsin.service.api.testing import MemoryKeys
from tocsin.service.keys import Key, Scope
from tocsin.service.review import Desk, make_desk, review_settings
from tocsin.service.review.log import Actor
from tocsin.service.review.office import Office
from tocsin.service.review.ready_testing import put_tables
from tocsin.service.review.records import add_reviewer as add
from tocsin.service.review.role import Role
from tocsin.signals import Signal

__all__ = ["KITCHEN", "PLATFORM_SECRET", "ToyAssessor", "add_reviewer", "office_at", "ring"]

KITCHEN: Final = "Soup is served at noon in the Zorbian kitchen by the old mill."
PLATFORM_SECRET: Final = "platform"  # noqa: S105 - opens nothing outside a test
PLATFORM: Final = Key("platform", "platform", frozenset({Scope.INTAKE}), digest="of no secret")

_LEVELS: Final = {"urgent": Level.URGENT, "review": Level.REVIEW, "nothing": Level.NONE}


class ToyAssessor:
    """Reach the level that a text begins with, judge nothing else, fail at what is broken."""

    def __init__(self, scorer: Scorer) -> None:
        self._model = scorer.model
        self._policy = scorer.policy

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Return one assessment an item; raise ScoringError at what is broken."""
        return [self._one(item, explain) for item in items]

    def _one(self, item: Item, explain: bool) -> Assessment:
        word = item.text.partition(":")[0]
        if word == "broken oven":
            raise ScoringError("the oven is broken")
        level = _LEVELS.get(word)
        score = {Level.URGENT: 0.9, Level.REVIEW: 0.5, Level.NONE: 0.1}.get(level) if level else None
        made = Assessment(
            id=item.id,
            status=Status.UNSCORABLE if level is None else Status.SCORED,
            reason=Reason.LANGUAGE if level is None else None,
            language="en",
            signals=dict.fromkeys(Signal, score),
            policies=(PolicyResult("hate", score, level, certified=True),),
            priority=score,
            tier=None if level is None else Tier.SCREEN,
            spans=(),
            model=self._model,
            policy=self._policy.stamp,
        )
        return replace(made, spans=(Span(0, 6, Signal.HATE, 1.0),)) if explain else made


def office_at(folder: Path, url: str | None = None) -> Office:
    """Return an office over a database, by default one in `folder`; the app closes it."""
    settings = review_settings(database=url, audit_share=0.0)
    if url is None:
        put_tables(folder)
    return Office(make_desk(settings, folder, policies=frozenset({"hate", "incitement"})))


def add_reviewer(desk: Desk, role: Role, name: str | None = None) -> dict[str, Key]:
    """Return the key of a new reviewer by its secret, which is the role's name."""
    secret = name or role.word
    desk.write(add, secret, role, key=f"key-{secret}", by=Actor("system"))
    return {secret: Key(f"key-{secret}", secret, frozenset({Scope.REVIEW}), digest="of no secret")}


def ring(keys: dict[str, Key]) -> MemoryKeys:
    """Return what knows these keys and the platform's."""
    return MemoryKeys(keys | {PLATFORM_SECRET: PLATFORM})
