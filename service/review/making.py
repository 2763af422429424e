"""The desk, put together from its settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.service.review.clock import Clock, now
from tocsin.service.review.compliance.file import read_compliance
from tocsin.service.review.context import Context
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import StoreVersionError
from tocsin.service.review.log import check_key, ensure_log_key, genesis
from tocsin.service.review.outbox import Event
from tocsin.service.review.store import Store, is_current, parse_url, shown_url, upgrade
from tocsin.service.review.webhooks import read_endpoints

if TYPE_CHECKING:
    from tocsin.service.review.settings import ReviewSettings

__all__ = ["bring_up_to_date", "check_version", "database_url", "log_key_file", "make_desk", "open_desk"]


def make_desk(
    settings: ReviewSettings, state: Path, *, policies: frozenset[str] | None = None, clock: Clock = now
) -> Desk:
    """Return the desk over the settings' database, where `policies` may be confirmed; the caller closes it.

    A database in a file is made and brought up to date; any other must be, by ``tocsin review upgrade``:
    raises StoreVersionError where it is not, StoreError where it cannot be reached, SettingsError, also where
    the key is not the one that its log was begun with.
    """
    desk = open_desk(settings, state, policies=policies, clock=clock)
    try:
        if desk.store.is_sqlite:
            bring_up_to_date(desk)
        else:
            check_version(desk.store)
            desk.store.read(lambda tx: check_key(tx, desk.context.key))
    except BaseException:
        desk.close()
        raise
    return desk


def open_desk(
    settings: ReviewSettings, state: Path, *, policies: frozenset[str] | None = None, clock: Clock = now
) -> Desk:
    """Return the desk over the settings' database, whatever tables it has."""
    key = ensure_log_key(log_key_file(settings, state))
    known = [event.value for event in Event]
    endpoints = read_endpoints(settings.webhooks, known) if settings.webhooks else ()
    compliance = read_compliance(settings.compliance) if settings.compliance else None
    if compliance is not None and policies is not None:
        compliance.check_policies(policies)
    store = Store(parse_url(database_url(settings, state)))
    return Desk(store, Context(settings, key, endpoints, clock, policies, compliance))


def bring_up_to_date(desk: Desk) -> None:
    """Give the database this version's tables, and begin its log, or check its key where it has begun."""
    upgrade(desk.store)
    desk.store.write(lambda tx: genesis(tx, desk.context.key))


def check_version(store: Store) -> None:
    """Raise StoreVersionError where the database has another version's tables."""
    if not is_current(store):
        shown = shown_url(store.url)
        raise StoreVersionError(
            f"{shown} must have this version's tables, has not: run 'tocsin review upgrade'"
        )


def database_url(settings: ReviewSettings, state: Path) -> str:
    """Return the database's address."""
    return settings.database or f"sqlite:///{state / 'review.sqlite'}"


def log_key_file(settings: ReviewSettings, state: Path) -> Path:
    """Return the file of the log's key."""
    return settings.log_key or state / "log.key"
