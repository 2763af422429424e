import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tocsin.cli import main
from tocsin.training.fetching import open_web
from tocsin.training.fetching.testing import (
    Reply,
    ScriptedServer,
    serve,
    serve_script,
    toy_corpus,
    toy_file,
)

LEEK, ONION, RYE = b"leek, potato\n" * 9, b"onion, stock\n" * 9, b"rye, water\n" * 9
SIZE = len(LEEK)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """Serve two corpora, one of them optional, and a file that nobody publishes; know no others."""
    with serve_script() as server:
        leek = toy_file("leek.csv", LEEK, server.script("/leek", serve(LEEK)))
        onion = toy_file("onion.csv", ONION, server.script("/onion", serve(ONION)))
        rye = toy_file("rye.csv", RYE, server.script("/rye", serve(RYE)))
        corpora = [
            toy_corpus(leek, onion),
            replace(toy_corpus(rye, name="breads"), by_default=False),
            replace(toy_corpus(toy_file("cake.csv", b"cake"), name="cakes"), by_default=False),
        ]
        monkeypatch.setattr("tocsin.training.dataset.CORPORA", {corpus.name: corpus for corpus in corpora})
        yield server


@dataclass(frozen=True)
class Left:
    """Hold how a command line ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return list(json.loads(self.out))

    @property
    def states(self) -> list[str]:
        return [row["state"] for row in self.rows]


@pytest.fixture
def run(
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Any:
    """Return a function that runs the command line on a fresh data folder, as a shell would."""

    def run(*arguments: str) -> Left:
        monkeypatch.setattr(sys, "argv", ["tocsin", "data", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return Left(int(left.value.code or 0), said.out, said.err)

    monkeypatch.setenv("TOCSIN_DATA", str(tmp_path / "data"))
    return run


def test_a_fetch_says_licences_and_size_first_then_what_became_of_every_file(
    run: Any, tmp_path: Path
) -> None:
    left = run("fetch")

    assert left.code == 0
    assert left.err.splitlines() == [
        "soups: CC0-1.0; 234 bytes; soups.example/corpus",
        f"234 bytes in all, for {tmp_path / 'data'}",
    ]
    assert left.out.splitlines()[-1] == f"in {tmp_path / 'data'}"
    assert [line.split() for line in left.out.splitlines()[2:] if "soups" in line] == [
        ["soups", "leek.csv", "fetched", "117"],
        ["soups", "onion.csv", "fetched", "117"],
    ]
    assert (tmp_path / "data" / "soups" / "leek.csv").read_bytes() == LEEK


def test_rows_say_what_is_there_by_now(run: Any) -> None:
    rows = run("fetch", "--json").rows

    assert rows == [
        {"corpus": "soups", "file": name, "state": "fetched", "bytes": SIZE, "reason": None}
        for name in ("leek.csv", "onion.csv")
    ]
    assert run("fetch", "--json").states == ["present", "present"]


def test_a_failure_leaves_the_rest_in_place_and_is_named_in_the_end(run: Any, server: ScriptedServer) -> None:
    server.script("/leek", Reply(404))

    left = run("fetch", "--json", "--quiet")

    assert left.code == 1
    assert left.states == ["failed", "fetched"]
    assert left.rows[0]["bytes"] == 0
    assert "127.0.0.1 must answer 200 or 206, was 404: http://127.0.0.1:" in left.rows[0]["reason"]
    assert left.err == "tocsin: every file must be in place, 1 of 2 are not: soups/leek.csv (failed)\n"


def test_a_file_that_nobody_publishes_is_to_be_put_in_place_by_hand(run: Any, tmp_path: Path) -> None:
    left = run("fetch", "--corpus", "cakes", "--json", "--quiet")

    assert left.code == 1
    assert left.states == ["missing"]
    assert left.rows[0]["reason"] == "must be put in place by hand: from soups.example/corpus"
    assert left.err == "tocsin: every file must be in place, 1 of 1 are not: cakes/cake.csv (missing)\n"

    (tmp_path / "data" / "cakes").mkdir(parents=True)
    (tmp_path / "data" / "cakes" / "cake.csv").write_bytes(b"cake")
    assert run("fetch", "--corpus", "cakes").code == 0


def test_corpora_are_named_or_those_read_by_default(run: Any) -> None:
    named = run("fetch", "--corpus", "breads", "--corpus", "soups", "--json").rows

    assert [row["corpus"] for row in named] == ["breads", "soups", "soups"]
    assert {row["corpus"] for row in run("fetch", "--json").rows} == {"soups"}
    assert {row["corpus"] for row in run("check", "--json").rows} == {"soups"}


def test_an_unknown_corpus_is_refused_before_anything_is_asked_for(
    run: Any, server: ScriptedServer, tmp_path: Path
) -> None:
    left = run("fetch", "--corpus", "soups", "--corpus", "tea")

    assert (left.code, left.out) == (1, "")
    assert left.err == "tocsin: corpus must be one of soups, breads, cakes; was 'tea'\n"
    assert server.asked == []
    assert not (tmp_path / "data").exists()


def test_files_are_copied_from_a_folder_instead(run: Any, server: ScriptedServer, tmp_path: Path) -> None:
    (tmp_path / "share" / "soups").mkdir(parents=True)
    (tmp_path / "share" / "soups" / "leek.csv").write_bytes(LEEK)

    left = run("fetch", "--from", str(tmp_path / "share"), "--json")

    assert (left.code, left.states) == (1, ["copied", "missing"])
    assert server.asked == []
    assert run("fetch", "--from", str(tmp_path / "nowhere")).err.endswith(
        f"tocsin: the folder to copy from must exist, was {tmp_path / 'nowhere'}\n"
    )


def test_another_file_is_replaced_only_where_that_is_asked_for(run: Any, tmp_path: Path) -> None:
    path = tmp_path / "data" / "soups" / "leek.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"mine")

    kept = run("fetch", "--json")
    assert (kept.code, kept.states, path.read_bytes()) == (1, ["failed", "fetched"], b"mine")
    replaced = run("fetch", "--json", "--replace")
    assert (replaced.code, replaced.states, path.read_bytes()) == (0, ["fetched", "present"], LEEK)


def test_without_a_folder_of_its_own_the_users_cache_is_filled(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOCSIN_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    assert run("fetch").code == 0
    assert (tmp_path / "cache" / "tocsin" / "corpora" / "soups" / "leek.csv").is_file()
    assert run("check").code == 0


def test_waiting_is_told_unless_all_is_to_be_quiet(
    run: Any, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tocsin.training.fetching.open_web", partial(open_web, sleep=waits.append))
    server.script("/leek", Reply(503, headers={"Retry-After": "3"}), serve(LEEK))
    server.script("/onion", Reply(503), serve(ONION))
    server.script("/rye", Reply(503), serve(RYE))

    told, quiet = run("fetch"), run("fetch", "--corpus", "breads", "--quiet")

    assert "soups/leek.csv: 127.0.0.1 must answer 200 or 206, was 503: " in told.err
    assert told.err.count("; tries again in 3 s\n") == told.err.count("; tries again in 1 s\n") == 1
    assert (quiet.code, quiet.err) == (0, "")
    assert waits == [3, 1, 1]


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("fetch").err
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")

    assert "━" in run("fetch").err
    assert run("fetch", "--quiet").err == ""


def test_a_check_tells_ok_from_missing_from_different(run: Any, tmp_path: Path) -> None:
    run("fetch")
    good = run("check", "--json")
    (tmp_path / "data" / "soups" / "leek.csv").write_bytes(LEEK[::-1])
    (tmp_path / "data" / "soups" / "onion.csv").unlink()
    bad = run("check", "--json")

    assert (good.code, good.err) == (0, "")
    assert good.rows == [
        {"corpus": "soups", "file": name, "state": "ok", "bytes": SIZE, "reason": None}
        for name in ("leek.csv", "onion.csv")
    ]
    assert (bad.code, bad.states) == (1, ["differs", "missing"])
    assert bad.rows[0]["reason"].startswith("SHA-256 must be ")
    assert bad.err == (
        "tocsin: every file must be ok, 2 of 2 are not: soups/leek.csv (differs), soups/onion.csv (missing)\n"
    )


def test_a_check_shows_a_table_with_every_file(run: Any, tmp_path: Path) -> None:
    run("fetch")
    (tmp_path / "data" / "soups" / "leek.csv").write_bytes(b"mine")

    said = [line.split(maxsplit=4) for line in run("check").out.splitlines() if "soups" in line]

    assert [[cell.strip() for cell in cells] for cells in said] == [
        ["soups", "leek.csv", "differs", "4", "size must be 117 bytes, was 4"],
        ["soups", "onion.csv", "ok", "117"],
    ]


def test_a_check_counts_corpora_that_are_not_there_and_changes_nothing(run: Any, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()

    left = run("check", "--json")

    assert (left.code, left.states) == (1, ["missing", "missing"])
    assert list((tmp_path / "data").iterdir()) == []


def test_a_check_needs_a_folder(run: Any, tmp_path: Path) -> None:
    assert "must exist, was " in run("check").err


def test_many_wrong_files_are_counted_in_the_end(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [toy_file(f"{number}.csv", b"soup") for number in range(12)]
    monkeypatch.setattr("tocsin.training.dataset.CORPORA", {"soups": toy_corpus(*files)})

    assert run("fetch").err.endswith(
        "12 of 12 are not: "
        + ", ".join(f"soups/{number}.csv (missing)" for number in range(10))
        + ", 2 more\n"
    )


@pytest.mark.parametrize("command", ["fetch", "check"])
def test_a_missing_library_is_an_error_with_the_command_that_installs_it(
    run: Any, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    real = __import__

    def without_httpx2(name: str, *rest: Any) -> Any:
        if name == "tocsin.training.fetching":
            raise ModuleNotFoundError("No module named 'httpx2'", name="httpx2")
        return real(name, *rest)

    monkeypatch.setattr("builtins.__import__", without_httpx2)

    assert run(command).err.endswith("install it with: pip install 'tocsin[train]'\n")
