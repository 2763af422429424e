"""What the shadow says beside what was served, as counts."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Final

import numpy as np
from prometheus_client import Gauge

from tocsin.service.watching.counted import Counted, SignalTenths
from tocsin.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.assessment import Assessment
    from tocsin.models import Scorer
    from tocsin.service.watching import Exposition

__all__ = ["Comparison"]

_UNJUDGED: Final = "unjudged"
_scores = itemgetter(*Signal)


class Comparison:
    """Count how two assessments of the same text differ, in metrics that add up over workers."""

    def __init__(self, exposition: Exposition) -> None:
        registry = exposition.registry
        pair = ("served", "shadow")
        self._texts = Counted(
            "tocsin_shadow_items", "Texts that the shadow judged too, by both statuses.", pair, registry
        )
        self._levels = Counted(
            "tocsin_shadow_policy_items",
            "Texts that the shadow judged too, by policy and both levels.",
            ("policy", *pair),
            registry,
        )
        self._differences = SignalTenths(
            "tocsin_shadow_differences", "Texts by signal and tenth of the scores' distance.", registry
        )
        self._seconds = Counted("tocsin_shadow_seconds", "Time that the shadow scored.", (), registry)
        self._dropped = Counted(
            "tocsin_shadow_dropped_items", "Texts that the shadow had no room for.", (), registry
        )
        self._failed = Counted(
            "tocsin_shadow_failed_items", "Texts that the shadow could not score.", (), registry
        )
        self._info = Gauge(
            "tocsin_shadow_info",
            "What the shadow is: always 1.",
            ("bundle", "bundle_digest", "policy_digest"),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._since = Gauge(
            "tocsin_shadow_since_seconds",
            "When the shadow began, in Unix time.",
            registry=registry,
            multiprocess_mode="min",  # of a worker that was started again, the counts before count too
        )

    def begin(self, scorer: Scorer, now: float) -> None:
        """Say who the shadow is and that it begins at `now`, in Unix time."""
        self._info.labels(scorer.model.name, scorer.model.digest, scorer.policy.stamp.digest).set(1)
        self._since.set(now)

    def compare(self, served: Sequence[Assessment], shadow: Sequence[Assessment], seconds: float) -> None:
        """Count pairs in the same order, which the shadow scored in `seconds`."""
        self._seconds.add((), seconds)
        for ours, other in zip(served, shadow, strict=True):
            self._texts.add((ours.status, other.status))
            levels = {result.name: result.level for result in other.policies}
            for result in ours.policies:
                if result.name in levels:
                    both = (result.level or _UNJUDGED, levels[result.name] or _UNJUDGED)
                    self._levels.add((result.name, *both))
        self._differences.add(np.abs(_table(served) - _table(shadow)))

    def dropped(self, items: int) -> None:
        """Count texts that there was no room for."""
        self._dropped.add((), items)

    def failed(self, items: int) -> None:
        """Count texts that could not be scored."""
        self._failed.add((), items)


def _table(assessments: Sequence[Assessment]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    rows = [_scores(one.signals) for one in assessments]
    return np.array(rows, np.float64).reshape(len(rows), len(Signal))  # None is NaN
