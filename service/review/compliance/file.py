"""The compliance file: what the queue does not know of a platform, and what it says to law and to people."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

from pydantic import ValidationError

from tocsin.errors import SettingsError, TocsinError
from tocsin.service.review.compliance.tables import (
    DatabaseTable,
    Document,
    PreservationTable,
    RetentionTable,
    StatementsTable,
)
from tocsin.service.review.webhooks.networks import Network
from tocsin.service.review.webhooks.secret_file import read_private
from tocsin.service.review.webhooks.sender import tls_context
from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["Compliance", "Database", "read_compliance"]

_FEWEST_OF_TOKEN = 8


@dataclass(frozen=True, slots=True)
class Database:
    """Hold where statements are sent, and what shows who sends them."""

    url: WebhookUrl
    token: str = field(repr=False)
    allowed: tuple[Network, ...] = ()
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Compliance:
    """Hold a compliance file; what it does not speak of is None, and is not done."""

    path: Path
    statements: StatementsTable | None = None
    database: Database | None = None
    preservation: PreservationTable | None = None
    retention: RetentionTable | None = None

    def check_policies(self, confirmed: Collection[str]) -> None:
        """Raise SettingsError where statements are made, and one of a policy could not be."""
        if self.statements is None:
            return
        missing = sorted(set(confirmed) - set(self.statements.policies))
        if missing:
            raise SettingsError(
                f"{self.path}: statements.policies: must have a table for every policy that may be confirmed,"
                f" has none for {missing[0]!r}"
            )


def read_compliance(path: Path) -> Compliance:
    """Return what a TOML file says; raise SettingsError, which names the file, the key and the rule."""
    document = _document(path)
    return Compliance(
        path,
        document.statements,
        None if document.database is None else _database(path, document.database),
        document.preservation,
        document.retention,
    )


def _document(path: Path) -> Document:
    try:
        return Document.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise SettingsError(f"{path}: must be readable: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: must be TOML in UTF-8: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise SettingsError(f"{path}: {_told(first)}") from None


def _told(error: Mapping[str, object]) -> str:
    loc = error["loc"]
    place = ".".join(map(str, loc)) if isinstance(loc, tuple) else ""
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = "is no key here: docs/reference/compliance.md lists them"
    return ": ".join(part for part in (place, message) if part)


def _database(path: Path, table: DatabaseTable) -> Database:
    try:
        allowed = tuple(map(_network, table.allow))
        url = WebhookUrl.parse(table.url, allowed)
        ca_file = None if table.ca_file is None else path.parent / table.ca_file
        if ca_file is not None:
            tls_context(ca_file)
        return Database(url, _token(path.parent / table.token_file), allowed, ca_file)
    except TocsinError as error:
        raise SettingsError(f"{path}: database: {error}") from error


def _token(path: Path) -> str:
    token = read_private(path).strip()
    if len(token) < _FEWEST_OF_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise SettingsError(
            f"{path}: must hold a token of at least {_FEWEST_OF_TOKEN} printable ASCII characters, does not"
        )
    return token


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise SettingsError(f'allow: must hold networks such as "10.0.0.0/8", was {text!r}') from None
