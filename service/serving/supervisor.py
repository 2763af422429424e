"""The parent of several workers: uvicorn's, which also knows when to give up and when all are ready."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from uvicorn.supervisors.multiprocess import Multiprocess, Process

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
    """Keep workers alive; stop where one dies before it was ever ready.

    `ready` is called once, when all take requests. `failure` says why it stopped by itself.
    """

    def __init__(self, config: Config, listener: socket, run: Run, ready: Callable[[], None]) -> None:
        super().__init__(config, [listener])
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
                self._replace(place, worker)
        if self._ready and all(map(self._is_ready, self.processes)):
            self._ready()
            self._ready = None

    def terminate_all(self) -> None:
        """Refuse new connections, then tell every worker to finish."""
        for listener in self.sockets:
            listener.close()
        super().terminate_all()

    def join_all(self) -> None:
        """Wait for the workers to finish; kill one that does not."""
        seconds = (self.config.timeout_graceful_shutdown or 0) + _AFTER_S
        for worker in self.processes:
            worker.process.join(seconds)
            if worker.process.is_alive():
                _LOG.error("worker %s did not finish in %s s and is killed", worker.pid, seconds)
                worker.process.kill()
                worker.process.join()

    def _is_ready(self, worker: Process) -> bool:
        return self._run.ready(worker.pid).exists()

    def _replace(self, place: int, worker: Process) -> None:
        """Start another worker in place of one that is gone; stop where it never was ready."""
        if not self._is_ready(worker):
            why = self._run.why() or f"it left with {worker.exitcode}"
            self.failure = f"a worker could not start: {why}"
            self.should_exit.set()
            return
        _LOG.error("worker %s left with %s; another takes its place", worker.pid, worker.exitcode)
        self._run.ready(worker.pid).unlink()
        worker_gone(worker.pid or 0)
        self.processes[place] = Process(self.config, self.sockets)
        self.processes[place].start()
