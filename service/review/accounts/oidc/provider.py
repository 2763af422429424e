"""The identity provider, asked: where to send a browser, and who came back. Needs the extra ``oidc``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlencode

from tocsin.service.review.accounts.oidc.discovery import Metadata, discover
from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.accounts.oidc.fetching import Fetcher
from tocsin.service.review.accounts.oidc.id_token import Expected, verified_subject
from tocsin.service.review.accounts.oidc.kept import Kept, Ticks
from tocsin.service.review.accounts.oidc.keys import Keys, PublicKey, fetch_keys, find_key
from tocsin.service.review.accounts.oidc.redeeming import redeem

if TYPE_CHECKING:
    from tocsin.service.review.accounts.oidc.handshakes import Begun, Handshake, Returned
    from tocsin.service.review.accounts.oidc.party import Party

__all__ = ["Provider"]

Made = TypeVar("Made")

_METADATA_S: Final = 3_600.0
_KEYS_S: Final = 600.0  # a key that the provider takes back counts no longer
_KEYS_APART_S: Final = 30.0  # a key that is not known yet makes us ask again, but not at will
_THREADS: Final = 4
_MOST_ASKED: Final = 16
_PATIENCE_S: Final = 20.0  # as long as the four questions take that a sign-in may need

# What a provider may answer instead of a code (RFC 6749, 4.1.2.1; Core, 3.1.2.6): no others are logged.
_DECLINED: Final = frozenset(
    {
        "access_denied",
        "login_required",
        "interaction_required",
        "account_selection_required",
        "consent_required",
    }
)
_FAILED: Final = frozenset(
    {
        "invalid_request",
        "unauthorized_client",
        "unsupported_response_type",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
    }
)


class Provider:
    """Ask one identity provider; each method but `aside` blocks, and none is for a transaction."""

    def __init__(self, party: Party, fetcher: Fetcher | None = None, ticks: Ticks = time.monotonic) -> None:
        self.party = party
        self._fetcher = fetcher or Fetcher()
        self._metadata = Kept(self._discover, _METADATA_S, ticks)
        self._keys = Kept(self._fetch_keys, _KEYS_S, ticks)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="tocsin-oidc")
        self._asked = 0

    @property
    def name(self) -> str:
        """Return what people call the provider."""
        return self.party.name

    def check(self) -> None:
        """Raise ProviderError where the provider cannot be asked: before anything is begun."""
        self._metadata.get()

    def address(self, begun: Begun) -> str:
        """Return where a browser goes to sign in (Core, 3.1.2.1)."""
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": self.party.client,
            "redirect_uri": self.party.redirect,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": begun.challenge,
            "code_challenge_method": "S256",
        }
        base = self._metadata.get().authorization
        return f"{base}{'&' if '?' in base else '?'}{urlencode(asked)}"

    def subject(self, returned: Returned, handshake: Handshake, now: datetime) -> str:
        """Return who came back, the issuer before a bar; raise ProviderError where that is not sure."""
        metadata = self._metadata.get()
        self._check_returned(returned, metadata)
        token = redeem(self._fetcher, metadata.token, self.party, returned.code, handshake.verifier)
        expected = Expected(self.party.issuer, self.party.client, handshake.nonce, now)
        subject = verified_subject(token, self._find_key, metadata.algorithms, expected)
        return f"{self.party.issuer}|{subject}"

    async def aside(self, work: Callable[[], Made]) -> Made:
        """Return what `work` comes to in a thread of the provider's own; raise ProviderError (AWAY)."""
        if self._asked >= _MOST_ASKED:
            raise ProviderError(Fault.AWAY, "too many wait for the identity provider already")
        self._asked += 1
        done = asyncio.get_running_loop().run_in_executor(self._pool, work)
        done.add_done_callback(self._answered)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await asyncio.shield(done)
        except TimeoutError:
            raise ProviderError(Fault.AWAY, f"a sign-in must be done within {_PATIENCE_S:g} s") from None

    def close(self) -> None:
        """Let what runs finish."""
        self._pool.shutdown(wait=True)

    def _answered(self, done: asyncio.Future[Made]) -> None:
        self._asked -= 1
        if not done.cancelled():
            done.exception()  # looked at, or it is complained of where nobody waits any longer

    def _check_returned(self, returned: Returned, metadata: Metadata) -> None:
        """Check whose answer it is (RFC 9207), then that it is none of an error."""
        issuer = returned.issuer
        if issuer is None and metadata.tells_issuer:
            raise ProviderError(Fault.UNTRUSTED, "an answer must say whose it is, as discovery promises")
        if issuer is not None and issuer != self.party.issuer:
            raise ProviderError(Fault.UNTRUSTED, "an answer must be of the provider that was asked")
        if returned.error is not None:
            raise _declined(returned.error)
        if not returned.code:
            raise ProviderError(Fault.AWAY, "an answer must bring a code or an error")

    def _find_key(self, kid: str | None, algorithm: str) -> PublicKey | None:
        found = find_key(self._keys.get(), kid, algorithm)
        return found or find_key(self._keys.get(younger_s=_KEYS_APART_S), kid, algorithm)

    def _discover(self) -> Metadata:
        return discover(self._fetcher, self.party.issuer)

    def _fetch_keys(self) -> Keys:
        return fetch_keys(self._fetcher, self._metadata.get().keys)


def _declined(error: str) -> ProviderError:
    known = error if error in _DECLINED | _FAILED else "no known error"
    fault = Fault.REFUSED if error in _DECLINED else Fault.AWAY
    return ProviderError(fault, f"the provider let nobody in ({known})")
