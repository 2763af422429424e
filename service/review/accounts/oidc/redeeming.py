"""The code that a browser brought, given to the provider for an ID token (OpenID Connect Core 1.0, 3.1.3)."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, urlencode

from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError

if TYPE_CHECKING:
    from tocsin.service.review.accounts.oidc.fetching import Fetcher
    from tocsin.service.review.accounts.oidc.party import Party
    from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["redeem"]

# The errors that there are (RFC 6749, 5.2): no others are put into a log.
_KNOWN: Final = frozenset(
    {
        "invalid_request",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
    }
)


def redeem(fetcher: Fetcher, url: WebhookUrl, party: Party, code: str, verifier: str) -> str:
    """Return the ID token that `code` stands for, unverified; raise ProviderError where there is none.

    The access token beside it is never looked at, and so is worth nothing here.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": party.redirect,
        "code_verifier": verifier,
    }
    fetched = fetcher.post(url, {"authorization": _basic(party)}, urlencode(form))
    if fetched.status != 200:
        error = fetched.content.get("error")
        told = error if isinstance(error, str) and error in _KNOWN else "no known error"
        raise ProviderError(
            Fault.AWAY, f"{url.origin}: the token endpoint must answer 200, was {fetched.status} ({told})"
        )
    token = fetched.content.get("id_token")
    if not isinstance(token, str):
        raise ProviderError(
            Fault.AWAY, f"{url.origin}: the token endpoint must answer with an ID token, did not"
        )
    return token


def _basic(party: Party) -> str:
    """Return who we are, as RFC 6749, 2.3.1, spells it: each part encoded before both are."""
    pair = f"{quote_plus(party.client)}:{quote_plus(party.secret)}"
    return f"Basic {b64encode(pair.encode()).decode()}"
