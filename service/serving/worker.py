"""One worker: the whole service, in a process of its own or in the only one."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from tocsin.errors import TocsinError
from tocsin.service.api.app import App, build_app
from tocsin.service.api.making import make_faces, make_service
from tocsin.service.feedback import FeedbackBox
from tocsin.service.keys import FileKeys, KeyFile, SharedLimiter
from tocsin.service.review import review_settings
from tocsin.service.serving.loading import load_scorer
from tocsin.service.watching import AccessLog, configure_logging

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tocsin.models import Scorer
    from tocsin.service.api.service import Service
    from tocsin.service.review.office import Office
    from tocsin.service.serving.orders import Orders

__all__ = [
    "STARTUP_FAILURE",
    "app_of",
    "service_of",
    "warm",
    "worker_app",
]

STARTUP_FAILURE = 3  # what the supervisor takes for: it would fail again

_FIRST = "Soup is served."

_LOG = logging.getLogger(__name__)


def worker_app(orders: Orders) -> ASGIApp:
    """Return the application of a worker process; leave with STARTUP_FAILURE where it cannot be made.

    Called by uvicorn in the worker. Whatever goes wrong would go wrong again: the parent is told why.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the parent hears it too, and tells us to finish
    configure_logging(orders.settings.log_level)
    _end_with_parent()
    try:
        scorer = load_scorer(orders.settings, orders, processes=orders.settings.workers)
        warm(scorer)
        return _Telling(app_of(service_of(orders, scorer)), orders)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
        if not isinstance(error, TocsinError):
            _LOG.exception("a worker could not start")
        orders.run.reason.write_text(str(error) or type(error).__name__, encoding="utf-8")
        sys.exit(STARTUP_FAILURE)


def warm(scorer: Scorer) -> None:
    """Score once: what loads on first use takes a second, and no client should wait for it.

    What is there then stays: the garbage collector need not look at it again and again.
    """
    scorer.assess([_FIRST])
    gc.collect()
    gc.freeze()


def service_of(orders: Orders, scorer: Scorer) -> Service:
    """Return the service over `scorer`; raise TocsinError where a setting cannot be met."""
    settings = orders.settings
    return make_service(
        settings,
        scorer,
        keys=None if settings.insecure_local else FileKeys(KeyFile(orders.state)),
        limiter=SharedLimiter(orders.run.limits, settings.limit_per_minute),
        requests=(AccessLog(),) if settings.access_log else (),
        feedback=FeedbackBox(orders.state) if settings.feedback else None,
        review=_office(orders) if settings.review else None,
    )


def _office(orders: Orders) -> Office:
    """Return the review queue's office; raise StoreError where its database cannot be used."""
    from tocsin.service.review.office import open_office  # the database library takes half a second

    policies = frozenset(one.name for one in orders.policy.policies)
    keyed = not orders.settings.insecure_local
    return open_office(review_settings(), orders.state, policies, keyed=keyed)


def app_of(service: Service) -> App:
    """Return the application with every face."""
    return build_app(service, make_faces(service))


class _Telling:
    """Tell the parent once the application has started."""

    def __init__(self, app: ASGIApp, orders: Orders) -> None:
        self._app = app
        self._ready = orders.run.ready(os.getpid())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return

        async def tell(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                self._ready.touch()
            await send(message)

        await self._app(scope, receive, tell)


def _end_with_parent() -> None:
    """Stop, gracefully, once the parent is gone without a word: nobody else would end this process."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def follow() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, name="tocsin-parent", daemon=True).start()
