from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.errors import InputError, SettingsError
from tocsin.service.keys import FileKeys, KeyFile, Scope, create_key, revoke_key, rotate_key
from tocsin.service.keys.file_keys import LOOK_S
from tocsin.service.keys.secret import id_of

NOON = datetime(2031, 5, 17, 12, tzinfo=UTC)


class Clock:
    """Tell a time that the test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_secret_finds_its_key(file: KeyFile) -> None:
    create_key(file, "orchestra", [Scope.EXPLAIN])
    secret = create_key(file, "choir", [Scope.SCORE])

    found = FileKeys(file).find(secret)

    assert found is not None
    assert (found.name, found.id) == ("choir", id_of(secret))
    assert found.scopes == {Scope.SCORE}


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda secret: secret[:-1] + ("A" if secret[-1] != "A" else "B"), id="last letter"),
        pytest.param(lambda secret: secret.replace("tocsin_", "tocsin_f", 1), id="longer id"),
        pytest.param(lambda secret: secret + "A", id="one letter more"),
        pytest.param(lambda secret: secret[:0], id="nothing"),
    ],
)
def test_what_is_nearly_a_secret_finds_nothing(file: KeyFile, spoil: object) -> None:
    secret = create_key(file, "choir", [Scope.SCORE])

    given = spoil(secret)  # type: ignore[operator]
    assert given != secret
    assert FileKeys(file).find(given) is None


def test_a_key_opens_nothing_from_the_moment_it_expires(file: KeyFile) -> None:
    secret = create_key(file, "choir", [Scope.SCORE], expires=NOON)

    assert FileKeys(file, now=lambda: NOON - timedelta(microseconds=1)).find(secret) is not None
    assert FileKeys(file, now=lambda: NOON).find(secret) is None


def test_new_and_revoked_keys_are_seen_within_a_second(file: KeyFile, clock: Clock) -> None:
    old = create_key(file, "choir", [Scope.SCORE])
    keys = FileKeys(file, clock=clock)
    new = create_key(file, "orchestra", [Scope.SCORE])
    revoke_key(file, id_of(old) or "")

    clock.now = LOOK_S - 0.01
    assert keys.find(old) is not None
    clock.now = LOOK_S
    assert keys.find(old) is None
    assert keys.find(new) is not None
    assert LOOK_S <= 1


def test_an_unchanged_file_is_not_read_again(
    file: KeyFile, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = create_key(file, "choir", [Scope.SCORE])
    keys = FileKeys(file, clock=clock)
    monkeypatch.setattr(file, "read", lambda: pytest.fail("read again"))

    clock.now = 5
    assert keys.find(secret) is not None


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_text("soup", encoding="utf-8"), id="no longer JSON"),
        pytest.param(lambda path: (path.write_text("{}"), path.chmod(0o644)), id="open to everybody"),
    ],
)
def test_a_file_that_is_damaged_while_running_leaves_the_last_good_keys(
    file: KeyFile, clock: Clock, caplog: pytest.LogCaptureFixture, damage: object
) -> None:
    secret = create_key(file, "choir", [Scope.SCORE])
    keys = FileKeys(file, clock=clock)
    damage(file.path)  # type: ignore[operator]

    with caplog.at_level(logging.ERROR):
        for clock.now in (5, 10):
            assert keys.find(secret) is not None

    assert len(caplog.records) == 1  # once a change, not once a second
    assert str(file.path) in caplog.text
    assert secret not in caplog.text


def test_a_repaired_file_counts_again(file: KeyFile, clock: Clock) -> None:
    old = create_key(file, "choir", [Scope.SCORE])
    keys = FileKeys(file, clock=clock)
    good = file.path.read_bytes()
    file.path.write_text("soup", encoding="utf-8")
    clock.now = 5
    keys.find(old)
    file.path.write_bytes(good)
    new = create_key(file, "orchestra", [Scope.SCORE])
    clock.now = 10

    assert keys.find(new) is not None


def test_a_file_that_was_open_to_others_counts_once_it_no_longer_is(file: KeyFile, clock: Clock) -> None:
    secret = create_key(file, "choir", [Scope.SCORE])
    keys = FileKeys(file, clock=clock)
    revoke_key(file, id_of(secret) or "")
    file.path.chmod(0o644)
    clock.now = 5
    assert keys.find(secret) is not None
    file.path.chmod(0o600)
    clock.now = 10

    assert keys.find(secret) is None


def test_a_file_that_is_gone_holds_no_keys(file: KeyFile, clock: Clock) -> None:
    secret = create_key(file, "choir", [Scope.SCORE])
    keys = FileKeys(file, clock=clock)
    file.path.unlink()
    clock.now = 5

    assert keys.find(secret) is None


def test_a_damaged_file_at_the_start_is_an_error(file: KeyFile) -> None:
    file.path.write_text("soup", encoding="utf-8")
    file.path.chmod(0o600)

    with pytest.raises(SettingsError):
        FileKeys(file)


def test_a_rotated_key_is_replaced_by_one_that_may_do_the_same(file: KeyFile) -> None:
    old = create_key(file, "choir", [Scope.SCORE, Scope.EXPLAIN], per_minute=60, expires=NOON)
    new = rotate_key(file, id_of(old) or "")
    keys = FileKeys(file, now=lambda: NOON - timedelta(days=1))

    found = keys.find(new)
    assert keys.find(old) is None
    assert found is not None
    assert (found.name, found.per_minute, found.expires) == ("choir", 60, NOON)
    assert found.scopes == {Scope.SCORE, Scope.EXPLAIN}


def test_a_rotated_key_may_be_used_for_the_time_of_grace(file: KeyFile) -> None:
    old = create_key(file, "choir", [Scope.SCORE])
    rotate_key(file, id_of(old) or "", grace_s=60)
    now = datetime.now(UTC)

    assert FileKeys(file, now=lambda: now + timedelta(seconds=50)).find(old) is not None
    assert FileKeys(file, now=lambda: now + timedelta(seconds=61)).find(old) is None


def test_grace_makes_no_key_last_longer(file: KeyFile) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=10)
    old = create_key(file, "choir", [Scope.SCORE], expires=soon)
    rotate_key(file, id_of(old) or "", grace_s=3600)

    assert file.read()[id_of(old) or ""].expires == soon


def test_an_unknown_id_is_an_error_that_lists_the_known_ones(file: KeyFile) -> None:
    known = id_of(create_key(file, "choir", [Scope.SCORE]))

    for change in (revoke_key, rotate_key):
        with pytest.raises(InputError, match=rf"a key must be one of {known} \(choir\), was 'soup'"):
            change(file, "soup")
