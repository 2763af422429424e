"""A process that scores what its pipe brings, until the pipe ends."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tocsin.errors import ScoringError, TocsinError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from tocsin.service.audit.engine import Scoring
    from tocsin.service.audit.unit import Part, Unit

__all__ = ["READY", "Failed", "opened", "told", "work"]

READY: Final = "ready"


@dataclass(frozen=True, slots=True)
class Failed:
    """Hold why a unit could not be scored."""

    error: TocsinError


def work(pipe: Connection, scoring: Scoring) -> None:
    """Say READY, then answer every unit with what was done, or with Failed, which is the last word."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and ends us
    _end_with_parent()
    try:
        score = opened(scoring)
        pipe.send(READY)
        while True:
            pipe.send(scoring.keep(score(pipe.recv())))
            gc.collect()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the parent has what it wants, or is gone
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
        with suppress(OSError):
            pipe.send(Failed(told(error)))


def opened(scoring: Scoring) -> Callable[[Unit], Part]:
    """Return what scores units in this process, which does nothing else; collect garbage between units."""
    score = scoring.open()
    gc.freeze()  # the models stay, and need not be looked at again and again
    gc.disable()  # rows by the thousand are no garbage: looking through them took a fifth of the time
    return score


def told(error: Exception) -> TocsinError:
    """Return an error that names no value: other libraries put texts in their messages."""
    if isinstance(error, TocsinError):
        return error
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return ScoringError(f"texts could not be scored: {type(error).__name__}{where}")


def _end_with_parent() -> None:
    """End at once when the parent is gone: nobody else would end this process, and nothing is lost."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, name="tocsin-parent", daemon=True).start()
