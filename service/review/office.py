"""The desk and its couriers, for as long as a server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.service.keys import ANONYMOUS
from tocsin.service.review.desk import Desk
from tocsin.service.review.gauges import Gauges
from tocsin.service.review.making import make_desk
from tocsin.service.review.records.reviewers import ensure_reviewer
from tocsin.service.review.webhooks.courier import Couriers

if TYPE_CHECKING:
    from pathlib import Path

    from prometheus_client import CollectorRegistry

    from tocsin.service.review.settings import ReviewSettings

__all__ = ["Office", "open_office"]


class Office:
    """Hold a desk; deliver its messages, and tell what waits, between `start` and `stop`."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._couriers: Couriers | None = None

    def start(self, registry: CollectorRegistry | None = None) -> None:
        """Begin to deliver, and to tell `registry` what waits; raises StoreError."""
        self._couriers = Couriers(self.desk, None if registry is None else Gauges(registry))
        self._couriers.start()

    def stop(self) -> None:
        """Stop delivering, let what runs finish, and close the desk."""
        if self._couriers is not None:
            self._couriers.stop()
        self.desk.close()


def open_office(
    settings: ReviewSettings, state: Path, policies: frozenset[str], *, keyed: bool = True
) -> Office:
    """Return an office over the settings' database, not yet started; raises what `make_desk` does.

    `policies` are the names that may be confirmed. Not `keyed`, whoever reaches this machine's server is its
    one reviewer, and may do everything.
    """
    desk = make_desk(settings, state, policies=policies)
    if not keyed:
        desk.write(ensure_reviewer, ANONYMOUS.id)
    return Office(desk)
