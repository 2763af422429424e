"""The way into a cluster, and out of it."""

from __future__ import annotations

import logging
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from tocsin.errors import InputError, ScoringError
from tocsin.service.audit.ray.library import import_ray
from tocsin.service.scan.display import cut, reveal

__all__ = ["HERE", "cluster"]

# What Ray calls a cluster that it starts for this process alone.
HERE: Final = "local"
AUTO: Final = "auto"
PLACE: Final = re.compile(r"(?P<host>[^\s/:@]+|\[[0-9a-fA-F:]+\]):(?P<port>[0-9]{1,5})")
REACH_S: Final = 10
# The paths of sockets may have some hundred characters, and most of them are Ray's own.
SHORT: Final = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108 - the folder in it is new and ours
SHOWN: Final = 300


@contextmanager
def cluster(address: str | None, processors: int) -> Iterator[Any]:
    """Hand out Ray, in touch with the cluster at an address, or with one of so many processors, here.

    A process that is in touch with one already stays so. A cluster that starts here ends here, and its files
    go. Raises InputError where the address is none, where nobody answers or where versions differ.
    """
    ray = import_ray()
    if ray.is_initialized():
        yield ray
        return
    if address is not None:
        _check(address)
    # What Ray writes may hold texts when its memory is full: nobody else may read it, and nothing is left.
    with tempfile.TemporaryDirectory(prefix="tocsin-ray-", dir=SHORT, ignore_cleanup_errors=True) as folder:
        _begin(ray, address, processors, folder)
        try:
            yield ray
        finally:
            ray.shutdown()


def _check(address: str) -> None:
    """Look whether anybody answers there: Ray itself would ask for minutes."""
    if address == AUTO:
        return
    place = PLACE.fullmatch(address)
    if place is None:
        raise InputError(
            f"a Ray address must be HOST:PORT of a cluster's head, or {AUTO!r},"
            f" was {reveal(cut(address, SHOWN))}"
        )
    try:
        socket.create_connection((place["host"].strip("[]"), int(place["port"])), REACH_S).close()
    except (OSError, OverflowError) as error:
        raise InputError(f"Ray at {address}: must answer: {type(error).__name__}: {error}") from error


def _begin(ray: Any, address: str | None, processors: int, folder: str) -> None:
    with suppress(AttributeError):  # else a machine that goes puts pages of Ray's log on our terminal
        ray._private.worker.print_to_stdstream = _hush
    quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    try:
        if address is None:
            ray.init(HERE, num_cpus=processors, include_dashboard=False, _temp_dir=folder, **quiet)
        else:
            ray.init(address, **quiet)
    except Exception as error:  # Ray raises what it likes
        why = f"{type(error).__name__}: {reveal(cut(' '.join(str(error).split()), SHOWN))}"
        if address is None:
            raise ScoringError(f"Ray could not start on this machine: {why}") from error
        raise InputError(
            f"Ray at {address}: must be a cluster that this machine is part of, of the same Ray and Python:"
            f" {why}"
        ) from error


def _hush(*_: Any, **__: Any) -> None:
    """Say nothing: whatever ends a run is an error of ours, and Ray keeps its own logs."""
