from __future__ import annotations

import json
import multiprocessing
import os
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tocsin.errors import SettingsError
from tocsin.service.keys import Key, KeyFile, Scope, create_key, revoke_key

NOON = datetime(2031, 5, 17, 12, tzinfo=UTC)
CHOIR = Key("0123abcd", "choir", frozenset({Scope.SCORE}), "f" * 64, NOON, 600, NOON)


@pytest.fixture
def file(tmp_path: Path) -> KeyFile:
    return KeyFile(tmp_path)


def create_many(state: Path, start: object, number: int) -> None:
    start.wait()  # type: ignore[attr-defined]
    for one in range(10):
        create_key(KeyFile(state), f"{number}.{one}", [Scope.SCORE])


def test_a_missing_file_holds_no_keys(file: KeyFile) -> None:
    assert file.read() == {}
    assert file.stamp() is None


def test_keys_come_back_as_they_were_written(file: KeyFile) -> None:
    with file.changing() as keys:
        keys[CHOIR.id] = CHOIR

    assert file.read() == {CHOIR.id: CHOIR}


def test_the_file_says_its_format_and_holds_no_secret(file: KeyFile) -> None:
    secret = create_key(file, "choir", [Scope.SCORE, Scope.EXPLAIN], per_minute=60)
    document = json.loads(file.path.read_text(encoding="utf-8"))

    (kept,) = document["keys"]
    assert document["format"] == 1
    assert kept["name"] == "choir"
    assert sorted(kept["scopes"]) == ["explain", "score"]
    assert kept["per_minute"] == 60
    assert secret.rsplit("_", 1)[1] not in file.path.read_text(encoding="utf-8")
    assert secret[-20:] not in file.path.read_text(encoding="utf-8")


def test_only_its_owner_may_read_the_file(file: KeyFile) -> None:
    before = os.umask(0)
    try:
        create_key(file, "choir", [Scope.SCORE])
    finally:
        os.umask(before)

    assert [stat.S_IMODE(path.stat().st_mode) for path in file.path.parent.iterdir()] == [0o600, 0o600]


@pytest.mark.parametrize(
    "mode",
    [
        pytest.param(0o640, id="the group reads it"),
        pytest.param(0o604, id="everybody reads it"),
        pytest.param(0o620, id="the group writes it"),
    ],
)
def test_a_file_that_others_can_reach_is_refused(file: KeyFile, mode: int) -> None:
    create_key(file, "choir", [Scope.SCORE])
    file.path.chmod(mode)

    with pytest.raises(SettingsError) as caught:
        file.read()
    assert str(caught.value) == (
        f"{file.path}: must be readable by its owner alone (chmod 600), was 0{mode:o}"
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param("", "document: ", id="empty, as a full disk leaves it"),
        pytest.param('{"format": 2, "keys": []}', "format: ", id="a format to come"),
        pytest.param('{"format": 1, "keys": [], "soup": 1}', "soup: ", id="a field that no format has"),
        pytest.param('{"format": 1, "keys": [{"id": "0123abcd"}]}', "keys.0.name: ", id="half a key"),
    ],
)
def test_a_damaged_file_is_refused_by_name_and_place(file: KeyFile, content: str, why: str) -> None:
    file.path.write_text(content, encoding="utf-8")
    file.path.chmod(0o600)

    with pytest.raises(SettingsError) as caught:
        file.read()
    assert str(caught.value).startswith(f"{file.path}: {why}")


def test_a_change_that_fails_changes_nothing(file: KeyFile) -> None:
    create_key(file, "choir", [Scope.SCORE])
    before = file.read()

    with suppress(RuntimeError), file.changing() as keys:
        keys.clear()
        raise RuntimeError

    assert file.read() == before


def test_what_a_killed_process_left_behind_is_in_nobodys_way(file: KeyFile) -> None:
    file.path.with_suffix(".new").write_text("half a f", encoding="utf-8")

    create_key(file, "choir", [Scope.SCORE])

    assert [key.name for key in file.read().values()] == ["choir"]
    assert not file.path.with_suffix(".new").exists()


def test_a_change_of_the_same_length_has_another_stamp(file: KeyFile) -> None:
    create_key(file, "choir", [Scope.SCORE])
    before = file.stamp()
    (key_id,) = file.read()
    revoke_key(file, key_id)
    create_key(file, "choir", [Scope.SCORE])

    assert file.stamp() != before


def test_processes_that_create_keys_at_once_lose_none(tmp_path: Path) -> None:
    fork = multiprocessing.get_context("fork")
    start = fork.Event()
    crowd = [fork.Process(target=create_many, args=(tmp_path, start, number)) for number in range(4)]
    for one in crowd:
        one.start()
    start.set()
    for one in crowd:
        one.join(30)

    names = [key.name for key in KeyFile(tmp_path).read().values()]
    assert sorted(names) == sorted(f"{number}.{one}" for number in range(4) for one in range(10))


def test_what_root_makes_belongs_to_who_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _, user, group: given.append((user, group)))

    create_key(KeyFile(tmp_path), "choir", [Scope.SCORE])
    create_key(KeyFile(tmp_path), "bakery", [Scope.SCORE])

    folder = tmp_path.stat()
    made = ["keys.lock", "keys.json", "keys.json again"]
    assert given == [(folder.st_uid, folder.st_gid)] * len(made)


def test_who_is_not_root_gives_nothing_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid or 4_711)
    monkeypatch.setattr(os, "fchown", lambda *_: pytest.fail("nobody asked for this"))

    create_key(KeyFile(tmp_path), "choir", [Scope.SCORE])


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / "keys.lock").symlink_to(target)

    with pytest.raises(SettingsError, match=r"keys\.lock: must be writable"):
        create_key(KeyFile(tmp_path), "choir", [Scope.SCORE])

    assert not target.exists()
