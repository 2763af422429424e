"""HTTP: four faces over one scoring core."""

from tocsin.service.api.app import App, build_app
from tocsin.service.api.service import Service
from tocsin.service.api.settings import ServeSettings, serve_settings

__all__ = ["App", "ServeSettings", "Service", "build_app", "serve_settings"]
