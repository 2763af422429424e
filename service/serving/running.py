"""The server from its start to its end."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import uvicorn

from tocsin.errors import SettingsError, TocsinError
from tocsin.service.api.gate import is_loopback
from tocsin.service.api.perspective import caveats
from tocsin.service.keys import KeyFile, make_limits_file
from tocsin.service.serving.address import BACKLOG, bind, shown
from tocsin.service.serving.first_key import ensure_first_key
from tocsin.service.serving.loading import load_scorer
from tocsin.service.serving.orders import Orders, Run
from tocsin.service.serving.protocol import BoundedProtocol
from tocsin.service.serving.state import open_state
from tocsin.service.serving.supervisor import HEALTH_S, Supervisor
from tocsin.service.serving.watched import counting_together, showing
from tocsin.service.serving.worker import (
    STARTUP_FAILURE,
    app_of,
    service_of,
    warm,
    worker_app,
)
from tocsin.service.watching import configure_logging

if TYPE_CHECKING:
    import socket

    from tocsin.models import Scorer
    from tocsin.service.api.settings import ServeSettings

__all__ = ["run"]

KEEP_ALIVE_S: Final = 75  # longer than proxies keep theirs, or they would send into a closed one

Say = Callable[[str], None]


def run(settings: ServeSettings, say: Say) -> None:
    """Serve until told to stop by SIGTERM, SIGINT or SIGHUP; what was accepted by then is finished.

    `say` tells the operator what matters, a line at a time, never a secret. Everything is checked
    before a worker starts: raises TocsinError where a setting, the bundle, the policy or the address
    cannot be used, and where workers cannot start.
    """
    leaving = _Leaving()
    signal.signal(signal.SIGTERM, leaving)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as under nohup
        signal.signal(signal.SIGHUP, _hang_up)
    try:
        _serve(settings, say)
    except Exception as error:  # a library that was being loaded says what it likes of being interrupted
        if leaving.asked:
            sys.exit(0)
        if _was_interrupted(error):
            raise KeyboardInterrupt from error
        raise


def _was_interrupted(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _serve(settings: ServeSettings, say: Say) -> None:
    configure_logging(settings.log_level)
    check_exposure(settings, say)
    scorer = load_scorer(settings, processes=settings.workers)
    state = open_state(settings, say)
    first = None if settings.insecure_local else ensure_first_key(KeyFile(state))
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        files = Run(Path(folder))
        make_limits_file(files.folder)
        orders = Orders(settings, scorer.policy, scorer.bundle.digest, scorer.clearing, state, files)
        with bind(settings.host, settings.port) as listener:
            announce = partial(_announce, settings, shown(settings.host, listener), first, say)
            (_serve_many if settings.workers > 1 else _serve_alone)(orders, scorer, listener, announce)


def check_exposure(settings: ServeSettings, say: Say) -> None:
    """Raise SettingsError where nobody would be asked for a key over the network; warn of the rest."""
    loopback = is_loopback(settings.host)
    if settings.insecure_local and not loopback:
        raise SettingsError(
            f"insecure_local: host must be a loopback address such as 127.0.0.1, was {settings.host!r}"
        )
    if settings.insecure_local:
        say("no key is asked for: whoever can use this machine can use this server")
    if not loopback:
        say("others on the network reach this server, and it has no TLS: put a proxy before it that has")


def _serve_alone(
    orders: Orders, scorer: Scorer, listener: socket.socket, announce: Callable[[], None]
) -> None:
    warm(scorer)
    service = service_of(orders, scorer)
    server = _Server(uvicorn.Config(app_of(service), **_told(orders.settings)), announce)
    try:
        with showing(orders.settings, service.metrics.exposition):
            server.run([listener])
    except KeyboardInterrupt:
        return  # the usual way to end it
    except SystemExit as error:
        if error.code == STARTUP_FAILURE:
            raise TocsinError("the server could not start; its log says more") from error
        raise


def _serve_many(
    orders: Orders, scorer: Scorer, listener: socket.socket, announce: Callable[[], None]
) -> None:
    service = service_of(orders, scorer)
    app_of(service)  # what is wrong with a setting is said once, here
    if service.review is not None:
        service.review.desk.close()
    config = uvicorn.Config(
        partial(worker_app, orders), factory=True, workers=orders.settings.workers, **_told(orders.settings)
    )
    supervisor = Supervisor(config, listener, orders.run, announce)
    with counting_together(), showing(orders.settings):
        supervisor.run()
    if supervisor.failure:
        raise TocsinError(supervisor.failure)


class _Server(uvicorn.Server):
    """Say when requests are taken."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _told(settings: ServeSettings) -> dict[str, Any]:
    """Return what uvicorn is told; logs and access are ours."""
    return {
        "http": BoundedProtocol,
        "ws": "none",
        "interface": "asgi3",
        "lifespan": "on",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": bool(settings.trusted_proxies),
        "forwarded_allow_ips": list(settings.trusted_proxies),
        "backlog": BACKLOG,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "timeout_graceful_shutdown": settings.shutdown_seconds,
        "timeout_worker_healthcheck": HEALTH_S,
    }


def _announce(settings: ServeSettings, url: str, first: Path | None, say: Say) -> None:
    if first is not None:
        say(f"the first key is in {first}, which only its owner can read; 'tocsin keys create' makes others")
    for line in caveats(settings):
        say(line)
    say(f"what can be asked is described at {url}/docs")
    say(f"listening at {url}, workers: {settings.workers}")


class _Leaving:
    """Leave as asked: uvicorn repeats the signal once it is done."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, number: int, frame: object) -> NoReturn:
        """Leave (a signal's handler)."""
        del number, frame
        self.asked = True
        sys.exit(0)


def _hang_up(number: int, frame: object) -> None:
    """Stop as gracefully as on SIGTERM when the terminal goes."""
    del number, frame
    signal.raise_signal(signal.SIGTERM)
