"""HTTP: four faces over one scoring core."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.service.api.app import App as App
    from tocsin.service.api.app import build_app as build_app
    from tocsin.service.api.service import Service as Service
    from tocsin.service.api.settings import ServeSettings as ServeSettings
    from tocsin.service.api.settings import serve_settings as serve_settings

__all__ = ["App", "ServeSettings", "Service", "build_app", "serve_settings"]

# Names load on first use: the command line reads the settings, and must answer without the framework.
_HOMES = {
    "App": "app",
    "ServeSettings": "settings",
    "Service": "service",
    "build_app": "app",
    "serve_settings": "settings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
