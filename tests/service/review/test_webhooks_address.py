from __future__ import annotations

import re
import socket
from collections.abc import Callable
from ipaddress import ip_address, ip_network

import pytest

from tocsin.service.review.webhooks import (
    AddressRefusedError,
    NameUnresolvedError,
    Network,
    WebhookUrl,
    resolve,
)
from tocsin.service.review.webhooks.address import Resolver

SOUP = WebhookUrl.parse("https://soup.example/pot?token=nutmeg")
PLAIN = WebhookUrl("http", "soup.example", 80, "/")
PUBLIC = "93.184.215.14"
INSIDE = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))

REFUSED = [
    pytest.param("127.0.0.1", "loopback", id="loopback"),
    pytest.param("127.255.255.254", "loopback", id="loopback-is-all-of-127"),
    pytest.param("0.0.0.0", "unspecified", id="unspecified-reaches-this-machine"),  # noqa: S104 - refused
    pytest.param("0.1.2.3", "this network", id="this-network"),
    pytest.param("10.0.0.1", "private", id="private-10"),
    pytest.param("172.16.0.1", "private", id="private-172-first"),
    pytest.param("172.31.255.255", "private", id="private-172-last"),
    pytest.param("192.168.1.1", "private", id="private-192"),
    pytest.param("100.64.0.1", "carrier-grade NAT", id="cgnat-first"),
    pytest.param("100.127.255.255", "carrier-grade NAT", id="cgnat-last"),
    pytest.param("100.100.100.200", "carrier-grade NAT", id="metadata-of-alibaba"),
    pytest.param("169.254.169.254", "link-local", id="metadata-of-most-clouds"),
    pytest.param("168.63.129.16", "cloud platform", id="metadata-of-azure-in-a-public-network"),
    pytest.param("192.0.0.192", "protocol assignments", id="metadata-of-oracle"),
    pytest.param("192.0.2.1", "documentation", id="documentation-1"),
    pytest.param("198.51.100.1", "documentation", id="documentation-2"),
    pytest.param("203.0.113.1", "documentation", id="documentation-3"),
    pytest.param("198.18.0.1", "benchmark", id="benchmark-first"),
    pytest.param("198.19.255.255", "benchmark", id="benchmark-last"),
    pytest.param("192.88.99.1", "6to4 relay", id="relay-of-6to4"),
    pytest.param("224.0.0.1", "multicast", id="multicast"),
    pytest.param("240.0.0.1", "reserved", id="reserved"),
    pytest.param("255.255.255.255", "reserved", id="broadcast"),
    pytest.param("::", "unspecified", id="unspecified-6"),
    pytest.param("::1", "loopback", id="loopback-6"),
    pytest.param("fe80::1", "link-local", id="link-local-6"),
    pytest.param("fe80::1%eth0", "zone", id="link-local-with-a-zone"),
    pytest.param("2606:4700::1111%1", "zone", id="public-with-a-zone"),
    pytest.param("fec0::1", "site-local", id="site-local"),
    pytest.param("fc00::1", "unique-local", id="unique-local-first-half"),
    pytest.param("fd00:ec2::254", "unique-local", id="metadata-of-amazon-over-6"),
    pytest.param("ff02::1", "multicast", id="multicast-6"),
    pytest.param("2001:db8::1", "documentation", id="documentation-6"),
    pytest.param("3fff::1", "documentation", id="documentation-6-of-2024"),
    pytest.param("2001:2::1", "benchmark", id="benchmark-6"),
    pytest.param("::ffff:127.0.0.1", "IPv4-mapped", id="loopback-mapped"),
    pytest.param("::ffff:93.184.215.14", "IPv4-mapped", id="public-mapped-is-not-judged-further"),
    pytest.param("::ffff:0:10.0.0.1", "IPv4-translated", id="private-translated"),
    pytest.param("::127.0.0.1", "IPv4-compatible", id="loopback-compatible"),
    pytest.param("64:ff9b::a00:1", "NAT64", id="private-behind-nat64"),
    pytest.param("64:ff9b:1::a00:1", "NAT64", id="private-behind-a-local-nat64"),
    pytest.param("2002:a00:1::1", "6to4", id="private-behind-6to4"),
    pytest.param("2001:0:a00:1::1", "Teredo", id="teredo"),
    pytest.param("2001:20::1", "protocol assignments", id="orchid"),
    pytest.param("100::1", "reserved", id="discard-only"),
    pytest.param("5f00::1", "reserved", id="segment-routing"),
    pytest.param("4000::1", "reserved", id="never-given-out"),
]


def answering(*addresses: str) -> Resolver:
    """Return what resolves any name to `addresses`."""
    return lambda _host, port, **_: [(0, 0, 0, "", (address, port)) for address in addresses]


def failing(error: Exception) -> Callable[..., list[tuple[int, int, int, str, tuple[str, int]]]]:
    def resolver(*_: object, **__: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        raise error

    return resolver


@pytest.mark.parametrize(("address", "use"), REFUSED)
def test_an_address_that_is_not_public_is_refused_with_what_it_is_for(address: str, use: str) -> None:
    shown = f"was {ip_address(address)}"

    with pytest.raises(AddressRefusedError, match=rf"{re.escape(shown)} \({use}\)$"):
        resolve(SOUP, (), answering(address))


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(PUBLIC, id="ipv4"),
        pytest.param("172.32.0.1", id="just-behind-private"),
        pytest.param("100.128.0.1", id="just-behind-cgnat"),
        pytest.param("2606:4700:4700::1111", id="ipv6"),
        pytest.param("2001:4860:4860::8888", id="ipv6-just-behind-protocol-assignments"),
    ],
)
def test_a_public_address_is_taken(address: str) -> None:
    assert resolve(SOUP, (), answering(address)) == (ip_address(address),)


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param((PUBLIC, "10.0.0.1"), id="last"),
        pytest.param(("10.0.0.1", PUBLIC), id="first"),
        pytest.param((PUBLIC, "2606:4700::1111", "::1"), id="of-another-family"),
    ],
)
def test_one_private_address_among_several_refuses_all(addresses: tuple[str, ...]) -> None:
    with pytest.raises(AddressRefusedError):
        resolve(SOUP, (), answering(*addresses))


@pytest.mark.parametrize("address", ["10.1.2.3", "fd00::1"])
def test_a_private_address_is_taken_within_allowed_networks_over_http_too(address: str) -> None:
    assert resolve(SOUP, INSIDE, answering(address)) == (ip_address(address),)
    assert resolve(PLAIN, INSIDE, answering(address)) == (ip_address(address),)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        pytest.param("127.0.0.1", INSIDE, id="another-network"),
        pytest.param("::ffff:10.0.0.1", INSIDE, id="mapped-into-an-allowed-network"),
        pytest.param("fe80::1%eth0", (ip_network("fe80::/10"),), id="zone-even-if-its-network-is-allowed"),
    ],
)
def test_allowed_networks_let_nothing_else_through(address: str, allowed: tuple[Network, ...]) -> None:
    with pytest.raises(AddressRefusedError):
        resolve(SOUP, allowed, answering(address))


def test_plain_http_never_leaves_allowed_networks() -> None:
    with pytest.raises(AddressRefusedError, match="must be https"):
        resolve(PLAIN, INSIDE, answering("10.0.0.1", PUBLIC))


def test_an_address_that_comes_twice_is_taken_once_and_order_is_kept() -> None:
    found = resolve(SOUP, (), answering("2606:4700::1111", PUBLIC, "2606:4700::1111"))

    assert list(map(str, found)) == ["2606:4700::1111", PUBLIC]


def test_a_literal_address_is_not_asked_for() -> None:
    url = WebhookUrl.parse(f"https://{PUBLIC}/")

    assert resolve(url, (), failing(AssertionError())) == (ip_address(PUBLIC),)


def test_the_resolver_is_told_the_host_and_the_port() -> None:
    asked: list[object] = []

    def resolver(*question: object, **more: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        asked.append((*question, more))
        return [(0, 0, 0, "", (PUBLIC, 443))]

    resolve(SOUP, (), resolver)

    assert asked == [("soup.example", 443, {"type": socket.SOCK_STREAM})]


@pytest.mark.parametrize(
    "resolver",
    [
        pytest.param(failing(socket.gaierror(socket.EAI_NONAME, "unknown")), id="unknown-name"),
        pytest.param(failing(TimeoutError()), id="resolver-does-not-answer"),
        pytest.param(failing(UnicodeError()), id="name-that-cannot-be-encoded"),
        pytest.param(answering(), id="no-addresses"),
    ],
)
def test_a_name_without_addresses_is_no_refusal_and_shows_no_query(resolver: Resolver) -> None:
    with pytest.raises(NameUnresolvedError, match=r"^https://soup\.example: ") as caught:
        resolve(SOUP, (), resolver)

    assert "nutmeg" not in str(caught.value)


def test_another_kind_of_address_is_refused() -> None:
    with pytest.raises(AddressRefusedError, match="another kind"):
        resolve(SOUP, (), answering("/run/soup.sock"))
