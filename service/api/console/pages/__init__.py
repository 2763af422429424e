"""Every page of the console, a module for what belongs together."""

from __future__ import annotations

from typing import Final

from tocsin.service.api.console.page import Page

__all__ = ["PAGES"]

PAGES: Final[tuple[Page, ...]] = ()
