"""What a cascade clears, what of it is checked, and the loss that this shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from tocsin.assessment import Level, Tier
from tocsin.models.thresholds import lower_bound, upper_bound
from tocsin.service.watching.counted import Counted

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Metric

    from tocsin.assessment import Assessment
    from tocsin.models import Scorer

__all__ = ["CascadeCounts", "ObservedLoss", "observed_loss"]

CLEARED: Final = "cleared"
PASSED: Final = "checked"
LOST: Final = "lost"
FLAGGED: Final = "flagged"
READ: Final = "read"
ITEMS: Final = "tocsin_cascade_items"
_RISK: Final = 0.025  # on either side


class CascadeCounts:
    """Count texts in the languages that a cascade reads, by what became of each.

    `cleared` and not checked; `checked` and not flagged; `lost`: checked and flagged, so that it would have
    been lost; sent to the encoder and `flagged`; `read` by it and not flagged.
    """

    def __init__(self, scorer: Scorer, registry: CollectorRegistry) -> None:
        self._scorer = scorer
        self._items = Counted(
            ITEMS, "Texts that a cascade judged, by what became of them.", ("language", "outcome"), registry
        )

    def scored(self, assessments: Sequence[Assessment]) -> None:
        """Count one batch."""
        clearings = self._scorer.clearings
        found = Counter(
            (language, _outcome(one))
            for one in assessments
            if one.tier is not None and (language := self._scorer.judged_as(one)) in clearings
        )
        for labels, count in found.items():
            self._items.add(labels, count)


def _outcome(assessment: Assessment) -> str:
    flagged = assessment.level not in {None, Level.NONE}
    if assessment.tier is Tier.SCREEN:
        return CLEARED
    if assessment.checked:
        return LOST if flagged else PASSED
    return FLAGGED if flagged else READ


def observed_loss(counts: Mapping[str, float]) -> tuple[float, float, float] | None:
    """Return the share of what the encoder would flag that is cleared, with the bounds of its 95% interval.

    `counts` are texts by outcome. Of the cleared ones a sample was checked: the share of it that is lost
    stands for all of them, with the exact interval of Clopper and Pearson (1934), for losses are few. It
    takes texts that are not copies of one another. None where nothing was checked, or nothing was ever
    flagged.
    """
    lost, checked = counts.get(LOST, 0), counts.get(LOST, 0) + counts.get(PASSED, 0)
    cleared, flagged = checked + counts.get(CLEARED, 0), counts.get(FLAGGED, 0)
    if not checked or not lost + flagged:
        return None
    hits, rows = int(lost), int(checked)
    low, high = (bound(hits, rows, _RISK) for bound in (lower_bound, upper_bound))
    shares = (lost / checked, low if hits else 0.0, high)
    told = [share * cleared / (share * cleared + flagged) if share else 0.0 for share in shares]
    return told[0], told[1], told[2]


class ObservedLoss(Collector):
    """Make gauges of the counts of all workers: they cannot be kept, for loss does not add up."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Any]:
        """Yield the estimate and both bounds for each language."""
        counts: dict[str, dict[str, float]] = {}
        counted = [metric for metric in self._metrics if metric.name == ITEMS]
        for metric in counted:
            for sample in metric.samples:
                outcomes = counts.setdefault(sample.labels["language"], {})
                outcomes[sample.labels["outcome"]] = sample.value
        gauge = GaugeMetricFamily(
            "tocsin_cascade_loss",
            "Share of what the encoder would flag that is cleared, as checks show it, with its 95% interval.",
            labels=("language", "bound"),
        )
        for language, outcomes in sorted(counts.items()):
            found = observed_loss(outcomes)
            for bound, value in zip(("estimate", "low", "high"), found or (), strict=False):
                gauge.add_metric((language, bound), value)
        return [gauge] if counted else []
