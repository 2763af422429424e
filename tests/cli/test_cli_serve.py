from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import tocsin.service.serving
from tocsin.cli.app import app
from tocsin.errors import SettingsError
from tocsin.service.api.settings import ENV_PREFIX, ServeSettings
from tocsin.signals import Signal


@dataclass(frozen=True)
class Three:
    """Hold three values of a setting that differ: as an option or a variable says them, and in TOML."""

    file: Any
    variable: str
    flag: str
    expected: tuple[Any, Any, Any]


def plain(file: Any, variable: Any, flag: Any) -> Three:
    return Three(file, str(variable), str(flag), (file, variable, flag))


def path(file: str, variable: str, flag: str) -> Three:
    return Three(file, variable, flag, (Path(file), Path(variable), Path(flag)))


def switch() -> Three:
    return Three(True, "false", "on", (True, False, True))


def names(file: str, variable: str, flag: str) -> Three:
    return Three([file, "x"], f"{variable},x", f"{flag}, x", ((file, "x"), (variable, "x"), (flag, "x")))


THREE = {
    "bundle": path("a", "b", "c"),
    "tier": plain("encoder", "screen", "encoder"),
    "bundle_digest": plain("sha256:a", "sha256:b", "sha256:c"),
    "policy": path("a.toml", "b.toml", "c.toml"),
    "assume_language": plain("de", "none", "en"),
    "max_characters": plain(100, 200, 300),
    "host": plain("127.0.0.2", "127.0.0.3", "127.0.0.4"),
    "port": plain(1001, 1002, 1003),
    "workers": plain(2, 3, 4),
    "state": path("a", "b", "c"),
    "insecure_local": switch(),
    "public_url": plain("https://a.example", "https://b.example", "https://c.example/tocsin"),
    "allowed_hosts": names("a.example", "b.example", "c.example"),
    "trusted_proxies": names("192.0.2.1", "192.0.2.2", "192.0.2.3"),
    "metrics_port": plain(9101, 9102, 9103),
    "log_level": plain("debug", "warning", "error"),
    "access_log": switch(),
    "limit_per_minute": plain(60, 600, 6_000),
    "max_body_bytes": plain(2_048, 4_096, 8_192),
    "max_stream_bytes": plain(2_048, 4_096, 8_192),
    "max_items": plain(1, 2, 3),
    "max_requests": plain(1, 2, 3),
    "max_waiting": plain(1, 2, 3),
    "batch_items": plain(1, 2, 3),
    "batch_wait_ms": plain(0.5, 1.5, 2.5),
    "deadline_ms": plain(1, 2, 3),
    "body_timeout_ms": plain(1, 2, 3),
    "shutdown_seconds": plain(1, 2, 3),
    "cache_entries": plain(1, 2, 3),
    "feedback": switch(),
    "review": switch(),
    "perspective_map": Three(
        {"TOXICITY": "hate"},
        "TOXICITY=threat",
        "TOXICITY=incitement, INSULT=hate",
        (
            {"TOXICITY": Signal.HATE},
            {"TOXICITY": Signal.THREAT},
            {"TOXICITY": Signal.INCITEMENT, "INSULT": Signal.HATE},
        ),
    ),
    "openai_unscorable": Three("clear", "error", "clear", ("clear", "error", "clear")),
    "openai_categories": path("a.toml", "b.toml", "c.toml"),
    "shadow_bundle": path("a", "b", "c"),
    "shadow_tier": plain("screen", "encoder", "screen"),
    "shadow_policy": path("a.toml", "b.toml", "c.toml"),
    "shadow_share": plain(0.25, 0.5, 0.75),
}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[ServeSettings]:
    """Return where the settings of servers go that would have been started."""
    found: list[ServeSettings] = []

    def run(settings: ServeSettings, say: Callable[[str], None]) -> None:
        found.append(settings)

    monkeypatch.setattr(tocsin.service.serving, "run", run, raising=False)
    return found


def serve(*arguments: str) -> None:
    done = CliRunner().invoke(app, ["serve", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {as_toml(one)}" for name, one in value.items()) + "}"
    return json.dumps(value)


def as_flag(name: str, value: str) -> list[str]:
    option = f"--{name.replace('_', '-')}"
    return [option] if value == "on" else [option, value]


def test_no_setting_is_missing_here() -> None:
    assert list(THREE) == list(ServeSettings.model_fields)


@pytest.mark.parametrize("name", THREE)
def test_a_setting_comes_by_file_then_by_variable_then_by_option(
    name: str, given: list[ServeSettings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three = THREE[name]
    file = tmp_path / "serve.toml"
    file.write_text(f"{name} = {as_toml(three.file)}\n", encoding="utf-8")

    serve()
    serve("--config", str(file))
    monkeypatch.setenv(f"{ENV_PREFIX}{name.upper()}", three.variable)
    serve("--config", str(file))
    serve("--config", str(file), *as_flag(name, three.flag))

    default, *found = (getattr(settings, name) for settings in given)
    assert default == ServeSettings.model_fields[name].default
    assert tuple(found) == three.expected


@pytest.mark.parametrize("name", THREE)
def test_a_value_of_the_file_is_none_of_the_others(name: str) -> None:
    first, second, third = THREE[name].expected

    assert first != second != third
    assert first == third or not isinstance(first, bool)


@pytest.mark.parametrize("name", [name for name, three in THREE.items() if three == switch()])
def test_a_switch_can_be_turned_off_where_a_variable_turns_it_on(
    name: str, given: list[ServeSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{ENV_PREFIX}{name.upper()}", "true")
    serve(f"--no-{name.replace('_', '-')}")

    assert getattr(given[0], name) is False


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["--port", "70000"], 2, id="beyond the bounds of a setting"),
        pytest.param(["--log-level", "loud"], 2, id="none of its choices"),
        pytest.param(["--soup", "1"], 2, id="no setting at all"),
        pytest.param(["--workers", "many"], 2, id="no number"),
    ],
)
def test_an_option_that_breaks_its_rule_is_wrong_usage(
    arguments: list[str], code: int, given: list[ServeSettings]
) -> None:
    done = CliRunner().invoke(app, ["serve", *arguments])

    assert done.exit_code == code
    assert not given


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param(
            "port = 70000", "port: Input should be less than or equal to 65535, was 70000", id="bound"
        ),
        pytest.param("soup = 1", "soup: Extra inputs are not permitted, was 1", id="no setting"),
        pytest.param("port = ", "serve.toml: ", id="no TOML"),
    ],
)
def test_a_file_that_breaks_a_rule_is_an_error_that_names_it(
    content: str, why: str, given: list[ServeSettings], tmp_path: Path
) -> None:
    file = tmp_path / "serve.toml"
    file.write_text(content, encoding="utf-8")
    done = CliRunner().invoke(app, ["serve", "--config", str(file)])

    assert isinstance(done.exception, SettingsError)
    assert why in str(done.exception)
    assert not given


def test_a_missing_extra_is_an_error_that_says_how_to_install_it(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['uvicorn'] = None; sys.argv = ['tocsin', 'serve', '--port', '0'];"
        "from tocsin.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 1
    assert done.stderr == (
        "tocsin: tocsin serve needs an optional dependency; install it with: pip install 'tocsin[service]'\n"
    )


def test_the_command_line_starts_without_the_framework() -> None:
    script = "import tocsin.cli.app, sys; print({'fastapi', 'starlette', 'uvicorn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
