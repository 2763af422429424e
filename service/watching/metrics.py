"""What is measured while the service runs; every metric is in docs/reference/metrics.md."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from prometheus_client import Gauge, Histogram

import tocsin
from tocsin.assessment import Level, Status
from tocsin.language import UNDETERMINED
from tocsin.service.watching.cascade_counts import CascadeCounts
from tocsin.service.watching.counted import Counted, SignalTenths
from tocsin.service.watching.exposition import Exposition
from tocsin.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from prometheus_client import CollectorRegistry

    from tocsin.assessment import Assessment, Reason, Tier
    from tocsin.item import Item
    from tocsin.models import Scorer
    from tocsin.service.api.answered import Answered
    from tocsin.service.api.load import Load
    from tocsin.service.scoring import Engine

__all__ = ["Metrics"]

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ITEMS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_OTHER: Final = "other"  # any language outside the bundle: texts must not make labels
_UNJUDGED: Final = "unjudged"
_LEVELS: Final = tuple(Level)
_scores = itemgetter(*Signal)


class Metrics:
    """Count requests (a RequestObserver) and what is scored (an Observer of the scoring core).

    No label holds a text, an id or a key.
    """

    def __init__(self, scorer: Scorer, exposition: Exposition | None = None) -> None:
        self.exposition = exposition or Exposition()
        registry = self.exposition.registry
        self._languages = {*scorer.bundle.manifest.languages, UNDETERMINED}
        self._requests = Counted(
            "tocsin_requests", "Requests answered.", ("face", "operation", "status"), registry
        )
        self._refusals = Counted("tocsin_refusals", "Requests refused.", ("face", "reason"), registry)
        self._seconds = Histogram(
            "tocsin_request_seconds",
            "From a request's arrival to its answer's last byte.",
            ("face", "operation"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._observe: dict[tuple[str, str], Histogram] = {}
        self._items = Counted(
            "tocsin_items", "Texts answered.", ("tier", "level", "language", "memory"), registry
        )
        self._levels = Counted(
            "tocsin_policy_items", "Texts scored, by what each policy says.", ("policy", "level"), registry
        )
        self._unscorable = Counted(
            "tocsin_unscorable_items", "Texts that could not be judged.", ("reason",), registry
        )
        self._failures = Counted("tocsin_failed_items", "Texts that could not be scored.", (), registry)
        self._scores = SignalTenths(
            "tocsin_scores", "Texts scored, by signal and tenth of its score.", registry
        )
        self._batch_items = Histogram(
            "tocsin_batch_items", "Texts scored together.", buckets=_ITEMS, registry=registry
        )
        self._batch_seconds = Histogram(
            "tocsin_batch_seconds", "Time to score a batch.", buckets=_SECONDS, registry=registry
        )
        self._in_flight = _live("tocsin_requests_in_flight", "Requests being answered.", registry)
        self._waiting = _live("tocsin_waiting_items", "Texts waiting to be scored.", registry)
        self._cascade = CascadeCounts(scorer, registry) if scorer.clearings else None
        self._load: Load | None = None
        self._engine: Engine | None = None
        Gauge(
            "tocsin_build_info",
            "What runs: always 1.",
            ("version", "bundle", "bundle_digest", "policy_digest"),
            registry=registry,
            multiprocess_mode="livemax",
        ).labels(tocsin.__version__, scorer.model.name, scorer.model.digest, scorer.policy.stamp.digest).set(
            1
        )

    def watch(self, load: Load, engine: Engine) -> None:
        """Say where the requests in flight and the texts that wait are counted."""
        self._load, self._engine = load, engine
        self.exposition.looks.append(self._look)

    def answered(self, answered: Answered) -> None:
        """Count one request."""
        self._requests.add((answered.face, answered.operation, answered.status))
        if answered.why is not None:
            self._refusals.add((answered.face, answered.why))
        where = (answered.face, answered.operation)
        observe = self._observe.get(where)
        if observe is None:
            observe = self._observe[where] = self._seconds.labels(*where)
        observe.observe(answered.seconds)
        self._look()

    def scored(self, items: Sequence[Item], assessments: Sequence[Assessment], seconds: float) -> None:
        """Count one batch."""
        self._batch_items.observe(len(items))
        self._batch_seconds.observe(seconds)
        kinds = _kinds(assessments)
        self._count(kinds, memory="no")
        for kind, count in kinds.items():
            for result, level in zip(assessments[0].policies, kind.levels, strict=True):
                self._levels.add((result.name, level or _UNJUDGED), count)
        if self._cascade is not None:
            self._cascade.scored(assessments)
        table = [_scores(one.signals) for one in assessments if one.status is Status.SCORED]
        if table:
            self._scores.add(np.array(table, np.float64))

    def recalled(self, assessments: Sequence[Assessment]) -> None:
        """Count answers from memory; they were counted by policy and signal when they were scored."""
        self._count(_kinds(assessments), memory="yes")

    def failed(self, items: int) -> None:
        """Count texts that could not be scored."""
        self._failures.add((), items)

    def _count(self, kinds: Mapping[_Kind, int], memory: str) -> None:
        for kind, count in kinds.items():
            known = kind.language if kind.language in self._languages else _OTHER
            self._items.add((kind.tier or "none", _highest(kind.levels), known, memory), count)
            if kind.reason is not None:
                self._unscorable.add((kind.reason,), count)

    def _look(self) -> None:
        if self._load is not None and self._engine is not None:
            self._in_flight.set(self._load.requests)
            self._waiting.set(self._engine.waiting_items)


class _Kind(NamedTuple):
    """What is counted of a text; most texts of a batch are alike in it, so each kind is looked at once."""

    tier: Tier | None
    language: str
    reason: Reason | None
    levels: tuple[Level | None, ...]


def _kinds(assessments: Sequence[Assessment]) -> Counter[_Kind]:
    return Counter(
        [
            _Kind(one.tier, one.language, one.reason, tuple([result.level for result in one.policies]))
            for one in assessments
        ]
    )


def _highest(levels: Iterable[Level | None]) -> str:
    reached = [_LEVELS.index(level) for level in levels if level is not None]
    return _LEVELS[max(reached)] if reached else _UNJUDGED


def _live(name: str, meaning: str, registry: CollectorRegistry) -> Gauge:
    """Return a gauge that is added up over the workers that live."""
    return Gauge(name, meaning, registry=registry, multiprocess_mode="livesum")
