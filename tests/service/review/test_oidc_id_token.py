"""An ID token counts once all of it is checked: every rule of OpenID Connect Core, 3.1.3.7, broken once."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from tocsin.service.review.accounts.oidc.discovery import ALGORITHMS
from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.accounts.oidc.id_token import Expected, verified_subject
from tocsin.service.review.accounts.oidc.keys import find_key
from tocsin.service.review.accounts.oidc.signing_testing import (
    SigningKey,
    b64,
    ec_key,
    rsa_key,
    signed,
    signed_by_public_key,
    unsigned,
)

ISSUER = "https://id.example/realms/kitchen"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
AT = int(NOW.timestamp())
EXPECTED = Expected(ISSUER, "tocsin", "nonce-1", NOW)
GOOD: Mapping[str, Any] = {
    "iss": ISSUER,
    "sub": "cook-7",
    "aud": "tocsin",
    "exp": AT + 300,
    "iat": AT,
    "nonce": "nonce-1",
}
GONE = object()
HUGE = 10**400

BROKEN: dict[str, Mapping[str, Any]] = {
    "no issuer": {"iss": GONE},
    "another issuer": {"iss": "https://id.example/realms/cellar"},
    "an issuer with one slash more": {"iss": f"{ISSUER}/"},
    "an issuer in a list": {"iss": [ISSUER]},
    "no audience": {"aud": GONE},
    "another audience": {"aud": "soup"},
    "an audience in capitals": {"aud": "TOCSIN"},
    "an audience that we begin": {"aud": "tocsin2"},
    "several audiences": {"aud": ["tocsin", "soup"], "azp": "tocsin"},
    "us twice": {"aud": ["tocsin", "tocsin"]},
    "an empty list of audiences": {"aud": []},
    "another authorized party": {"azp": "soup"},
    "no authorized party where there must be a text": {"azp": None},
    "no end": {"exp": GONE},
    "ended long ago": {"exp": AT - 61},
    "ends in words": {"exp": "tomorrow"},
    "ends in a text of digits": {"exp": str(AT + 300)},
    "ends when it is true": {"exp": True},
    "no time of making": {"iat": GONE},
    "from the future": {"iat": AT + 61},
    "long ago": {"iat": AT - 661},
    "made at no number": {"iat": None},
    "made too long ago to say": {"iat": -HUGE},
    "made too late to say": {"iat": HUGE},
    "not begun": {"nbf": AT + 61},
    "begins at no number": {"nbf": "now"},
    "begins when it is true": {"nbf": True},
    "no nonce": {"nonce": GONE},
    "another nonce": {"nonce": "nonce-2"},
    "a nonce that is none": {"nonce": None},
    "a nonce in a list": {"nonce": ["nonce-1"]},
    "a nonce of another kind": {"nonce": 1},
    "no subject": {"sub": GONE},
    "an empty subject": {"sub": ""},
    "a long subject": {"sub": "s" * 256},
    "a subject that is a number": {"sub": 7},
    "a subject in a list": {"sub": ["cook-7"]},
    "a subject in other letters": {"sub": "kööki"},
    "a subject with a control character": {"sub": "cook\n7"},
}
FINE: dict[str, Mapping[str, Any]] = {
    "as usual": {},
    "an audience in a list": {"aud": ["tocsin"]},
    "the authorized party": {"azp": "tocsin"},
    "ended within what clocks differ": {"exp": AT - 59},
    "from the future by as much": {"iat": AT + 59},
    "times with fractions": {"iat": AT - 0.5, "exp": AT + 0.5},
    "begun": {"nbf": AT - 5},
    "with all that others want to know": {"email": "cook@soup.example", "auth_time": AT, "at_hash": "x" * 22},
}


def claims(changed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changed}.items() if value is not GONE}


def subject_of(
    token: str,
    keys: Sequence[Mapping[str, Any]] = (rsa_key().public, ec_key().public),
    algorithms: frozenset[str] = ALGORITHMS,
    expected: Expected = EXPECTED,
) -> str:
    return verified_subject(token, lambda kid, name: find_key(keys, kid, name), algorithms, expected)


def refuse(token: str, *given: Any, **more: Any) -> str:
    with pytest.raises(ProviderError) as refused:
        subject_of(token, *given, **more)
    assert refused.value.fault is Fault.UNTRUSTED
    return refused.value.why


@pytest.mark.parametrize("changed", FINE.values(), ids=FINE)
def test_a_token_that_keeps_every_rule_says_who_it_is(changed: Mapping[str, Any]) -> None:
    assert subject_of(signed(rsa_key(), claims(changed))) == "cook-7"


@pytest.mark.parametrize("changed", BROKEN.values(), ids=BROKEN)
def test_a_token_that_breaks_a_rule_says_nothing(changed: Mapping[str, Any]) -> None:
    why = refuse(signed(rsa_key(), claims(changed)))

    assert "soup" not in why
    assert "cook" not in why


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_each_allowed_algorithm_is_read(algorithm: str) -> None:
    made = ec_key(algorithm, algorithm) if algorithm.startswith("ES") else rsa_key(algorithm, algorithm)

    assert subject_of(signed(made, GOOD), [made.public]) == "cook-7"


def test_nothing_is_allowed_that_needs_no_key_or_a_shared_one() -> None:
    assert not {name for name in ALGORITHMS if name.startswith("HS")}
    assert "none" not in {name.lower() for name in ALGORITHMS}


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", ""])
def test_a_token_that_nobody_signed_says_nothing(name: str) -> None:
    refuse(unsigned(GOOD, name))
    refuse(unsigned(GOOD, name) + "AAAA")
    refuse(signed(rsa_key(), GOOD, {"alg": name}))


@pytest.mark.parametrize("key", [rsa_key(), ec_key()], ids=["rsa", "ec"])
def test_a_public_key_is_no_shared_secret(key: SigningKey) -> None:
    for secret in (key.pem, key.pem.strip(), json.dumps(dict(key.public)).encode(), b"", b"tocsin"):
        refuse(signed_by_public_key(key, GOOD, secret))
    refuse(signed_by_public_key(key, GOOD), [key.public, {"kty": "oct", "kid": key.kid, "k": b64(key.pem)}])


def test_a_shared_secret_that_a_provider_publishes_signs_nothing() -> None:
    content = ".".join(b64(json.dumps(part).encode()) for part in ({"alg": "HS256", "kid": "k"}, dict(GOOD)))
    token = f"{content}.{b64(hmac.digest(b'known', content.encode(), sha256))}"

    refuse(token, [{"kty": "oct", "kid": "k", "k": b64(b"known")}])


def test_an_algorithm_that_the_provider_does_not_name_is_refused() -> None:
    refuse(signed(ec_key(), GOOD), algorithms=frozenset({"RS256"}))


@pytest.mark.parametrize(
    ("signs", "says"),
    [
        (rsa_key("pot"), {**rsa_key("lid").public, "kid": "pot"}),
        (ec_key("pan"), {**ec_key("lid").public, "kid": "pan"}),
        (ec_key("p", "ES256"), {**ec_key("q", "ES384").public, "kid": "p"}),
        (rsa_key("pot"), {**ec_key("pan").public, "kid": "pot"}),
        (rsa_key("pot"), {**rsa_key("pot").public, "kid": "lid"}),
        (rsa_key("pot"), {**rsa_key("pot").public, "use": "enc"}),
        (rsa_key("pot"), {**rsa_key("pot").public, "alg": "RSA-OAEP"}),
        (rsa_key("pot"), {**rsa_key("pot").public, "alg": "RS512"}),
        (rsa_key("pot"), {**rsa_key("pot").public, "key_ops": ["encrypt"]}),
        (rsa_key("pot"), {**rsa_key("pot").public, "n": "AQAB"}),
        (rsa_key("pot"), {**rsa_key("pot").public, "n": "?"}),
        (rsa_key("pot"), {**rsa_key("pot").public, "n": 65_537}),
        (rsa_key("pot"), {**rsa_key("pot").public, "n": "A" * 5_000}),
        (rsa_key("pot"), {**rsa_key("pot").public, "e": "AA"}),
        (rsa_key("pot"), {**rsa_key("pot").public, "e": "AQ"}),
        (rsa_key("pot"), {"kty": "RSA", "kid": "pot"}),
        (ec_key("pan"), {**ec_key("pan").public, "x": ec_key("lid").public["x"]}),
        (ec_key("pan"), {**ec_key("pan").public, "crv": "secp256k1"}),
    ],
    ids=[
        "another RSA key under the same id",
        "another EC key under the same id",
        "a key on another curve",
        "a key of another kind",
        "the key under another id",
        "a key to encrypt with",
        "a key for another purpose",
        "a key for another hash",
        "a key that verifies nothing",
        "a modulus that is tiny",
        "a modulus that is none",
        "a modulus that is a number",
        "a modulus that is huge",
        "an exponent of zero",
        "an exponent of one",
        "a key without members",
        "a point off the curve",
        "a curve that is not allowed",
    ],
)
def test_no_other_key_than_the_one_that_signed_verifies(signs: SigningKey, says: Mapping[str, Any]) -> None:
    refuse(signed(signs, GOOD), [says])


def test_a_weak_rsa_key_does_not_count() -> None:
    weak = rsa_key("weak", bits=1_024)

    assert "2,048" in refuse(signed(weak, GOOD), [weak.public])


def test_of_several_keys_a_token_names_one() -> None:
    nameless = signed(rsa_key("pot"), GOOD, {"kid": None})

    assert subject_of(nameless, [rsa_key("pot").public, ec_key().public]) == "cook-7"
    refuse(nameless, [rsa_key("pot").public, rsa_key("lid").public])
    refuse(signed(rsa_key("pot"), GOOD), [rsa_key("pot").public, {**rsa_key("lid").public, "kid": "pot"}])
    refuse(signed(rsa_key("pot"), GOOD, {"kid": 7}), [{**rsa_key("pot").public, "kid": 7}])
    refuse(signed(rsa_key("pot"), GOOD, {"kid": "k" * 513}))


@pytest.mark.parametrize(
    "header",
    [
        {"jwk": dict(ec_key("mallet").public)},
        {"jku": "https://elsewhere.example/keys"},
        {"x5u": "https://elsewhere.example/cert"},
        {"x5c": ["AAAA"]},
    ],
    ids=["a key", "an address of keys", "an address of a certificate", "a certificate"],
)
def test_a_key_that_a_token_brings_along_is_not_looked_at(header: Mapping[str, Any]) -> None:
    forged = signed(ec_key("mallet"), GOOD, {"kid": ec_key().kid, **header})

    refuse(forged)
    assert subject_of(signed(ec_key(), GOOD, header)) == "cook-7"


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"], "exp": AT},
        {"crit": []},
        {"b64": False},
        {"b64": False, "crit": ["b64"]},
        {"typ": "at+jwt"},
        {"typ": "logout+jwt"},
        {"typ": 7},
    ],
    ids=["critical", "critically nothing", "raw", "raw and critical", "access", "logout", "a number"],
)
def test_a_header_that_asks_for_something_else_is_refused(header: Mapping[str, Any]) -> None:
    refuse(signed(rsa_key(), GOOD, header))


@pytest.mark.parametrize("header", [{"typ": None}, {"typ": "jwt"}, {"pi.atm": "1"}], ids=str)
def test_a_header_that_says_no_more_than_it_must_is_read(header: Mapping[str, Any]) -> None:
    assert subject_of(signed(rsa_key(), GOOD, header)) == "cook-7"


def test_what_was_changed_after_it_was_signed_says_nothing() -> None:
    header, payload, signature = signed(ec_key(), GOOD).split(".")
    other = b64(json.dumps({**GOOD, "sub": "chef"}).encode())
    again = b64(json.dumps({"alg": "ES256", "kid": ec_key().kid}).encode())

    refuse(f"{header}.{other}.{signature}")
    refuse(f"{again}.{payload}.{signature}")
    refuse(f"{header}.{payload}.{signature[:-4]}")
    refuse(f"{header}.{payload}.{b64(bytes(64))}")
    refuse(f"{header}.{payload}.{b64(b'0' * 64)}")


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "soup",
        "a.b.c.d.e",
        signed(rsa_key(), GOOD).replace(".", ".."),
        signed(rsa_key(), GOOD) + "=",
        signed(rsa_key(), GOOD) + "\n",
        " " + signed(rsa_key(), GOOD),
        "é.e30.AAAA",
        f"{'A' * 5_000}.e30.AAAA",
        f"e30.{'A' * 40_000}.AAAA",
        f"e30.e30.{'A' * 5_000}",
    ],
    ids=[
        "nothing",
        "a dot",
        "dots",
        "a word",
        "encrypted",
        "empty parts",
        "padded",
        "a line",
        "a blank before it",
        "other letters",
        "a long header",
        "a long payload",
        "a long signature",
    ],
)
def test_what_has_not_the_form_of_a_token_is_not_read(token: str) -> None:
    assert "three parts" in refuse(token)


@pytest.mark.parametrize(
    "token",
    [
        f"{b64(b'[' * 3_000)}.e30.AAAA",
        f"{b64(b'[]')}.e30.AAAA",
        f"{b64(b'null')}.e30.AAAA",
        f"A.e30.{b64(bytes(256))}",
        f"{b64(b'{}')}.e30.AAAA",
        f"{b64(json.dumps({'alg': ['RS256']}).encode())}.e30.AAAA",
    ],
    ids=["nested deep", "a list", "null", "half a byte", "no algorithm", "a list of algorithms"],
)
def test_a_header_that_is_none_says_nothing(token: str) -> None:
    refuse(token)


@pytest.mark.parametrize("payload", [b"[]", b"null", b"soup", b"\xff", b"{", b'{"iat": NaN}', b"[" * 9_000])
def test_a_signature_over_what_is_no_object_says_nothing(payload: bytes) -> None:
    content = f"{b64(json.dumps({'alg': 'ES256', 'kid': ec_key().kid}).encode())}.{b64(payload)}"

    refuse(f"{content}.{b64(ec_key().sign(content.encode()))}")
