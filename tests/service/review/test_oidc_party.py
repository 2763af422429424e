"""Who we are to the provider: all of it is set, or nothing; the secret is its owner's; work is bounded."""

from __future__ import annotations

import asyncio
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import MissingExtraError, SettingsError
from tocsin.service.review.accounts.oidc import provider as module
from tocsin.service.review.accounts.oidc.faults import Fault, ProviderError
from tocsin.service.review.accounts.oidc.making import make_provider
from tocsin.service.review.accounts.oidc.party import Party, party_of
from tocsin.service.review.accounts.oidc.provider import Provider
from tocsin.service.review.settings import ReviewSettings, review_settings

PARTY = Party(
    "https://id.example", "tocsin", "salt", "the kitchen", "https://review.example/review/oidc/callback"
)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "oidc.secret"
    path.write_text("salt\n")
    path.chmod(0o600)
    return path


def settings(secret: Path, **more: Any) -> ReviewSettings:
    given = {
        "oidc_issuer": "https://id.example",
        "oidc_client_id": "tocsin",
        "oidc_client_secret_file": secret,
        "oidc_name": "the kitchen",
        "console_url": "https://review.example/",
    }
    return review_settings(**{**given, **more})


def without(secret: Path, *names: str) -> ReviewSettings:
    return settings(secret, **dict.fromkeys(names))


def test_the_settings_say_who_we_are(secret: Path) -> None:
    assert party_of(settings(secret)) == PARTY


def test_where_no_provider_is_named_there_is_none(secret: Path) -> None:
    assert party_of(review_settings()) is None
    assert party_of(review_settings(console_url="https://review.example")) is None
    assert make_provider(review_settings()) is None


@pytest.mark.parametrize(
    "missing",
    [
        ["oidc_issuer"],
        ["oidc_client_id"],
        ["oidc_client_secret_file"],
        ["console_url"],
        ["oidc_client_id", "console_url"],
    ],
    ids=" and ".join,
)
def test_half_a_provider_is_refused_by_the_name_of_what_is_missing(secret: Path, missing: list[str]) -> None:
    with pytest.raises(SettingsError, match=f"^TOCSIN_REVIEW_{missing[0]}:".upper()):
        party_of(without(secret, *missing))


def test_passwords_are_not_turned_off_where_there_is_no_provider() -> None:
    with pytest.raises(SettingsError, match=r"^TOCSIN_REVIEW_OIDC_ONLY:"):
        party_of(review_settings(oidc_only=True))


def test_a_secret_that_others_can_read_is_refused(secret: Path) -> None:
    secret.chmod(0o640)

    with pytest.raises(SettingsError, match="chmod 600"):
        make_provider(settings(secret))


@pytest.mark.parametrize("content", ["", "\n", "salt\npepper\n", "sälz", "a" * 1_025, "salt\x00"], ids=repr)
def test_a_file_that_holds_no_secret_is_refused_and_not_shown(secret: Path, content: str) -> None:
    secret.write_text(content)

    with pytest.raises(SettingsError) as refused:
        party_of(settings(secret))
    assert str(refused.value).startswith(str(secret))
    assert "pepper" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="none"):
        party_of(settings(tmp_path / "none"))


def test_the_secret_is_not_shown(secret: Path) -> None:
    assert "salt" not in repr(party_of(settings(secret)))


def test_without_the_extra_the_command_that_installs_it_is_named(
    secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == "joserfc"]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("provider", "keys", "id_token"):
        monkeypatch.delitem(sys.modules, f"tocsin.service.review.accounts.oidc.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "joserfc", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'tocsin\[oidc\]'"):
        make_provider(settings(secret))
    assert make_provider(review_settings()) is None


@pytest.fixture
def provider() -> Provider:
    return Provider(PARTY)


def test_too_many_who_wait_for_the_provider_are_sent_away(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_ASKED", 2)
    done = threading.Event()

    async def ask() -> list[Any]:
        waiting = [asyncio.create_task(provider.aside(lambda: done.wait(60))) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(ProviderError) as refused:
            await provider.aside(lambda: None)
        assert refused.value.fault is Fault.AWAY
        done.set()
        return [*await asyncio.gather(*waiting), await provider.aside(lambda: "room again")]

    assert asyncio.run(ask()) == [True, True, "room again"]
    provider.close()


def test_nobody_waits_longer_than_it_may_take(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", 0.05)
    done = threading.Event()

    async def ask() -> None:
        with pytest.raises(ProviderError) as refused:
            await provider.aside(lambda: done.wait(60))
        assert refused.value.fault is Fault.AWAY
        done.set()
        await asyncio.to_thread(provider.close)

    asyncio.run(ask())
