from __future__ import annotations

import base64
import os
from ipaddress import ip_network
from pathlib import Path

import pytest

from tocsin.errors import SettingsError
from tocsin.service.review.webhooks import Endpoint, WebhookUrl, read_endpoints

KNOWN = ("item.queued", "item.decided", "item.expired")
KEY = b"n" * 32
SECRET = "whsec_" + base64.b64encode(KEY).decode()
SOUP = '[[webhook]]\nname = "soup"\nurl = "https://soup.example/pot"\nsecret_file = "soup.secret"\n'


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    keep(tmp_path / "soup.secret", SECRET + "\n")
    return tmp_path / "webhooks.toml"


def keep(path: Path, content: str, mode: int = 0o600) -> None:
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)


def test_an_endpoint_is_told_of_everything_unless_it_names_events(toml: Path) -> None:
    toml.write_text(SOUP, encoding="utf-8")

    assert read_endpoints(toml, KNOWN) == (
        Endpoint("soup", WebhookUrl.parse("https://soup.example/pot"), (KEY,), frozenset(KNOWN)),
    )


def test_an_endpoint_may_name_events_and_allow_networks(toml: Path) -> None:
    more = 'events = ["item.decided"]\nallow = ["10.0.0.0/8", "fd00::/8"]\n'
    toml.write_text(SOUP.replace("https://soup.example", "http://10.1.2.3:8080") + more, encoding="utf-8")

    (endpoint,) = read_endpoints(toml, KNOWN)

    assert endpoint.url.origin == "http://10.1.2.3:8080"
    assert endpoint.events == {"item.decided"}
    assert endpoint.allowed == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def test_endpoints_keep_their_order_and_may_share_a_secret(toml: Path) -> None:
    toml.write_text(SOUP.replace('"soup"', '"stew"') + SOUP, encoding="utf-8")

    assert [endpoint.name for endpoint in read_endpoints(toml, KNOWN)] == ["stew", "soup"]


def test_a_file_without_webhooks_has_no_endpoints(toml: Path) -> None:
    toml.write_text("", encoding="utf-8")

    assert read_endpoints(toml, KNOWN) == ()


def test_a_secret_file_holds_several_while_one_is_changed_for_another(toml: Path) -> None:
    other = "whsec_" + base64.b64encode(b"o" * 24).decode()
    keep(toml.parent / "soup.secret", f"{other}\n\n  {SECRET}  \n")
    toml.write_text(SOUP, encoding="utf-8")

    assert read_endpoints(toml, KNOWN)[0].secrets == (b"o" * 24, KEY)


def test_an_endpoint_shows_neither_secrets_nor_path(toml: Path) -> None:
    toml.write_text(SOUP, encoding="utf-8")
    shown = repr(read_endpoints(toml, KNOWN))

    assert "nnn" not in shown
    assert "pot" not in shown


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(SOUP + 'event = ["x"]', "the keys are name, url, secret_file, events, allow", id="key"),
        pytest.param("webhooks = 1", "the keys are webhook", id="unknown-table"),
        pytest.param(SOUP.replace("name", "title"), "webhook.0.name: Field required", id="no-name"),
        pytest.param(SOUP.replace('"soup"', '"Soup!"'), "webhook.0.name", id="name-not-for-logs"),
        pytest.param(SOUP + SOUP, "must be one endpoint's alone, was 'soup' 2 times", id="name-twice"),
        pytest.param(
            SOUP + 'events = ["item.eaten"]',
            "must be one of item.decided, item.expired, item.queued, was 'item.eaten'",
            id="unknown-event",
        ),
        pytest.param(SOUP + "events = []", "webhook.0.events", id="no-event-at-all"),
        pytest.param(SOUP + 'events = "item.decided"', "webhook.0.events", id="event-not-in-a-list"),
        pytest.param(SOUP + 'allow = ["10.0.0.1/8"]', "soup: allow: must hold networks", id="host-bits-set"),
        pytest.param(SOUP + 'allow = ["home"]', "allow: must hold networks .* was 'home'", id="no-network"),
        pytest.param(SOUP.replace("https", "http"), "must be https, or http to", id="plain-http"),
        pytest.param(SOUP.replace("soup.example", "10.0.0.1"), r"was 10.0.0.1 \(private\)", id="inside"),
        pytest.param(SOUP.replace("soup.secret", "stew.secret"), "stew.secret: must be readable", id="gone"),
        pytest.param(SOUP.replace('"soup.secret"', '""'), "webhook.0.secret_file", id="no-secret-file"),
        pytest.param("[[webhook", "must be TOML", id="no-toml"),
    ],
)
def test_what_a_file_gets_wrong_is_named(toml: Path, content: str, why: str) -> None:
    toml.write_text(content, encoding="utf-8")

    with pytest.raises(SettingsError, match=why) as caught:
        read_endpoints(toml, KNOWN)
    assert str(toml) in str(caught.value)


@pytest.mark.parametrize("content", [b"\xff", None], ids=["no-utf-8", "no-file"])
def test_a_file_that_cannot_be_read_is_an_error(toml: Path, content: bytes | None) -> None:
    if content is not None:
        toml.write_bytes(content)

    with pytest.raises(SettingsError, match=r"webhooks\.toml: must be"):
        read_endpoints(toml, KNOWN)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("\n", "must hold a secret, holds none", id="empty"),
        pytest.param("nutmeg", "starts otherwise", id="no-secret"),
        pytest.param(f"{SECRET}\nwhsec_nutmeg+", "no base64|bytes", id="second-line-is-none"),
        pytest.param("nutmeg" * 1_000, "at most 4,096 bytes", id="too-long"),
        pytest.param("whsec_Öl", "no base64", id="no-ascii"),
    ],
)
def test_a_bad_secret_file_is_named_and_not_shown(toml: Path, content: str, why: str) -> None:
    keep(toml.parent / "soup.secret", content)
    toml.write_text(SOUP, encoding="utf-8")

    with pytest.raises(SettingsError, match=rf"soup\.secret: .*({why})") as caught:
        read_endpoints(toml, KNOWN)
    assert "nutmeg" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_secret_that_others_could_read_or_write_is_refused(toml: Path, mode: int) -> None:
    keep(toml.parent / "soup.secret", SECRET, mode)
    toml.write_text(SOUP, encoding="utf-8")

    with pytest.raises(SettingsError, match=rf"owner alone \(chmod 600\), was {mode:04o}"):
        read_endpoints(toml, KNOWN)


def test_a_secret_that_belongs_to_a_stranger_is_refused(toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml.write_text(SOUP, encoding="utf-8")
    secret = toml.parent / "soup.secret"
    if os.geteuid() == 0:
        os.chown(secret, 4_242, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4_242)

    with pytest.raises(SettingsError, match="must belong to whoever runs tocsin"):
        read_endpoints(toml, KNOWN)


def test_a_secret_in_the_file_itself_is_refused_and_not_shown(toml: Path) -> None:
    toml.write_text(SOUP + f'secret = "{SECRET}"', encoding="utf-8")

    with pytest.raises(SettingsError, match="is no key here") as caught:
        read_endpoints(toml, KNOWN)
    assert SECRET not in str(caught.value)
