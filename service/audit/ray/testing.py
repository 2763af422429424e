"""A cluster of several machines on this one, and a scorer that waits until so many of them are at work."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tocsin.service.audit.ray.library import import_ray
from tocsin.service.audit.testing import WORDS
from tocsin.service.scan.testing import WordAssessor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.assessment import Assessment
    from tocsin.item import Item

__all__ = ["Meeting", "Town", "town"]

PATIENCE_S: Final = 60
# A machine that is gone is noticed after some seconds, not after half a minute.
QUICK: Final = {"health_check_period_ms": 1000, "health_check_failure_threshold": 3}


class Meeting(WordAssessor):
    """Note in a folder which machine this is, and score once `size` machines were there."""

    def __init__(self, folder: Path, size: int) -> None:
        super().__init__(WORDS)
        self._folder = folder
        self._size = size

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        """Answer every item, after the others have come."""
        node = import_ray().get_runtime_context().get_node_id()
        (self._folder / node).touch()
        until = time.monotonic() + PATIENCE_S
        while len(list(self._folder.iterdir())) < self._size and time.monotonic() < until:
            time.sleep(0.05)
        return super().assess(items, explain=explain)


class Town:
    """Hold a cluster: a head without processors, and machines with one each."""

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self._machines: list[Any] = []

    @property
    def address(self) -> str:
        """Return where its head answers."""
        address: str = self._cluster.address
        return address

    @property
    def logs(self) -> Path:
        """Return the folder of everything that Ray writes."""
        return Path(self._cluster.head_node.get_session_dir_path())

    def build(self) -> None:
        """Add a machine."""
        self._machines.append(self._cluster.add_node(num_cpus=1, include_log_monitor=False))

    def burn(self) -> str:
        """Kill the first machine's raylet, as a power cut would, and return its node."""
        machine = self._machines.pop(0)
        raylet = machine.all_processes["raylet"][0].process
        os.kill(raylet.pid, signal.SIGKILL)
        node: str = machine.node_id
        return node

    def end(self) -> None:
        """Take all of it down."""
        self._cluster.shutdown()


@contextmanager
def town(machines: int) -> Iterator[Town]:
    """Hand out a cluster on this machine, and end it."""
    import_ray()
    head = {"num_cpus": 0, "_system_config": QUICK, "include_dashboard": False, "include_log_monitor": False}
    made = import_module("ray.cluster_utils").Cluster(initialize_head=True, head_node_args=head)
    found = Town(made)
    try:
        for _ in range(machines):
            found.build()
        yield found
    finally:
        found.end()
