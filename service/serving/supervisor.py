"""The parent of several workers: uvicorn's, which also knows when to give up and when all are ready."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from uvicorn.supervisors.multiprocess import Multiprocess, Process

from tocsin.service.serving.seat import Seat
from tocsin.service.watching import worker_gone

if TYPE_CHECKING:
    from socket import socket

    from uvicorn import Config

    from tocsin.service.serving.orders import Run

__all__ = ["HEALTH_S", "Supervisor"]

HEALTH_S: Final = 30  # in which a worker must give a sign of life
_AFTER_S: Final = 10  # beyond the time to finish, before a worker is killed

_LOG = logging.getLogger(__name__)


class Supervisor(Multiprocess):
    """Keep workers alive; one that cannot be replaced stops none of the others.

    `ready` is called once, when all take requests. It stops by itself where a worker cannot start
    before that, or when none is left; `failure` then says why.
    """

    def __init__(self, config: Config, listener: socket, run: Run, ready: Callable[[], None]) -> None:
        self._hangs_up = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
        super().__init__(config, [listener])
        now = time.monotonic()
        self._seats = [Seat(now) for _ in range(config.workers)]
        self.failure: str | None = None
        self._run = run
        self._ready: Callable[[], None] | None = ready

    def keep_subprocess_alive(self) -> None:
        """Look after the workers; called twice a second.

        One that starts is not asked for a sign of life: who waits for it hears no signal meanwhile.
        """
        for place, worker in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if worker.exitcode is None and self._is_ready(worker) and not worker.is_alive(HEALTH_S):
                worker.process.kill()
                worker.process.join()
            if worker.exitcode is not None:
                self._replace(place, worker, self._seats[place])
        if self._ready and all(map(self._is_ready, self.processes)):
            self._ready()
            self._ready = None

    def terminate_all(self) -> None:
        """Refuse new connections, then tell every worker to finish."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()

    def join_all(self) -> None:
        """Wait for the workers to finish; kill those that do not. The time is one for all of them."""
        seconds = (self.config.timeout_graceful_shutdown or 0) + _AFTER_S
        until = time.monotonic() + seconds
        for worker in self.processes:
            worker.process.join(max(0.0, until - time.monotonic()))
            if worker.process.is_alive():
                _LOG.error("worker %s did not finish in %s s and is killed", worker.pid, seconds)
                worker.process.kill()
                worker.process.join()

    def handle_hup(self) -> None:
        """Stop when the terminal goes; under nohup do nothing."""
        if self._hangs_up:
            self.handle_term()

    def handle_ttin(self) -> None:
        """Do nothing: the number of workers is a setting."""

    def handle_ttou(self) -> None:
        """Do nothing: the number of workers is a setting."""

    def _is_ready(self, worker: Process) -> bool:
        return self._run.ready(worker.pid).exists()

    def _replace(self, place: int, worker: Process, seat: Seat) -> None:
        """Start another worker in place of one that is gone, not too soon."""
        now = time.monotonic()
        if seat.due is None:
            was_ready = self._is_ready(worker)
            why = f"it left with {worker.exitcode}" if was_ready else self._why(worker)
            self._forget(worker)
            if not was_ready and not self._is_needed():
                self.failure = f"a worker could not start: {why}"
                self.should_exit.set()
                return
            wait = seat.vacate(now, was_ready=was_ready)
            _LOG.error("worker %s is gone: %s; the next one starts in %.0f s", worker.pid, why, wait)
        if seat.is_due(now):
            seat.take(now)
            self._run.reason.unlink(missing_ok=True)
            self.processes[place] = Process(self.config, self.sockets)
            self.processes[place].start()

    def _is_needed(self) -> bool:
        """Say whether others serve meanwhile: once all were ready, and any still is."""
        return self._ready is None and any(
            worker.exitcode is None and self._is_ready(worker) for worker in self.processes
        )

    def _why(self, worker: Process) -> str:
        return self._run.why() or f"it left with {worker.exitcode}"

    def _forget(self, worker: Process) -> None:
        self._run.ready(worker.pid).unlink(missing_ok=True)
        worker_gone(worker.pid or 0)
