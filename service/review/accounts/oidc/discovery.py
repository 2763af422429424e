"""What the identity provider says of itself (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.https_url import parse_https

if TYPE_CHECKING:
    from tocsin.service.review.accounts.oidc.fetching import Fetcher
    from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["ALGORITHMS", "Metadata", "discover"]

ALGORITHMS: Final = frozenset(f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512))
"""What an ID token may be signed with: public keys alone, so neither none nor HS256."""

_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_BASIC: Final = "client_secret_basic"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Hold where a provider is asked, and what its tokens are signed with.

    `tells_issuer`: it says in each answer that goes through a browser whose it is (RFC 9207).
    """

    authorization: str
    token: WebhookUrl
    keys: WebhookUrl
    algorithms: frozenset[str]
    tells_issuer: bool


def discover(fetcher: Fetcher, issuer: str) -> Metadata:
    """Return what `issuer` says of itself; raise ProviderError where it says it is another."""
    url = parse_https(issuer.removesuffix("/") + _WELL_KNOWN)
    fetched = fetcher.get(url)
    if fetched.status != 200:
        raise ProviderError(
            Fault.AWAY, f"{url.origin}: discovery must answer 200 (no redirect), was {fetched.status}"
        )
    told = fetched.content
    if told.get("issuer") != issuer:
        raise ProviderError(
            Fault.UNTRUSTED,
            f"{url.origin}: the issuer in discovery must be oidc_issuer to the letter, was another",
        )
    methods = told.get("token_endpoint_auth_methods_supported", [_BASIC])
    if not isinstance(methods, list) or _BASIC not in methods:
        raise ProviderError(Fault.AWAY, f"{url.origin}: the token endpoint must take {_BASIC}, does not")
    return Metadata(
        _browsers(told),
        _endpoint(told, "token_endpoint"),
        _endpoint(told, "jwks_uri"),
        _algorithms(told),
        told.get("authorization_response_iss_parameter_supported") is True,
    )


def _browsers(told: Mapping[str, Any]) -> str:
    _endpoint(told, "authorization_endpoint")
    return str(told["authorization_endpoint"])


def _endpoint(told: Mapping[str, Any], name: str) -> WebhookUrl:
    given = told.get(name)
    try:
        return parse_https(given if isinstance(given, str) else "")
    except ValueError as error:
        raise ProviderError(Fault.AWAY, f"discovery: {name} {error}") from None


def _algorithms(told: Mapping[str, Any]) -> frozenset[str]:
    """Return what the provider signs with and we allow; RS256 is what every one has."""
    given = told.get("id_token_signing_alg_values_supported", ["RS256"])
    found = (
        ALGORITHMS & {one for one in given if isinstance(one, str)}
        if isinstance(given, list)
        else frozenset()
    )
    if not found:
        raise ProviderError(
            Fault.UNTRUSTED,
            f"discovery: ID tokens must be signed with one of {', '.join(sorted(ALGORITHMS))}",
        )
    return frozenset(found)
