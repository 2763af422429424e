"""Watching: metrics and logs of the service, neither of which ever holds a text or a key."""

from tocsin.service.watching.access_log import AccessLog
from tocsin.service.watching.exposition import Exposition
from tocsin.service.watching.listener import serve_metrics
from tocsin.service.watching.logs import configure_logging
from tocsin.service.watching.metrics import Metrics
from tocsin.service.watching.workers import prepare_parent, worker_gone

__all__ = [
    "AccessLog",
    "Exposition",
    "Metrics",
    "configure_logging",
    "prepare_parent",
    "serve_metrics",
    "worker_gone",
]
