"""One question to the identity provider: bounded in time and size, no redirects, no proxies, no logs."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json

from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.https_url import allowed_networks
from tocsin.service.review.webhooks.address import NameUnresolvedError, Resolver, resolve
from tocsin.service.review.webhooks.exchange import exchange
from tocsin.service.review.webhooks.networks import AddressRefusedError
from tocsin.service.review.webhooks.sender import tls_context, why, within

if TYPE_CHECKING:
    from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["MOST_BYTES", "TIMEOUT_S", "Fetched", "Fetcher"]

TIMEOUT_S: Final = 5.0
MOST_BYTES: Final = 131_072  # key sets of large providers have 10,000
_ACCEPT: Final = {"accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """Hold an answer: its status, and the JSON object in it, none where it holds no such thing."""

    status: int
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Ask over TLS that the system's authorities vouch for; blocks, for `timeout_s` seconds at most."""

    timeout_s: float = TIMEOUT_S
    tls: ssl.SSLContext = field(default_factory=tls_context, repr=False)
    resolver: Resolver = socket.getaddrinfo

    def get(self, url: WebhookUrl) -> Fetched:
        """Return what `url` answers; raise ProviderError (AWAY) where nothing does in time."""
        return self._fetch(url, "GET", {}, None)

    def post(self, url: WebhookUrl, headers: Mapping[str, str], form: str) -> Fetched:
        """Return what `url` answers to a form, as `get` does."""
        media = {"content-type": "application/x-www-form-urlencoded"}
        return self._fetch(url, "POST", {**media, **headers}, form.encode("ascii"))

    def _fetch(self, url: WebhookUrl, method: str, headers: Mapping[str, str], body: bytes | None) -> Fetched:
        until = time.monotonic() + self.timeout_s
        try:
            addresses = within(self.timeout_s, partial(resolve, url, allowed_networks(url), self.resolver))
            with exchange(
                url, addresses, method, {**_ACCEPT, **headers}, body, tls=self.tls, until=until
            ) as response:
                content = response.read(MOST_BYTES + 1)
                status = response.status
        except (AddressRefusedError, NameUnresolvedError) as error:
            raise ProviderError(Fault.AWAY, str(error)) from None
        except (OSError, HTTPException) as error:
            late = isinstance(error, TimeoutError) or time.monotonic() >= until
            raise ProviderError(Fault.AWAY, f"{url.origin}: {self._late if late else why(error)}") from None
        if time.monotonic() >= until:  # a connection that was cut may look like the end
            raise ProviderError(Fault.AWAY, f"{url.origin}: {self._late}")
        if len(content) > MOST_BYTES:
            raise ProviderError(
                Fault.AWAY, f"{url.origin}: must answer at most {MOST_BYTES:,} bytes, sent more"
            )
        return Fetched(status, _object(content))

    @property
    def _late(self) -> str:
        return f"must answer within {self.timeout_s:g} s, did not"


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        found = from_json(content, allow_inf_nan=False)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
