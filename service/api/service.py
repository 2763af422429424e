"""Everything that the faces stand on, made once for each worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tocsin.service.api.load import Load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.models import Scorer
    from tocsin.service.api.answered import Answered
    from tocsin.service.api.settings import ServeSettings
    from tocsin.service.feedback import FeedbackBox
    from tocsin.service.keys import KeyRing, Limiter
    from tocsin.service.review.office import Office
    from tocsin.service.scoring import Engine
    from tocsin.service.shadow import Shadow
    from tocsin.service.watching import Metrics

__all__ = ["RequestObserver", "Service"]


class RequestObserver(Protocol):
    """Be told of requests; must neither block nor raise."""

    def answered(self, answered: Answered) -> None:
        """Hear of one request whose response was sent."""
        ...


@dataclass(frozen=True, slots=True)
class Service:
    """Hold what the faces stand on.

    `keys` None lets everybody in who reaches the server; `feedback` None has nowhere to keep it,
    `review` None keeps no queue.
    """

    settings: ServeSettings
    scorer: Scorer
    engine: Engine
    keys: KeyRing | None
    limiter: Limiter
    metrics: Metrics
    observers: Sequence[RequestObserver] = ()
    load: Load = field(default_factory=Load)
    shadow: Shadow | None = None
    feedback: FeedbackBox | None = None
    review: Office | None = None
