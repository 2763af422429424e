"""The console: pages at /review for people who read, decide and look after the queue."""

from tocsin.service.api.console.face import ConsoleFace
from tocsin.service.api.console.visit import House

__all__ = ["ConsoleFace", "House"]
