"""Who is told of what: the endpoints of a file."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tocsin.errors import SettingsError, TocsinError
from tocsin.service.review.webhooks.networks import Network
from tocsin.service.review.webhooks.secret_file import read_secrets
from tocsin.service.review.webhooks.sender import tls_context
from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["Endpoint", "read_endpoints"]

_NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,63}$"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Hold one endpoint: where it is, what signs its messages, which events it is told of.

    `ca_file` holds authorities that its certificate may come from, beside the system's.
    """

    name: str
    url: WebhookUrl
    secrets: tuple[bytes, ...] = field(repr=False)
    events: frozenset[str]
    allowed: tuple[Network, ...] = ()
    ca_file: Path | None = None


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    name: str = Field(pattern=_NAME)
    url: str
    secret_file: str = Field(min_length=1)
    events: list[str] | None = Field(default=None, min_length=1)
    allow: list[str] = []
    ca_file: str | None = Field(default=None, min_length=1)


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    webhook: list[_Row] = []


def read_endpoints(path: Path, known: Collection[str]) -> tuple[Endpoint, ...]:
    """Return the endpoints of a TOML file, in its order; `known` are the events that there are.

    Each ``[[webhook]]`` has a name, a url, a secret_file (relative to the file), and may have events (all,
    where it has none), allow, the networks that need not be public, and ca_file, authorities in PEM (relative
    to the file) beside the system's. Raises SettingsError.
    """
    rows = _document(path).webhook
    for name, times in Counter(row.name for row in rows).items():
        if times > 1:
            raise SettingsError(f"{path}: name: must be one endpoint's alone, was {name!r} {times} times")
    return tuple(_endpoint(path, row, frozenset(known)) for row in rows)


def _endpoint(path: Path, row: _Row, known: frozenset[str]) -> Endpoint:
    try:
        allowed = tuple(map(_network, row.allow))
        return Endpoint(
            row.name,
            WebhookUrl.parse(row.url, allowed),
            read_secrets(path.parent / row.secret_file),
            _events(row.events, known),
            allowed,
            _authorities(path, row),
        )
    except TocsinError as error:
        raise SettingsError(f"{path}: webhook {row.name}: {error}") from error


def _authorities(path: Path, row: _Row) -> Path | None:
    """Return the file of authorities, once it could be read."""
    if row.ca_file is None:
        return None
    tls_context(path.parent / row.ca_file)
    return path.parent / row.ca_file


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise SettingsError(f'allow: must hold networks such as "10.0.0.0/8", was {text!r}') from None


def _events(named: list[str] | None, known: frozenset[str]) -> frozenset[str]:
    for event in named or ():
        if event not in known:
            raise SettingsError(f"events: must be one of {', '.join(sorted(known))}, was {event!r}")
    return known if named is None else frozenset(named)


def _document(path: Path) -> _Document:
    try:
        return _Document.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"{path}: must be readable: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: must be TOML in UTF-8: {error}") from error
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"{path}: {place}: {_why(first['type'], first['msg'], len(first['loc']))}"
        ) from None


def _why(kind: str, message: str, depth: int) -> str:
    if kind != "extra_forbidden":
        return message
    model = _Document if depth == 1 else _Row
    return f"is no key here; the keys are {', '.join(model.model_fields)}"
