"""Where watching hooks into processes: who counts for whom, and the port that shows it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tocsin.errors import SettingsError
from tocsin.service.watching import Exposition, prepare_parent, serve_metrics

if TYPE_CHECKING:
    from tocsin.service.api.settings import ServeSettings

__all__ = ["counting_together", "showing"]


@contextmanager
def counting_together() -> Iterator[None]:
    """Have workers that are started within the block count for each other."""
    folder = prepare_parent()
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def showing(settings: ServeSettings, exposition: Exposition | None = None) -> Iterator[None]:
    """Answer at the metrics' own port within the block, where there is one.

    Without an `exposition` that is what workers count together.
    """
    if not settings.metrics_port:
        yield
        return
    try:
        end = serve_metrics(settings.metrics_port, exposition)
    except OSError as error:
        raise SettingsError(
            f"metrics_port must be free, was {settings.metrics_port}: {error.strerror}"
        ) from error
    try:
        yield
    finally:
        end()
