"""What runs on the machines of a cluster: a process that scores one unit after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.service.audit.engine import Scoring
    from tocsin.service.audit.unit import Part, Unit
    from tocsin.service.audit.worker import Failed

__all__ = ["Here", "actor_class"]


@dataclass(frozen=True, slots=True)
class Here:
    """Say where a process is; `tocsin` is the version there, None where there is none."""

    node: str
    host: str
    tocsin: str | None

    @classmethod
    def of(cls, told: tuple[str, str, str | None]) -> Here:
        """Return what a process said of itself."""
        return cls(*told)


def actor_class() -> type[Any]:
    """Return the class whose instances score.

    It travels by value, and its first answer needs nothing of ours: a machine without tocsin, or with another
    version, can still say so.
    """

    class TocsinScorer:
        """Score units; whatever goes wrong is an answer, for Ray would write errors with their texts down."""

        def __init__(self) -> None:
            self._score: Any = None

        def where(self) -> tuple[str, str, str | None]:
            """Return the node, its address, and the version of tocsin there."""
            import ray

            try:
                from tocsin import __version__ as version
            except ImportError:
                version = ""
            host: str = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
            return ray.get_runtime_context().get_node_id(), host, version or None

        def open(self, scoring: Scoring) -> Failed | None:
            """Load models."""
            from tocsin.service.audit.worker import Failed, opened, told

            try:
                self._score = opened(scoring)
            except Exception as error:  # noqa: BLE001 - whatever it is, who feeds us must hear of it
                return Failed(told(error))
            return None

        def score(self, unit: Unit) -> Part | Failed:
            """Return a unit's part."""
            import gc

            from tocsin.service.audit.worker import Failed, told

            try:
                part: Part = self._score(unit)
            except Exception as error:  # noqa: BLE001 - as above
                return Failed(told(error))
            gc.collect()
            return part

    return TocsinScorer
