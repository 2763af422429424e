"""An ID token, believed only once all of it is checked (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, deserialize_compact
from pydantic_core import from_json

from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError

if TYPE_CHECKING:
    from tocsin.service.review.accounts.oidc.keys import PublicKey

__all__ = ["Expected", "FindKey", "verified_subject"]

FindKey = Callable[[str | None, str], "PublicKey | None"]
"""What returns the key of an id, or of no id, for an algorithm."""

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]{1,4096}\.[A-Za-z0-9_-]{1,32768}\.[A-Za-z0-9_-]{1,2048}")
_TYPES: Final = {"jwt", "application/jwt"}
_SKEW_S: Final = 60  # between the provider's clock and ours
_OLDEST_S: Final = 600  # it was made for a code that we have just shown
_LONGEST_SUBJECT: Final = 255  # Core, 2
_LONGEST_KID: Final = 512


@dataclass(frozen=True, slots=True)
class Expected:
    """Hold what a token must say."""

    issuer: str
    client: str
    nonce: str = field(repr=False)
    now: datetime


class _Registry(JWSRegistry):
    max_header_length = 4_096  # some carry a certificate, which nobody reads
    max_signature_length = 2_048


def verified_subject(token: str, find_key: FindKey, algorithms: frozenset[str], expected: Expected) -> str:
    """Return whom a token is about; raise ProviderError where it breaks any rule.

    The numbers are those of Core, 3.1.3.7. Encrypted tokens are not read (1): we ask for none.
    """
    claims = _claims(token, find_key, algorithms)
    _check(claims.get("iss") == expected.issuer, "the issuer must be ours")  # 2
    _check_audience(claims, expected.client)  # 3 to 5
    _check_times(claims, expected.now.timestamp())  # 9, 10
    nonce = claims.get("nonce")
    _check(
        isinstance(nonce, str) and _same(nonce, expected.nonce), "the nonce must be that of this sign-in"
    )  # 11
    subject = claims.get("sub")
    if not (isinstance(subject, str) and 0 < len(subject) <= _LONGEST_SUBJECT and _plain(subject)):
        raise _untrusted(f"the subject must be 1 to {_LONGEST_SUBJECT} printable ASCII characters")
    return subject


def _claims(token: str, find_key: FindKey, algorithms: frozenset[str]) -> Mapping[str, Any]:
    """Return what a token says, its signature verified (6 to 8)."""
    _check(_COMPACT.fullmatch(token) is not None, "it must be a signed one, in three parts of bounded length")
    header = _json(_decoded(token.partition(".")[0]))
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise _untrusted(f"it must be signed with one of {', '.join(sorted(algorithms))}")
    _check(
        kid is None or (isinstance(kid, str) and len(kid) <= _LONGEST_KID),
        "the id of its key must be a short text",
    )
    _check(not {"crit", "b64"} & set(header), "its header must ask for nothing unusual")
    typ = header.get("typ", "JWT")
    _check(isinstance(typ, str) and typ.lower() in _TYPES, "it must be of no other type than JWT")
    key = find_key(kid, algorithm)
    if key is None:
        raise _untrusted("its key must be one of the provider's")
    registry = _Registry(algorithms=[algorithm], strict_check_header=False)
    try:
        return _json(deserialize_compact(token, key, registry=registry).payload)
    except (JoseError, ValueError, TypeError):
        raise _untrusted("its signature must be the provider's") from None


def _check_audience(claims: Mapping[str, Any], client: str) -> None:
    """Check that a token is for us, and for nobody else: we know no other audience that could be trusted."""
    audience = claims.get("aud")
    _check(audience in (client, [client]), "its audience must be this client, and no other beside it")
    _check(claims.get("azp", client) == client, "its authorized party must be this client")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    made = _time(claims, "iat")
    _check(now < _time(claims, "exp") + _SKEW_S, "it must not have ended")
    _check(made <= now + _SKEW_S, "it must not be from the future")
    _check(made >= now - _OLDEST_S - _SKEW_S, f"it must be at most {_OLDEST_S} s old")
    _check("nbf" not in claims or _time(claims, "nbf") <= now + _SKEW_S, "it must have begun")


def _time(claims: Mapping[str, Any], name: str) -> float:
    given = claims.get(name)
    if not isinstance(given, int | float) or isinstance(given, bool):
        raise _untrusted("its times must be numbers of seconds")
    return given


def _json(content: bytes) -> Mapping[str, Any]:
    try:
        found = from_json(content, allow_inf_nan=False)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _untrusted("its parts must be JSON objects")
    return found


def _decoded(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        return b""  # which is no JSON


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _check(kept: bool, rule: str) -> None:
    if not kept:
        raise _untrusted(rule)


def _untrusted(rule: str) -> ProviderError:
    return ProviderError(Fault.UNTRUSTED, f"the ID token: {rule}")
