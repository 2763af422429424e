"""Couriers: each takes one endpoint's messages out of the database and sends them, in a thread of its own."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tocsin.errors import TocsinError
from tocsin.service.review.care.deadlines import is_pressing, page_pressing
from tocsin.service.review.compliance.retention import apply_retention
from tocsin.service.review.double.comparing import compare_due
from tocsin.service.review.double.comparing import is_due as is_comparing_due
from tocsin.service.review.records.figures import refresh_figures
from tocsin.service.review.records.paging import is_late, page_again
from tocsin.service.review.webhooks.delivering import Letter, give_back, is_due, settle, take_due, waiting_for
from tocsin.service.review.webhooks.outcome import Failed, Sent
from tocsin.service.review.webhooks.sender import send, tls_context
from tocsin.service.review.webhooks.signing import sign

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk
    from tocsin.service.review.gauges import Gauges
    from tocsin.service.review.webhooks.endpoint import Endpoint

__all__ = ["Couriers", "Sender", "deliver"]

Sender = Callable[["Endpoint", dict[str, str], bytes], Sent]

_POLL_S: Final = 1.0
_REST_S: Final = 10.0  # once the database did not answer
_REFRESH_S: Final = 15.0  # as often as metrics are usually read
_HOUR_S: Final = 3_600.0
_LOG = logging.getLogger(__name__)


class Couriers:
    """Deliver what the outbox holds, at least once, until told to stop.

    Page leads over deadlines that come near, and again those who do not answer. Compare what was decided
    twice. Keep the dashboard's figures.
    Erase hourly what the compliance file keeps no longer, where it asks for that.

    One thread an endpoint: one that does not answer holds up no other. Any number of processes may do this on
    one database.
    """

    def __init__(self, desk: Desk, gauges: Gauges | None = None, *, poll_s: float = _POLL_S) -> None:
        self._desk = desk
        self._gauges = gauges
        self._stopping = threading.Event()
        rounds: list[tuple[Callable[[], object], float]] = [(self._page, poll_s)]
        rounds += [(self._round(one), poll_s) for one in desk.context.endpoints]
        rounds += [(self._compare, _REFRESH_S), (lambda: refresh_figures(desk), _REFRESH_S)]
        told = None if desk.context.compliance is None else desk.context.compliance.retention
        if told is not None and told.hourly:
            rounds.append((self._retain, _HOUR_S))
        if gauges is not None:
            rounds.append((lambda: gauges.refresh(desk), _REFRESH_S))
        self._threads = [
            threading.Thread(target=self._repeat, args=one, name="tocsin-courier", daemon=True)
            for one in rounds
        ]

    def start(self) -> None:
        """Begin; say for whom messages wait that nobody will send. Raises StoreError."""
        if self._gauges is not None:
            self._gauges.refresh(self._desk)
        known = {one.name for one in self._desk.context.endpoints}
        for name, count in self._desk.read(waiting_for).items():
            if name not in known:
                _LOG.warning("messages that wait for webhook %s, which there is not: %s", name, count)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish the messages in hand, then stop; what is left is due again later."""
        self._stopping.set()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()

    def _round(self, endpoint: Endpoint) -> Callable[[], int]:
        return lambda: deliver(self._desk, endpoint, stopping=self._stopping.is_set)

    def _retain(self) -> int:
        done = apply_retention(self._desk, self._stopping.is_set)
        _LOG.info("retention: erased %s items", done.items.total())
        return 0

    def _page(self) -> int:
        paged = self._desk.write(page_pressing) if self._desk.read(is_pressing) else 0
        return paged + (self._desk.write(page_again) if self._desk.read(is_late) else 0)

    def _compare(self) -> int:
        return self._desk.write(compare_due) if self._desk.read(is_comparing_due) else 0

    def _repeat(self, work: Callable[[], object], poll_s: float) -> None:
        while not self._stopping.is_set():
            try:
                pause = 0.0 if work() else poll_s
            except TocsinError as error:
                _LOG.warning("the review queue: %s", error)
                pause = _REST_S
            except Exception:  # noqa: BLE001 - a courier that dies would be missed by nobody
                _LOG.exception("the review queue: a round failed")
                pause = _REST_S
            self._stopping.wait(pause)


def deliver(
    desk: Desk, endpoint: Endpoint, send: Sender | None = None, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Send an endpoint what is due now; return how many messages that were. Raises StoreError."""
    if not desk.read(is_due, endpoint.name):
        return 0
    draw = random.Random()  # noqa: S311 - spreads attempts
    letters = desk.write(take_due, endpoint.name)
    for place, letter in enumerate(letters):
        if stopping():
            desk.write(give_back, letters[place:])
            break
        desk.write(settle, letter, _attempt(desk, endpoint, letter, send or _posted), draw)
    return len(letters)


def _attempt(desk: Desk, endpoint: Endpoint, letter: Letter, send: Sender) -> Sent:
    body = (letter.body or "").encode()
    sent = send(endpoint, sign(endpoint.secrets, letter.message, desk.context.clock(), body), body)
    if isinstance(sent, Failed):
        _LOG.warning("message %s to webhook %s: %s", letter.message, endpoint.name, sent.why)
    return sent


def _posted(endpoint: Endpoint, headers: dict[str, str], body: bytes) -> Sent:
    return send(endpoint.url, endpoint.allowed, headers, body, tls=tls_context(endpoint.ca_file))
