"""Addresses that are named: https anywhere, http to this machine, and nothing that hides where it leads."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from tocsin.service.review.https_url import HTTPS_RULE, allowed_networks, is_base, parse_https


@pytest.mark.parametrize(
    "given",
    [
        "https://id.example",
        "https://id.example:8443/realms/kitchen?a=b",
        "https://10.0.0.9",
        "https://[fd00::9]/",
        "HTTPS://ID.example",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://localhost:8080",
    ],
)
def test_these_may_be_asked(given: str) -> None:
    assert parse_https(given).origin == given.lower().partition("/realms")[0].rstrip("/")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "id.example",
        "http://id.example",
        "http://10.0.0.9",
        "HTTP://10.0.0.9",
        "http://0.0.0.0",
        "http://127.0.0.1.id.example",
        "http://localhost.id.example",
        "http://127.1",
        "http://2130706433",
        "http://[::ffff:127.0.0.1]x",
        "https://user@id.example",
        "https://id.example#a",
        "https://id.example\\@kettle.example",
        "https://id.example/a b",
        "https://id.example:0",
        "https://id.example:65536",
        "https://kettlé.example",
        "https:id.example",
        "https:///id.example",
        "ftp://id.example",
        "javascript:alert(1)",
        "//id.example",
    ],
)
def test_these_may_not_and_are_not_shown(given: str) -> None:
    with pytest.raises(ValueError, match="must be an https address") as refused:
        parse_https(given)
    assert str(refused.value) == HTTPS_RULE


def test_without_tls_a_name_may_lead_to_this_machine_alone() -> None:
    plain, safe = (
        allowed_networks(parse_https("http://localhost")),
        allowed_networks(parse_https("https://a.b")),
    )

    for place, is_here in (("127.0.0.1", True), ("::1", True), ("10.0.0.9", False), ("2001:db8::1", False)):
        assert any(ip_address(place) in network for network in plain) == is_here
        assert any(ip_address(place) in network for network in safe)


@pytest.mark.parametrize(
    ("given", "is_one"),
    [
        ("https://id.example", True),
        ("https://id.example/", True),
        ("https://id.example:8443", True),
        ("https://id.example/pot", False),
        ("https://id.example?", False),
        ("https://id.example//", False),
    ],
)
def test_a_base_ends_with_host_or_port(given: str, is_one: bool) -> None:
    assert is_base(given) == is_one
