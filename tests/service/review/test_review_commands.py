"""The command line, on a database of each kind."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tocsin.cli.app import app
from tocsin.service.scan.testing import WordAssessor


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def ran(database_url: str, state: Path, *arguments: str) -> str:
    typed = ["review", *arguments, "--database", database_url, "--state", str(state)]
    done = CliRunner().invoke(app, typed)
    assert done.exit_code == 0, done.stderr or done.exception
    return done.stdout


def test_a_queue_is_made_filled_and_verified(
    database_url: str, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.service.serving.loading.load", lambda *_, **__: WordAssessor({"soup": 0.9}))
    file, head = tmp_path / "posts.jsonl", str(tmp_path / "head.json")
    posts: list[dict[str, Any]] = [{"id": f"p-{number}", "text": f"soup {number}"} for number in range(450)]
    posts[7]["notice"] = {"id": "n", "kind": "notice", "source": "user"}
    file.write_text("".join(f"{json.dumps(post)}\n" for post in posts), encoding="utf-8")

    ran(database_url, state, "upgrade")
    ran(database_url, state, "upgrade")
    first = json.loads(ran(database_url, state, "import", str(file), "--json"))
    again = json.loads(ran(database_url, state, "import", str(file), "--json"))
    assert (first["new"], first["known"], again["new"], again["known"]) == (450, 0, 0, 450)
    ran(database_url, state, "add-reviewer", "Ada", "--role", "lead")
    ran(database_url, state, "log-head", "--out", head)
    ran(database_url, state, "set-reviewer", "1", "--inactive")
    ran(database_url, state, "erase", "p-3")
    queues = json.loads(ran(database_url, state, "queues", "--json"))
    assert sum(one["open"] for one in queues) == 449
    told = json.loads(ran(database_url, state, "verify-log", "--since", head, "--json"))
    assert (told["whole"], told["rows"]) == (True, 4)


def test_tables_that_are_not_there_are_made_by_upgrade_alone_but_for_a_file(
    database_url: str, state: Path
) -> None:
    typed = ["review", "queues", "--database", database_url, "--state", str(state)]
    done = CliRunner().invoke(app, typed)

    if database_url.startswith("sqlite"):
        assert done.exit_code == 0
    else:
        assert "run 'tocsin review upgrade'" in str(done.exception)


def test_what_root_makes_belongs_to_whoever_serves(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: set[int] = set()
    state.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda file, *_: given.add(os.fstat(file).st_ino))
    ran(f"sqlite:///{state}/review.sqlite", state, "add-reviewer", "Ada", "--role", "lead")
    made = {one.name: one.stat().st_ino for one in state.iterdir()}

    assert made.keys() >= {"review.sqlite", "review.sqlite.turn", "keys.json", "keys.lock", "log.key"}
    assert {name for name, inode in made.items() if inode not in given} == set()
