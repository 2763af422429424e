"""Where metrics are kept, and how they are shown: of this process, or of all workers together."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest, values
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from tocsin.service.watching.cascade_counts import ObservedLoss
from tocsin.service.watching.workers import FOLDER_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client import Metric

__all__ = ["Exposition", "exposed_by_workers"]

_COUNTS_IN_FILES: Final = values.ValueClass is not values.MutexValue
disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, that nobody reads


class Exposition:
    """Hold the metrics of this process; show those of all workers where there are several.

    `looks` are called before anything is shown: they bring up to date what nothing else would.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.looks: list[Callable[[], None]] = []

    def exposed(self) -> tuple[bytes, str]:
        """Return every metric in Prometheus' text format, and its content type."""
        return _shown(self._every()), CONTENT_TYPE_PLAIN_0_0_4

    def values(self) -> dict[str, dict[tuple[str, ...], float]]:
        """Return every value by its metric's name, without ``_total``, and by its labels.

        Labels stand in the order of their names. All values are read at once, so that they fit
        together. A metric that counted nothing yet is empty.
        """
        found: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
        for metric in self._every().collect():
            for sample in metric.samples:
                labels = tuple(sample.labels[name] for name in sorted(sample.labels))
                found[sample.name.removesuffix("_total")][labels] = sample.value
        return found

    def _every(self) -> CollectorRegistry:
        for look in self.looks:
            look()
        return _of_workers() if _COUNTS_IN_FILES else self.registry


def exposed_by_workers() -> tuple[bytes, str]:
    """Return every metric of the workers, for a process that counts nothing itself."""
    return _shown(_of_workers()), CONTENT_TYPE_PLAIN_0_0_4


def _shown(registry: CollectorRegistry) -> bytes:
    """Return what is counted, and what follows from it."""
    metrics = list(registry.collect())
    following = CollectorRegistry()
    following.register(ObservedLoss(metrics))
    return generate_latest(_Read(metrics)) + generate_latest(following)


class _Read(CollectorRegistry):
    """Hold metrics as they were read once, so that what follows from them fits them."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        super().__init__()
        self._metrics = list(metrics)

    def collect(self) -> Iterator[Metric]:
        """Yield them again."""
        yield from self._metrics


def _of_workers() -> CollectorRegistry:
    every = CollectorRegistry()
    MultiProcessCollector(every, os.environ[FOLDER_VARIABLE])  # type: ignore[no-untyped-call]
    return every
