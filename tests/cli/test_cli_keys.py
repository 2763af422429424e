from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError
from tocsin.service.keys import FileKeys, Key, KeyFile, Scope
from tocsin.service.keys.secret import id_of


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def keys(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["keys", *arguments, "--state", str(state)])


def created(state: Path, *arguments: str) -> str:
    done = keys(state, "create", *arguments)
    assert done.exit_code == 0, done.stderr
    return done.stdout.removesuffix("\n")


def found(state: Path, secret: str) -> Key:
    key = FileKeys(KeyFile(state)).find(secret)
    assert key is not None
    return key


def test_a_new_key_is_its_secret_alone_on_standard_output(state: Path) -> None:
    done = keys(state, "create", "--name", "choir")

    assert done.exit_code == 0
    assert done.stderr == ""
    key = found(state, done.stdout.removesuffix("\n"))
    assert key.name == "choir"
    assert key.scopes == {Scope.SCORE}
    assert (key.per_minute, key.expires) == (None, None)


def test_a_key_is_as_it_was_asked_for(state: Path) -> None:
    asked = ["--scope", "score", "--scope", "explain", "--per-minute", "600", "--expires", "2131-05-17"]
    key = found(state, created(state, "--name", "choir", *asked))

    assert key.scopes == {Scope.SCORE, Scope.EXPLAIN}
    assert key.per_minute == 600
    assert key.expires == datetime(2131, 5, 18, tzinfo=UTC)  # good on its whole last day


def test_a_number_of_days_counts_from_now(state: Path) -> None:
    key = found(state, created(state, "--name", "choir", "--expires", "30"))

    assert key.expires is not None
    assert abs(key.expires - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("soup", id="neither date nor days"),
        pytest.param("2001-01-01", id="long past"),
        pytest.param("0", id="no day at all"),
        pytest.param("-3", id="days before now"),
        pytest.param("9999-12-31", id="the last day there is"),
    ],
)
def test_an_expiry_that_cannot_be_is_wrong_usage(state: Path, given: str) -> None:
    done = keys(state, "create", "--name", "choir", "--expires", given)

    assert done.exit_code == 2
    assert not KeyFile(state).read()


def test_the_list_shows_all_but_secrets(state: Path) -> None:
    secret = created(state, "--name", "choir", "--per-minute", "60")
    created(state, "--name", "orchestra", "--per-minute", "0")
    shown = keys(state, "list").stdout
    listed = json.loads(keys(state, "list", "--json").stdout)

    assert [one["name"] for one in listed] == ["choir", "orchestra"]
    assert list(listed[0]) == ["id", "name", "scopes", "per_minute", "created", "expires"]
    assert listed[0]["id"] == id_of(secret)
    assert "choir" in shown
    for output in (shown, json.dumps(listed)):
        assert secret.split("_", 2)[2] not in output
        assert found(state, secret).digest not in output


def test_an_empty_list_is_no_error(state: Path) -> None:
    assert json.loads(keys(state, "list", "--json").stdout) == []
    assert keys(state, "list").exit_code == 0


def test_a_revoked_key_opens_nothing(state: Path) -> None:
    secret = created(state, "--name", "choir")
    done = keys(state, "revoke", id_of(secret) or "")

    assert done.exit_code == 0
    assert FileKeys(KeyFile(state)).find(secret) is None


@pytest.mark.parametrize(
    ("grace", "lives"),
    [
        pytest.param([], False, id="at once"),
        pytest.param(["--grace", "60"], True, id="after a minute"),
    ],
)
def test_a_rotated_key_is_replaced(state: Path, grace: list[str], lives: bool) -> None:
    old = created(state, "--name", "choir", "--scope", "explain")
    done = keys(state, "rotate", id_of(old) or "", *grace)

    assert done.exit_code == 0
    assert found(state, done.stdout.removesuffix("\n")).scopes == {Scope.EXPLAIN}
    assert (FileKeys(KeyFile(state)).find(old) is not None) is lives


@pytest.mark.parametrize("command", ["revoke", "rotate"])
def test_an_unknown_id_is_an_error(state: Path, command: str) -> None:
    done = keys(state, command, "01234567")

    assert isinstance(done.exception, InputError)
    assert str(done.exception) == "a key must be one of none, was '01234567'"


def test_the_state_folder_may_come_from_the_servers_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "serve.toml"
    config.write_text(f'state = "{tmp_path / "by-file"}"\n', encoding="utf-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    run = CliRunner().invoke

    assert run(app, ["keys", "create", "--name", "a", "--config", str(config)]).exit_code == 0
    assert run(app, ["keys", "create", "--name", "b"]).exit_code == 0
    monkeypatch.setenv("TOCSIN_SERVE_STATE", str(tmp_path / "by-variable"))
    assert run(app, ["keys", "create", "--name", "c"]).exit_code == 0

    for folder, name in (("by-file", "a"), ("home/tocsin", "b"), ("by-variable", "c")):
        assert [key.name for key in KeyFile(tmp_path / folder).read().values()] == [name]
