"""The database's address: which kinds there are, and how to name one without its password."""

from __future__ import annotations

from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from tocsin.errors import SettingsError

__all__ = ["parse_url", "shown_url"]

_DRIVERS: Final = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


def parse_url(given: str) -> URL:
    """Return the address that `given` writes, with the driver that this project uses.

    Raises SettingsError, which shows no part of it that could be a password.
    """
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):  # the latter of a port, and with its value
        raise SettingsError(
            "database: must be an address such as sqlite:////srv/review.sqlite or postgresql://host/name"
        ) from None
    kind = url.drivername.partition("+")[0]
    if kind not in _DRIVERS:
        raise SettingsError(f"database: must be one of sqlite, postgresql, was {kind[:40]!r}")
    if kind == "sqlite" and url.database in {None, "", ":memory:"}:
        raise SettingsError("database: must name a file, for a queue in memory would be lost")
    if kind == "sqlite" and (url.query or str(url.database).startswith("file:")):
        raise SettingsError("database: must be the path of a file, without options")
    return url.set(drivername=_DRIVERS[kind])


def shown_url(url: URL) -> str:
    """Return the address as messages may show it: no password, and no options, which may hold one."""
    return url.set(query={}).render_as_string(hide_password=True)
