"""Every page of the console, a module for what belongs together."""

from __future__ import annotations

from typing import Final

from tocsin.service.api.console.page import Page
from tocsin.service.api.console.pages.admin import ADMIN_PAGES
from tocsin.service.api.console.pages.dashboard import DASHBOARD_PAGES
from tocsin.service.api.console.pages.deciding import DECIDING_PAGES
from tocsin.service.api.console.pages.item import ITEM_PAGES
from tocsin.service.api.console.pages.item_history import ITEM_HISTORY_PAGES
from tocsin.service.api.console.pages.letters import LETTERS_PAGES
from tocsin.service.api.console.pages.log import LOG_PAGES
from tocsin.service.api.console.pages.oidc import OIDC_PAGES
from tocsin.service.api.console.pages.pausing import PAUSING_PAGES
from tocsin.service.api.console.pages.queues import QUEUES_PAGES
from tocsin.service.api.console.pages.searching import SEARCHING_PAGES
from tocsin.service.api.console.pages.security import SECURITY_PAGES
from tocsin.service.api.console.pages.settings import SETTINGS_PAGES
from tocsin.service.api.console.pages.signing_in import SIGNING_IN_PAGES
from tocsin.service.api.console.pages.welcome import WELCOME_PAGES

__all__ = ["PAGES"]

PAGES: Final[tuple[Page, ...]] = (
    *SIGNING_IN_PAGES,
    *WELCOME_PAGES,
    *OIDC_PAGES,
    *SECURITY_PAGES,
    *ADMIN_PAGES,
    *ITEM_PAGES,
    *DECIDING_PAGES,
    *ITEM_HISTORY_PAGES,
    *SETTINGS_PAGES,
    *PAUSING_PAGES,
    *QUEUES_PAGES,
    *SEARCHING_PAGES,
    *DASHBOARD_PAGES,
    *LOG_PAGES,
    *LETTERS_PAGES,
)
