"""pyarrow, where it is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tocsin.errors import MissingExtraError

__all__ = ["import_arrow", "import_compute"]


def import_arrow() -> tuple[Any, Any]:
    """Return the modules `pyarrow` and `pyarrow.parquet`; say how to install them where missing."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingExtraError("Parquet", "audit") from error


def import_compute() -> Any:
    """Return the module `pyarrow.compute`; whoever holds a column has `pyarrow`."""
    return import_module("pyarrow.compute")
