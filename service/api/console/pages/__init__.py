"""Every page of the console, a module for what belongs together."""

from __future__ import annotations

from typing import Final

from tocsin.service.api.console.page import Page
from tocsin.service.api.console.pages.admin import ADMIN_PAGES
from tocsin.service.api.console.pages.security import SECURITY_PAGES
from tocsin.service.api.console.pages.signing_in import SIGNING_IN_PAGES
from tocsin.service.api.console.pages.welcome import WELCOME_PAGES

__all__ = ["PAGES"]

PAGES: Final[tuple[Page, ...]] = (
    *SIGNING_IN_PAGES,
    *WELCOME_PAGES,
    *SECURITY_PAGES,
    *ADMIN_PAGES,
)
