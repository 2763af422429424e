"""The way into a cluster, and out of it."""

from __future__ import annotations

import logging
import os
import re
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
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
MODE: Final = "RAY_AUTH_MODE"
TOKEN: Final = "RAY_AUTH_TOKEN"  # noqa: S105 - a variable's name
QUIET: Final[Mapping[str, Any]] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
LAST_WORDS: Final = 20
WORD_S: Final = 0.1


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
        _begin(ray, address, **QUIET)
        try:
            yield ray
        finally:
            ray.shutdown()
        return
    with _private() as folder:
        _begin(ray, HERE, num_cpus=processors, include_dashboard=False, _temp_dir=folder, **QUIET)
        try:
            yield ray
        finally:
            ray.shutdown()


@contextmanager
def _private() -> Iterator[str]:
    """Hand out a folder for a cluster that is ours alone, and have it ask for a token that is kept nowhere.

    Without one that is given, Ray would leave its own in the home of whoever runs this, for anybody to read.
    What Ray writes may hold texts when its memory is full: nobody else may read it, and nothing is left.
    """
    given = {name: os.environ.get(name) for name in (MODE, TOKEN)}
    os.environ.setdefault(TOKEN, _token())
    folder = tempfile.mkdtemp(prefix="tocsin-ray-", dir=SHORT)
    try:
        yield folder
    finally:
        for name, value in given.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        _remove(folder)


@cache
def _token() -> str:
    """Make a token, one for this process: Ray remembers the first that it sees."""
    return secrets.token_hex(32)


def _remove(folder: str) -> None:
    """Remove a folder, of which the last of Ray's processes may be writing something yet."""
    for _ in range(LAST_WORDS):
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(WORD_S)
        if not Path(folder).exists():
            return


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


def _begin(ray: Any, address: str, **given: Any) -> None:
    with suppress(AttributeError):  # else a machine that goes puts pages of Ray's log on our terminal
        ray._private.worker.print_to_stdstream = _hush
    try:
        ray.init(address, **given)
    except Exception as error:  # Ray raises what it likes
        why = f"{type(error).__name__}: {reveal(cut(' '.join(str(error).split()), SHOWN))}"
        if address == HERE:
            raise ScoringError(f"Ray could not start on this machine: {why}") from error
        raise InputError(
            f"Ray at {address}: must be a cluster that this machine is part of, of the same Ray and Python,"
            f" whose token, if it asks for one, is here ({MODE}=token): {why}"
        ) from error


def _hush(*_: Any, **__: Any) -> None:
    """Say nothing: whatever ends a run is an error of ours, and Ray keeps its own logs."""
