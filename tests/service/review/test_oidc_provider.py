"""The provider is asked briefly, for few bytes, at its own addresses; and what it says is checked."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.accounts.oidc.fetching import MOST_BYTES, Fetcher
from tocsin.service.review.accounts.oidc.handshakes import Begun, Handshake, Returned
from tocsin.service.review.accounts.oidc.party import Party
from tocsin.service.review.accounts.oidc.provider import Provider
from tocsin.service.review.accounts.oidc.signing_testing import (
    certificate_at,
    ec_key,
    rsa_key,
    signed,
    signed_by_public_key,
    unsigned,
)
from tocsin.service.review.accounts.oidc.testing import CLIENT, SECRET, FakeProvider, Reply, fake_provider
from tocsin.service.review.contract_testing import FixedClock
from tocsin.service.review.webhooks import tls_context

BACK = "https://review.soup.example/review/oidc/callback"
# The example of RFC 7636, appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
BEGUN = Begun("state-1", "nonce-1", CHALLENGE, "binding-1")
HANDSHAKE = Handshake("nonce-1", VERIFIER, "/review")
PATIENT_S = 60.0  # a busy machine is no defect
SHORT_S = 0.5
DISCOVERY = "/.well-known/openid-configuration"


class Ticks:
    """Tell a time that only moves when told to."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def fake(clock: FixedClock) -> Iterator[FakeProvider]:
    with fake_provider(clock) as provider:
        yield provider


@pytest.fixture
def make(fake: FakeProvider, ticks: Ticks) -> Iterator[Callable[..., Provider]]:
    made: list[Provider] = []

    def make(issuer: str | None = None, timeout_s: float = PATIENT_S) -> Provider:
        party = Party(issuer or fake.issuer, CLIENT, SECRET, "the kitchen", BACK)
        made.append(Provider(party, Fetcher(timeout_s), ticks))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def provider(make: Callable[..., Provider]) -> Provider:
    return make()


def come_back(fake: FakeProvider, provider: Provider, **more: str) -> Returned:
    """Return what a browser brings back from the provider."""
    back = fake.sign_in(provider.address(BEGUN), **more)
    told = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    return Returned(told["code"], told.get("iss"), told.get("error"))


def subject(fake: FakeProvider, provider: Provider, clock: FixedClock, **more: str) -> str:
    return provider.subject(come_back(fake, provider, **more), HANDSHAKE, clock())


def refused(work: Callable[[], Any]) -> tuple[Fault, str]:
    with pytest.raises(ProviderError) as error:
        work()
    for secret in (SECRET, VERIFIER, "nonce-1", "code-0", "cook-7", "kettle"):
        assert secret not in str(error.value)
    return error.value.fault, error.value.why


def saying(status: int, body: bytes, **headers: str) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """Answer for ever, a byte at a time, until nobody listens."""
    handler.send_response(200)
    handler.end_headers()
    left = threading.Event()
    try:
        while not left.wait(SHORT_S / 20):
            handler.wfile.write(b" ")
            handler.wfile.flush()
    except OSError:
        handler.close_connection = True


def silent(handler: BaseHTTPRequestHandler) -> None:
    """Answer nothing until the other side has gone."""
    handler.connection.settimeout(PATIENT_S)
    handler.connection.recv(1)
    handler.close_connection = True


def test_whoever_signs_in_there_is_named_here_with_their_issuer(
    fake: FakeProvider, provider: Provider, clock: FixedClock
) -> None:
    assert subject(fake, provider, clock) == f"{fake.issuer}|cook-7"
    assert fake.asked == [DISCOVERY, "/token", "/keys"]


def test_a_browser_is_sent_with_state_nonce_and_challenge_and_without_a_secret(
    fake: FakeProvider, provider: Provider
) -> None:
    address = provider.address(BEGUN)

    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{fake.issuer}/authorize?")
    assert asked == {
        "response_type": ["code"],
        "scope": ["openid"],
        "client_id": [CLIENT],
        "redirect_uri": [BACK],
        "state": ["state-1"],
        "nonce": ["nonce-1"],
        "code_challenge": [CHALLENGE],
        "code_challenge_method": ["S256"],
    }


def test_a_query_that_the_authorization_endpoint_has_stays(fake: FakeProvider, provider: Provider) -> None:
    fake.told["authorization_endpoint"] = f"{fake.issuer}/authorize?dish=soup"

    assert provider.address(BEGUN).startswith(f"{fake.issuer}/authorize?dish=soup&response_type=code&")


def test_keys_and_discovery_are_asked_for_once_in_a_while(
    fake: FakeProvider, provider: Provider, clock: FixedClock, ticks: Ticks
) -> None:
    for _ in range(3):
        subject(fake, provider, clock)
    assert fake.asked.count("/keys") == fake.asked.count(DISCOVERY) == 1

    ticks.at += 601
    subject(fake, provider, clock)
    assert (fake.asked.count("/keys"), fake.asked.count(DISCOVERY)) == (2, 1)

    ticks.at += 3_601
    subject(fake, provider, clock)
    assert (fake.asked.count("/keys"), fake.asked.count(DISCOVERY)) == (3, 2)


# What discovery says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ({"issuer": "https://kettle.example"}, Fault.UNTRUSTED),
        ({"issuer": None}, Fault.UNTRUSTED),
        ({"issuer": ["ISSUER"]}, Fault.UNTRUSTED),
        ({"issuer": "ISSUER/"}, Fault.UNTRUSTED),
        ({"token_endpoint": None}, Fault.AWAY),
        ({"token_endpoint": 7}, Fault.AWAY),
        ({"token_endpoint": "http://kettle.example/token"}, Fault.AWAY),
        ({"token_endpoint": "http://10.0.0.9/token"}, Fault.AWAY),
        ({"token_endpoint": "file:///etc/kettle"}, Fault.AWAY),
        ({"token_endpoint": "https://cook:kettle@id.example/token"}, Fault.AWAY),
        ({"jwks_uri": None}, Fault.AWAY),
        ({"jwks_uri": "http://kettle.example/keys"}, Fault.AWAY),
        ({"authorization_endpoint": None}, Fault.AWAY),
        ({"authorization_endpoint": "javascript:kettle()"}, Fault.AWAY),
        ({"authorization_endpoint": "http://kettle.example/authorize"}, Fault.AWAY),
        ({"authorization_endpoint": "https://id.example/#kettle"}, Fault.AWAY),
        ({"id_token_signing_alg_values_supported": ["none", "HS256"]}, Fault.UNTRUSTED),
        ({"id_token_signing_alg_values_supported": "RS256"}, Fault.UNTRUSTED),
        ({"id_token_signing_alg_values_supported": [7, None]}, Fault.UNTRUSTED),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, Fault.AWAY),
        ({"token_endpoint_auth_methods_supported": "client_secret_basic"}, Fault.AWAY),
    ],
    ids=str,
)
def test_a_provider_that_says_what_it_must_not_is_not_relied_on(
    fake: FakeProvider, provider: Provider, told: dict[str, Any], fault: Fault
) -> None:
    fake.told = json.loads(json.dumps(told).replace("ISSUER", fake.issuer))

    assert refused(provider.check)[0] is fault


@pytest.mark.parametrize(
    "told",
    [
        {"id_token_signing_alg_values_supported": None},
        {"token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_basic"]},
        {"code_challenge_methods_supported": ["plain"]},
    ],
    ids=str,
)
def test_a_provider_that_says_no_more_than_it_must_is_relied_on(
    fake: FakeProvider, provider: Provider, clock: FixedClock, told: dict[str, Any]
) -> None:
    fake.key, fake.told = rsa_key(), told

    assert subject(fake, provider, clock).endswith("|cook-7")


def test_an_issuer_with_a_path_is_asked_below_it(fake: FakeProvider, make: Callable[..., Provider]) -> None:
    for issuer in (f"{fake.issuer}/realms/kitchen", f"{fake.issuer}/realms/kitchen/"):
        fake.told["issuer"] = issuer
        fake.replies[f"/realms/kitchen{DISCOVERY}"] = saying(200, json.dumps(fake.metadata()).encode())
        make(issuer).check()


# How it is asked -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(
    fake: FakeProvider, provider: Provider, clock: FixedClock, path: str, status: int
) -> None:
    fake.replies[path] = saying(status, b"", location=f"{fake.issuer}/kettle")

    assert refused(lambda: subject(fake, provider, clock))[0] is Fault.AWAY
    assert "/kettle" not in fake.asked


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (404, b"<html>kettle"),
        (204, b""),
        (200, b""),
        (200, b"kettle"),
        (200, b"[]"),
        (200, b"null"),
        (200, b"{}"),
        (200, b"[" * 100_000),
        (200, b'{"a":' * 10_000),
        (200, b"\xff\xfe"),
        (200, b'{"id_token": 7, "keys": 7}'),
        (200, b'{"id_token": null, "keys": {"kettle": 1}}'),
    ],
    ids=[
        "failed",
        "a page",
        "no content",
        "nothing",
        "a word",
        "a list",
        "null",
        "an empty object",
        "deep lists",
        "deep objects",
        "bytes",
        "numbers",
        "of other kinds",
    ],
)
def test_what_is_no_answer_lets_nobody_in(
    fake: FakeProvider, provider: Provider, clock: FixedClock, path: str, status: int, body: bytes
) -> None:
    fake.replies[path] = saying(status, body)

    fault, _ = refused(lambda: subject(fake, provider, clock))
    assert fault in {Fault.AWAY, Fault.UNTRUSTED}


@pytest.mark.parametrize("status", [201, 302, 400, 500])
@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
def test_what_comes_with_another_status_counts_nothing_though_it_looks_good(
    fake: FakeProvider, provider: Provider, clock: FixedClock, path: str, status: int
) -> None:
    asked = {"sub": "cook-7", "nonce": "nonce-1"}
    honest = {DISCOVERY: fake.metadata(), "/keys": fake.keys(), "/token": {"id_token": fake.id_token(asked)}}
    fake.replies[path] = saying(status, json.dumps(honest[path]).encode())

    assert refused(lambda: subject(fake, provider, clock))[0] is Fault.AWAY


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
def test_an_answer_that_is_too_long_is_not_read_to_its_end(
    fake: FakeProvider, provider: Provider, clock: FixedClock, path: str
) -> None:
    honest = {DISCOVERY: fake.metadata, "/keys": fake.keys}.get(path, dict)
    padded = json.dumps({**honest(), "padding": "a" * MOST_BYTES}).encode()
    fake.replies[path] = saying(200, padded)

    fault, why = refused(lambda: subject(fake, provider, clock))

    assert fault is Fault.AWAY
    assert "bytes" in why


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
@pytest.mark.parametrize("slow", [dripping, silent], ids=["a byte at a time", "never"])
def test_a_slow_provider_is_not_waited_for(
    fake: FakeProvider, make: Callable[..., Provider], clock: FixedClock, path: str, slow: Reply
) -> None:
    provider = make(timeout_s=SHORT_S)
    fake.replies[path] = slow
    began = time.monotonic()

    fault, why = refused(lambda: subject(fake, provider, clock))

    assert fault is Fault.AWAY
    assert f"within {SHORT_S:g} s" in why
    assert time.monotonic() - began < SHORT_S * 3 + PATIENT_S / 2


def test_a_provider_that_is_not_there_is_away(make: Callable[..., Provider]) -> None:
    assert refused(make("http://127.0.0.1:1").check)[0] is Fault.AWAY


def test_a_provider_whose_name_nobody_knows_is_away(ticks: Ticks) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    party = Party("https://id.example", CLIENT, SECRET, "x", BACK)
    provider = Provider(party, Fetcher(PATIENT_S, resolver=unknown), ticks)

    assert refused(provider.check)[0] is Fault.AWAY
    provider.close()


def test_a_provider_without_tls_is_not_spoken_to_as_if_it_had_it(
    fake: FakeProvider, make: Callable[..., Provider]
) -> None:
    assert refused(make(fake.issuer.replace("http:", "https:")).check)[0] is Fault.AWAY
    assert fake.asked == []


def test_a_provider_is_asked_over_tls_that_somebody_vouches_for(
    clock: FixedClock, ticks: Ticks, tmp_path: Path
) -> None:
    certificate = certificate_at(tmp_path)
    with fake_provider(clock, certificate) as fake:
        party = Party(fake.issuer, CLIENT, SECRET, "x", BACK)
        usual, trusting = Fetcher(PATIENT_S), Fetcher(PATIENT_S, tls=tls_context(certificate))
        by_usual, by_trust = Provider(party, usual, ticks), Provider(party, trusting, ticks)

        fault, why = refused(by_usual.check)
        assert (fault, "certificate" in why, fake.asked) == (Fault.AWAY, True, [])
        assert subject(fake, by_trust, clock).endswith("|cook-7")
        by_usual.close()
        by_trust.close()


def test_a_name_for_this_machine_that_leads_elsewhere_is_not_asked_without_tls(fake: FakeProvider) -> None:
    def elsewhere(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(0, 0, 0, "", ("192.0.2.1", 80))]

    issuer = fake.issuer.replace("127.0.0.1", "localhost")
    provider = Provider(Party(issuer, CLIENT, SECRET, "x", BACK), Fetcher(PATIENT_S, resolver=elsewhere))

    fault, why = refused(provider.check)

    assert (fault, "within allow" in why) == (Fault.AWAY, True)  # refused, and not tried
    provider.close()


def test_a_provider_that_failed_is_left_alone_for_a_moment(
    fake: FakeProvider, provider: Provider, ticks: Ticks
) -> None:
    fake.replies[DISCOVERY] = saying(500, b"")
    for _ in range(5):
        assert refused(provider.check)[0] is Fault.AWAY
    assert fake.asked == [DISCOVERY]

    del fake.replies[DISCOVERY]
    ticks.at += 5
    provider.check()


def test_nothing_of_what_is_asked_or_answered_is_logged(
    fake: FakeProvider, provider: Provider, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    subject(fake, provider, clock)

    assert caplog.text == ""


# The code ---------------------------------------------------------------------------------------------


def test_a_code_counts_with_its_own_verifier_alone(
    fake: FakeProvider, provider: Provider, clock: FixedClock
) -> None:
    returned = come_back(fake, provider)
    other = Handshake("nonce-1", VERIFIER.replace("d", "e"), "/review")

    fault, why = refused(lambda: provider.subject(returned, other, clock()))

    assert (fault, "invalid_grant" in why) == (Fault.AWAY, True)


@pytest.mark.parametrize("error", ["kettle", 7, None, ["invalid_grant"], "invalid_grant\nkettle"], ids=str)
def test_what_the_token_endpoint_says_of_an_error_is_not_repeated(
    fake: FakeProvider, provider: Provider, clock: FixedClock, error: object
) -> None:
    fake.replies["/token"] = saying(400, json.dumps({"error": error, "error_description": "kettle"}).encode())

    fault, why = refused(lambda: subject(fake, provider, clock))

    assert (fault, "no known error" in why) == (Fault.AWAY, True)


def test_a_wrong_secret_is_told_the_operator(fake: FakeProvider, ticks: Ticks, clock: FixedClock) -> None:
    provider = Provider(Party(fake.issuer, CLIENT, "salt", "x", BACK), Fetcher(PATIENT_S), ticks)

    assert "invalid_client" in refused(lambda: subject(fake, provider, clock))[1]
    provider.close()


# Whose answer it is -----------------------------------------------------------------------------------


def test_an_answer_of_another_provider_is_not_redeemed(
    fake: FakeProvider, provider: Provider, clock: FixedClock
) -> None:
    fault, _ = refused(lambda: subject(fake, provider, clock, iss="https://kettle.example"))

    assert fault is Fault.UNTRUSTED
    assert "/token" not in fake.asked


def test_an_answer_must_say_whose_it_is_where_that_was_promised(
    fake: FakeProvider, provider: Provider, clock: FixedClock
) -> None:
    fake.told["authorization_response_iss_parameter_supported"] = True

    fault, _ = refused(lambda: subject(fake, provider, clock))

    assert fault is Fault.UNTRUSTED
    assert "/token" not in fake.asked
    assert subject(fake, provider, clock, iss=fake.issuer).endswith("|cook-7")


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        ("access_denied", Fault.REFUSED),
        ("login_required", Fault.REFUSED),
        ("server_error", Fault.AWAY),
        ("invalid_request", Fault.AWAY),
        ("kettle", Fault.AWAY),
        ("", Fault.AWAY),
    ],
)
def test_an_error_in_place_of_a_code_lets_nobody_in(
    fake: FakeProvider, provider: Provider, clock: FixedClock, error: str, fault: Fault
) -> None:
    for returned in (Returned(error=error), Returned("code-0", error=error)):
        assert refused(partial(provider.subject, returned, HANDSHAKE, clock()))[0] is fault
    assert "/token" not in fake.asked


def test_an_error_of_another_provider_is_none_of_ours(provider: Provider, clock: FixedClock) -> None:
    returned = Returned(issuer="https://kettle.example", error="access_denied")

    assert refused(lambda: provider.subject(returned, HANDSHAKE, clock()))[0] is Fault.UNTRUSTED


def test_an_answer_without_a_code_lets_nobody_in(
    fake: FakeProvider, provider: Provider, clock: FixedClock
) -> None:
    assert refused(lambda: provider.subject(Returned(), HANDSHAKE, clock()))[0] is Fault.AWAY
    assert "/token" not in fake.asked


# The token, from end to end ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://kettle.example"},
        {"aud": "kettle"},
        {"azp": "kettle"},
        {"nonce": "kettle"},
        {"exp": 1},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(
    fake: FakeProvider, provider: Provider, clock: FixedClock, claims: dict[str, Any]
) -> None:
    fake.claims = claims

    assert refused(lambda: subject(fake, provider, clock))[0] is Fault.UNTRUSTED


def test_a_token_that_nobody_signed_or_that_the_public_key_did_lets_nobody_in(
    fake: FakeProvider, provider: Provider, clock: FixedClock
) -> None:
    now = int(clock().timestamp())
    good = {
        "iss": fake.issuer,
        "sub": "cook-7",
        "aud": CLIENT,
        "exp": now + 60,
        "iat": now,
        "nonce": "nonce-1",
    }
    for token in (unsigned(good), signed_by_public_key(fake.key, good), signed(ec_key("mallet"), good)):
        fake.token = token
        assert refused(lambda: subject(fake, provider, clock))[0] is Fault.UNTRUSTED
    fake.token = signed(fake.key, good)
    assert subject(fake, provider, clock).endswith("|cook-7")


def test_a_new_key_is_asked_for_once_it_is_used_but_not_at_will(
    fake: FakeProvider, provider: Provider, clock: FixedClock, ticks: Ticks
) -> None:
    subject(fake, provider, clock)
    fake.key = ec_key("new")

    assert refused(lambda: subject(fake, provider, clock))[0] is Fault.UNTRUSTED  # asked for too lately
    assert fake.asked.count("/keys") == 1

    ticks.at += 30
    assert subject(fake, provider, clock).endswith("|cook-7")
    assert fake.asked.count("/keys") == 2


def test_keys_are_not_asked_for_again_and_again_over_one_that_is_not_there(
    fake: FakeProvider, provider: Provider, clock: FixedClock, ticks: Ticks
) -> None:
    subject(fake, provider, clock)
    fake.header = {"kid": "kettle"}

    for _ in range(10):
        ticks.at += 10
        assert refused(lambda: subject(fake, provider, clock))[0] is Fault.UNTRUSTED

    assert fake.asked.count("/keys") <= 1 + 100 / 30


def test_a_key_that_was_taken_back_counts_no_more_after_a_while(
    fake: FakeProvider, provider: Provider, clock: FixedClock, ticks: Ticks
) -> None:
    subject(fake, provider, clock)
    fake.published = [ec_key("new").public]

    ticks.at += 600
    assert refused(lambda: subject(fake, provider, clock))[0] is Fault.UNTRUSTED


def test_of_too_many_keys_none_is_read(fake: FakeProvider, provider: Provider, clock: FixedClock) -> None:
    fake.published = [{"kty": "RSA", "kid": str(number)} for number in range(101)]

    fault, why = refused(lambda: subject(fake, provider, clock))

    assert (fault, "100" in why) == (Fault.AWAY, True)


def test_keys_that_are_no_keys_are_passed_over(
    fake: FakeProvider, provider: Provider, clock: FixedClock
) -> None:
    fake.published = [7, None, [], {}, {"kty": 7, "kid": []}, fake.key.public]  # type: ignore[list-item]

    assert subject(fake, provider, clock).endswith("|cook-7")
