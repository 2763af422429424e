"""The keys that the identity provider signs with: a JWK Set (RFC 7517), read with suspicion."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError

if TYPE_CHECKING:
    from tocsin.service.review.accounts.oidc.fetching import Fetcher
    from tocsin.service.review.webhooks.url import WebhookUrl

__all__ = ["Keys", "PublicKey", "fetch_keys", "find_key"]

PublicKey = RSAKey | ECKey

_MOST_KEYS: Final = 100
_LEAST_BITS: Final = 2_048
_MOST_BITS: Final = 8_192  # or each signature costs the time of many
_CURVES: Final = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
# Public members alone: whatever else a key holds, private parts and certificates included, is not read.
_MEMBERS: Final = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}

Keys = Sequence[Mapping[str, Any]]


def fetch_keys(fetcher: Fetcher, url: WebhookUrl) -> Keys:
    """Return the keys at `url`, as they came."""
    fetched = fetcher.get(url)
    found = fetched.content.get("keys")
    if fetched.status != 200 or not isinstance(found, list):
        raise ProviderError(Fault.AWAY, f"{url.origin}: keys must come with 200, came with {fetched.status}")
    if len(found) > _MOST_KEYS:
        raise ProviderError(
            Fault.AWAY, f"{url.origin}: must have at most {_MOST_KEYS} keys, has {len(found)}"
        )
    return [one for one in found if isinstance(one, dict)]


def find_key(keys: Keys, kid: str | None, algorithm: str) -> PublicKey | None:
    """Return the key that a token names, which must be one that signs by `algorithm`; None where none is.

    A token that names no key is only known where there is just one that it could be (Core, 10.1). Raises
    ProviderError where several could be meant, and for a key that is too weak to count.
    """
    found = [one for one in keys if _signs(one, algorithm) and (kid is None or one.get("kid") == kid)]
    if len(found) > 1:
        raise ProviderError(Fault.UNTRUSTED, "of several keys a token must name one, and one alone")
    return _read(found[0], algorithm) if found else None


def _signs(key: Mapping[str, Any], algorithm: str) -> bool:
    kind = "EC" if algorithm in _CURVES else "RSA"
    uses = key.get("key_ops", ["verify"])
    return (
        key.get("kty") == kind
        and key.get("use", "sig") == "sig"
        and isinstance(uses, list)
        and "verify" in uses
        and key.get("alg", algorithm) == algorithm
        and (kind == "RSA" or key.get("crv") == _CURVES[algorithm])
    )


def _read(given: Mapping[str, Any], algorithm: str) -> PublicKey:
    kind = str(given["kty"])
    members: dict[str, str | list[str]] = {
        name: value for name in _MEMBERS[kind] if isinstance(value := given.get(name), str)
    }
    if len(members) < len(_MEMBERS[kind]) or max(map(len, members.values())) > _MOST_BITS // 4:
        raise ProviderError(Fault.UNTRUSTED, "a key must have its members, and no long ones")
    try:
        if kind == "RSA":
            _check_size(int.from_bytes(urlsafe_b64decode(f"{members['n']}==")).bit_length())
            return RSAKey.import_key(members)
        return ECKey.import_key(members)
    except (JoseError, ValueError, TypeError, KeyError):
        raise ProviderError(Fault.UNTRUSTED, f"a key for {algorithm} must be one, is none") from None


def _check_size(bits: int) -> None:
    if not _LEAST_BITS <= bits <= _MOST_BITS:
        raise ProviderError(
            Fault.UNTRUSTED, f"an RSA key must have {_LEAST_BITS:,} to {_MOST_BITS:,} bits, has {bits:,}"
        )
