"""Metrics of several workers: each counts in files of its own, whoever is asked adds them up."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from prometheus_client import multiprocess

__all__ = ["FOLDER_VARIABLE", "prepare_parent", "worker_gone"]

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"


def prepare_parent() -> Path:
    """Make the folder that workers count in and name it in the environment; the caller deletes it.

    Call before workers start. A worker must be a new interpreter (spawned, not forked): the library
    looks at the variable once, when it is imported. A new folder each time, for counts of an earlier
    run would be added to this one's.
    """
    folder = Path(tempfile.mkdtemp(prefix="tocsin-metrics-"))
    os.environ[FOLDER_VARIABLE] = str(folder)
    return folder


def worker_gone(pid: int) -> None:
    """Take what was true of a worker only while it lived out of the sums; what it counted stays."""
    if FOLDER_VARIABLE in os.environ:
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]
