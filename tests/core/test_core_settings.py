from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tocsin.assessment import Tier
from tocsin.errors import SettingsError
from tocsin.settings import Settings, settings

VALID: dict[str, tuple[str, Any]] = {
    "data": ("/srv/corpora", Path("/srv/corpora")),
    "bundle": ("bundles/kitchen", Path("bundles/kitchen")),
    "policy": ("kitchen.toml", Path("kitchen.toml")),
    "tier": ("encoder", Tier.ENCODER),
    "threads": ("4", 4),
    "cascade_loss": ("0.05", 0.05),
    "cascade_check": ("0.1", 0.1),
    "cascade_refit": ("clearing.json", Path("clearing.json")),
    "assume_language": ("de", "de"),
    "max_characters": ("500", 500),
}


def test_every_setting_is_tried_here() -> None:
    assert set(VALID) == set(Settings.model_fields)


@pytest.mark.parametrize("name", VALID)
def test_a_setting_comes_from_its_variable_and_from_no_other(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, value = VALID[name]
    monkeypatch.setenv(f"TOCSIN_{name.upper()}", written)
    monkeypatch.setenv(name.upper(), "unprefixed")

    given = settings().model_dump()

    assert given.pop(name) == value
    assert given == {other: field.default for other, field in Settings.model_fields.items() if other != name}


def test_an_empty_environment_gives_the_defaults() -> None:
    assert settings().model_dump() == {
        "data": None,
        "bundle": None,
        "policy": None,
        "tier": None,
        "cascade_loss": None,
        "cascade_check": 0.01,
        "cascade_refit": None,
        "threads": 0,
        "assume_language": "en",
        "max_characters": 20_480,
    }


@pytest.mark.parametrize("name", VALID)
def test_an_empty_variable_counts_as_unset(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"TOCSIN_{name.upper()}", "")

    assert settings() == Settings()
    assert getattr(settings(), name) == Settings.model_fields[name].default


@pytest.mark.parametrize(
    ("variable", "value", "rule"),
    [
        pytest.param("TOCSIN_MAX_CHARACTERS", "0", "greater than or equal to 1", id="below"),
        pytest.param("TOCSIN_MAX_CHARACTERS", "10000001", "less than or equal to 10000000", id="above"),
        pytest.param("TOCSIN_MAX_CHARACTERS", "many", "a valid integer", id="no-number"),
        pytest.param("TOCSIN_MAX_CHARACTERS", "1.5", "a valid integer", id="no-whole-number"),
        pytest.param("TOCSIN_CASCADE_LOSS", "0", "greater than 0", id="no-loss"),
        pytest.param("TOCSIN_CASCADE_LOSS", "1", "less than 1", id="all-lost"),
        pytest.param("TOCSIN_CASCADE_CHECK", "-0.1", "greater than or equal to 0", id="less-than-none"),
        pytest.param("TOCSIN_CASCADE_CHECK", "1.1", "less than or equal to 1", id="more-than-all"),
        pytest.param("TOCSIN_ASSUME_LANGUAGE", "EN", "match pattern", id="capitals"),
        pytest.param("TOCSIN_ASSUME_LANGUAGE", "en-GB", "match pattern", id="tag-with-region"),
        pytest.param("TOCSIN_ASSUME_LANGUAGE", "english", "match pattern", id="a-name-is-no-code"),
    ],
)
def test_an_invalid_value_is_an_error_with_variable_rule_and_value(
    variable: str, value: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as caught:
        settings()

    message = str(caught.value)
    assert message.startswith(f"{variable}: ")
    assert message.endswith(f", was {value!r}")
    assert rule in message


@pytest.mark.parametrize("limit", ["1", "10000000"])
def test_a_limit_may_be_reached(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_MAX_CHARACTERS", limit)

    assert settings().max_characters == int(limit)


def test_no_language_may_be_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_ASSUME_LANGUAGE", "none")

    assert settings().assume_language == "none"


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = settings()
    monkeypatch.setenv("TOCSIN_MAX_CHARACTERS", "5")

    assert settings() is first


def test_an_error_is_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_MAX_CHARACTERS", "many")
    with pytest.raises(SettingsError):
        settings()
    monkeypatch.setenv("TOCSIN_MAX_CHARACTERS", "5")

    assert settings().max_characters == 5


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        settings().max_characters = 5
