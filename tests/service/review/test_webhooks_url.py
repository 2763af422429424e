from __future__ import annotations

from ipaddress import ip_network

import pytest

from tocsin.errors import InputError
from tocsin.service.review.webhooks import AddressRefusedError, WebhookUrl

INSIDE = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))

MALFORMED = [
    pytest.param("ftp://soup.example/", "must be https", id="another-scheme"),
    pytest.param("//soup.example/", "must be https", id="no-scheme"),
    pytest.param("http://soup.example/", "must be https", id="plain-http-with-nothing-allowed"),
    pytest.param("https:///path", "host name", id="no-host"),
    pytest.param("https:/soup.example", "host name", id="one-slash-is-a-path"),
    pytest.param("https://cook:salt@soup.example/", "no user or password", id="user-and-password"),
    pytest.param("https://soup.example@10.0.0.1/", "no user or password", id="user-that-looks-like-the-host"),
    pytest.param("https://soup.example/#top", "no fragment", id="fragment"),
    pytest.param("https://soup.example/#", "no fragment", id="empty-fragment"),
    pytest.param("https://soup.example:0/", "between 1 and 65535, was 0", id="port-zero"),
    pytest.param("https://soup.example:65536/", "between 1 and 65535, was 65536", id="port-too-large"),
    pytest.param("https://soup.example:https/", "host name", id="port-in-words"),
    pytest.param("https://soup.example:/", "host name", id="colon-without-port"),
    pytest.param("https://soup.example./", "no dot at its end", id="dot-at-the-end"),
    pytest.param("https://soup..example/", "host name", id="empty-label"),
    pytest.param("https://-soup.example/", "host name", id="hyphen-first"),
    pytest.param(f"https://{'s' * 64}.example/", "host name", id="label-too-long"),
    pytest.param("https://" + "soup." * 51 + "example/", "host name", id="name-too-long"),
    pytest.param("https://s%6fup.example/", "host name", id="escape-in-the-host"),
    pytest.param("https://süppe.example/", "ASCII", id="international-name-not-in-xn"),
    pytest.param("https://１27.0.0.1/", "ASCII", id="fullwidth-digit"),
    pytest.param("https://127。0。0。1/", "ASCII", id="ideographic-full-stop"),
    pytest.param("https://soup.example/süppe", "ASCII", id="path-not-escaped"),
    pytest.param(
        "https://soup.example\\@10.0.0.1/", "backslash", id="backslash-that-browsers-take-for-a-slash"
    ),
    pytest.param("https://soup.exa\tmple/", "no space", id="tab-that-parsers-drop"),
    pytest.param("https://soup.example/ HTTP/1.1\r\nX: y", "no space", id="second-header"),
    pytest.param(" https://soup.example/", "no space", id="space-before"),
    pytest.param("https://soup.example/" + "s" * 2048, "2048", id="too-long"),
    pytest.param("https://[soup.example]/", "host name", id="name-in-brackets"),
    pytest.param("https://[1.1.1.1]/", "host name", id="ipv4-in-brackets"),
    pytest.param("https://[2606:4700::1111]soup.example/", "host name", id="name-behind-brackets"),
    pytest.param("https://[2606:4700::1111/", "host name", id="bracket-left-open"),
    pytest.param("https://[fe80::1%25eth0]/", "host name", id="zone"),
    pytest.param("https://2130706433/", "four decimal numbers", id="loopback-as-one-number"),
    pytest.param("https://0x7f000001/", "four decimal numbers", id="loopback-in-hex"),
    pytest.param("https://0x7f.1/", "four decimal numbers", id="loopback-in-hex-and-short"),
    pytest.param("https://127.1/", "four decimal numbers", id="loopback-short"),
    pytest.param("https://0177.0.0.1/", "four decimal numbers", id="loopback-in-octal"),
    pytest.param("https://127.0.0.0x1/", "four decimal numbers", id="loopback-with-hex-last"),
    pytest.param("https://0X7F.0X1/", "four decimal numbers", id="loopback-in-capital-hex"),
    pytest.param("https://256.1.1.1/", "four decimal numbers", id="no-address-at-all"),
]


@pytest.mark.parametrize(("text", "rule"), MALFORMED)
def test_a_malformed_address_is_refused_with_the_rule_that_it_breaks(text: str, rule: str) -> None:
    with pytest.raises(InputError, match=rule):
        WebhookUrl.parse(text)


@pytest.mark.parametrize(
    ("text", "origin", "target"),
    [
        pytest.param("https://soup.example", "https://soup.example", "/", id="shortest"),
        pytest.param("HTTPS://Soup.Example/A", "https://soup.example", "/A", id="capitals"),
        pytest.param("https://soup.example:443/a?b=c", "https://soup.example", "/a?b=c", id="usual-port"),
        pytest.param("https://soup.example:8443?b=c", "https://soup.example:8443", "/?b=c", id="own-port"),
        pytest.param("https://xn--sppe-0ra.example/", "https://xn--sppe-0ra.example", "/", id="xn"),
        pytest.param("https://pot_1/", "https://pot_1", "/", id="one-label-as-in-a-cluster"),
        pytest.param("https://1.1.1.1/", "https://1.1.1.1", "/", id="ipv4"),
        pytest.param("https://[2606:4700:0::1111]:1/", "https://[2606:4700::1111]:1", "/", id="ipv6"),
        pytest.param("https://soup.example/%40a@b", "https://soup.example", "/%40a@b", id="at-in-the-path"),
    ],
)
def test_a_good_address_is_taken_apart(text: str, origin: str, target: str) -> None:
    url = WebhookUrl.parse(text)

    assert (url.origin, url.target) == (origin, target)


def test_plain_http_is_taken_where_networks_are_allowed() -> None:
    url = WebhookUrl.parse("http://pot:8080/a", INSIDE)

    assert (url.scheme, url.port, url.authority) == ("http", 8080, "pot:8080")
    assert WebhookUrl.parse("http://pot/", INSIDE).port == 80


def test_a_literal_address_inside_is_refused_at_once_unless_allowed() -> None:
    with pytest.raises(AddressRefusedError, match=r"https://10\.1\.2\.3: .* was 10\.1\.2\.3 \(private\)"):
        WebhookUrl.parse("https://10.1.2.3/")
    assert WebhookUrl.parse("https://10.1.2.3/", INSIDE).host == "10.1.2.3"
    assert WebhookUrl.parse("http://[fd00::1]/", INSIDE).authority == "[fd00::1]"


def test_plain_http_to_a_literal_public_address_is_refused_whatever_is_allowed() -> None:
    with pytest.raises(AddressRefusedError, match="must be https, or http to a network that allow names"):
        WebhookUrl.parse("http://1.1.1.1/", INSIDE)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://soup.example/nutmeg?token=nutmeg#nutmeg", id="path-query-fragment"),
        pytest.param("https://cook:nutmeg@soup.example/", id="password"),
        pytest.param("https://cook:nut/nutmeg@soup.example/ ", id="password-with-a-slash"),
        pytest.param("https://soup.example:nutmeg/", id="what-stands-for-a-port"),
        pytest.param("nutmeg", id="no-url-at-all"),
    ],
)
def test_an_error_shows_nothing_that_may_be_a_secret(text: str) -> None:
    with pytest.raises(InputError) as caught:
        WebhookUrl.parse(text)

    assert "nutmeg" not in str(caught.value)


def test_what_is_shown_of_an_address_has_neither_path_nor_query() -> None:
    assert "nutmeg" not in repr(WebhookUrl.parse("https://soup.example/nutmeg?token=nutmeg"))
