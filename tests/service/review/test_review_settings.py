"""What an operator tells the queue: each from its variable, checked, and never shown where it is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tocsin.errors import SettingsError
from tocsin.service.review.queue import PATIENCE_HOURS, Queue
from tocsin.service.review.settings import ENV_PREFIX, ReviewSettings, review_settings

GOOD: dict[str, tuple[str, Any]] = {
    "database": ("postgresql://cook:kettle@db/queue", "postgresql://cook:kettle@db/queue"),
    "log_key": ("/srv/log.key", Path("/srv/log.key")),
    "webhooks": ("/srv/hooks.toml", Path("/srv/hooks.toml")),
    "compliance": ("/srv/compliance.toml", Path("/srv/compliance.toml")),
    "audit_share": ("0.25", 0.25),
    "learning_share": ("0.25", 0.25),
    "double_share": ("0.02", 0.02),
    "lease_seconds": ("60", 60),
    "claims_each": ("3", 3),
    "undo_seconds": ("0", 0),
    "order_minutes": ("30", 30),
    "page_minutes": ("2", 2),
    "severe_a_shift": ("0", 0),
    "shift_hours": ("7.5", 7.5),
    "severe_in_a_row": ("3", 3),
    "deadline_minutes": ("45", 45),
    "reach_weight": ("1", 1.0),
    "console": ("false", False),
    "session_minutes": ("30", 30),
    "session_hours": ("8", 8),
    "require_totp": ("true", True),
    "console_url": ("https://review.soup.example:8443/", "https://review.soup.example:8443"),
    "oidc_issuer": ("https://10.0.0.9/realms/kitchen/", "https://10.0.0.9/realms/kitchen/"),
    "oidc_client_id": ("tocsin kitchen", "tocsin kitchen"),
    "oidc_client_secret_file": ("/srv/oidc.secret", Path("/srv/oidc.secret")),
    "oidc_name": ("the Köche", "the Köche"),
    "oidc_only": ("true", True),
    "patience": ("review=48, random=336", {**PATIENCE_HOURS, Queue.REVIEW: 48, Queue.RANDOM: 336}),
}
BAD = {
    "audit_share": ["1.01", "-0.01", "nan", "half"],
    "learning_share": ["1.01", "-0.01", "nan", "half"],
    "double_share": ["1.01", "-0.01", "nan"],
    "lease_seconds": ["9", "86401", "60.5"],
    "claims_each": ["0", "1001"],
    "undo_seconds": ["-1", "604801"],
    "order_minutes": ["0"],
    "page_minutes": ["0"],
    "severe_a_shift": ["-1", "10001", "few"],
    "shift_hours": ["0", "169", "nan"],
    "severe_in_a_row": ["-1", "1001"],
    "deadline_minutes": ["-1", "1441"],
    "reach_weight": ["1.5", "inf"],
    "console": ["perhaps"],
    "session_minutes": ["0", "1441"],
    "session_hours": ["0", "169"],
    "require_totp": ["perhaps"],
    "console_url": [
        "kettle.example",
        "http://kettle.example",
        "https://kettle.example/pot",
        "https://kettle.example?",
        "https://cook@kettle.example",
        "HTTP://10.0.0.9",
        "https://kettle example",
    ],
    "oidc_issuer": [
        "kettle",
        "http://kettle.example",
        "http://10.0.0.9",
        "https://kettle.example?a=b",
        "https://kettle.example/a|b",
        "https://kettle.example#a",
        "https://cook:kettle@soup.example",
        "https://kettle.example/" + "a" * 512,
        "ftp://kettle.example",
    ],
    "oidc_client_id": ["Kettle\n", "kettlé", "kettle" * 50],
    "oidc_name": ["ket\ntle", "kettle" * 11],
    "oidc_only": ["kettle"],
    "patience": ["kettle", "kettle=4", "review=0", "review=8761", "review=", "review=kettle", "=4"],
}


def test_every_setting_is_tried_here() -> None:
    assert set(GOOD) == set(ReviewSettings.model_fields)


@pytest.mark.parametrize("name", GOOD)
def test_a_setting_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    given, expected = GOOD[name]
    monkeypatch.setenv(f"{ENV_PREFIX}{name}".upper(), given)
    assert getattr(review_settings(), name) == expected


@pytest.mark.parametrize("name", GOOD)
def test_an_empty_variable_is_unset(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    usual = getattr(review_settings(), name)
    monkeypatch.setenv(f"{ENV_PREFIX}{name}".upper(), "")
    assert getattr(review_settings(), name) == usual


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_REVIEW_CLAIMS_EACH", "3")
    assert review_settings(claims_each=4, audit_share=None).claims_each == 4


@pytest.mark.parametrize(("name", "given"), [(name, one) for name, values in BAD.items() for one in values])
def test_a_bad_value_is_refused_by_its_name_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str
) -> None:
    variable = f"{ENV_PREFIX}{name}".upper()
    monkeypatch.setenv(variable, given)
    with pytest.raises(SettingsError, match=f"^{variable}") as refused:
        review_settings()
    assert "kettle" not in str(refused.value).lower()
    assert "\n" not in str(refused.value)


def test_an_unknown_queue_is_refused_with_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_REVIEW_PATIENCE", "soup=4")
    with pytest.raises(SettingsError, match="'orders', 'urgent'"):
        review_settings()


def test_hours_out_of_range_name_their_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_REVIEW_PATIENCE", "review=0")
    with pytest.raises(SettingsError, match=r"^TOCSIN_REVIEW_PATIENCE\.REVIEW: "):
        review_settings()


def test_settings_do_not_show_the_address_of_the_database() -> None:
    shown = repr(review_settings(database="postgresql://cook:kettle@db/queue"))
    assert "kettle" not in shown
