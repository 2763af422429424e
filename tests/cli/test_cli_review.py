from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError, SettingsError
from tocsin.service.keys import FileKeys, KeyFile, Scope
from tocsin.service.review.context import Context
from tocsin.service.review.contract_testing import DISMISS, decided, endpoint, handed_in, judged
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, StoreVersionError, UnknownError
from tocsin.service.review.log import ensure_log_key
from tocsin.service.review.making import bring_up_to_date, open_desk
from tocsin.service.review.queue import Queue
from tocsin.service.review.ready_testing import put_tables
from tocsin.service.review.records import list_reviewers, reviewer_of_key
from tocsin.service.review.role import Role
from tocsin.service.review.settings import review_settings
from tocsin.service.review.store import Store, parse_url
from tocsin.service.review.store.tables import decisions, outbox


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def desk(state: Path) -> Any:
    """Yield the desk over the database that the commands use by default."""
    put_tables(state)
    made = open_desk(review_settings(audit_share=0), state)
    made = Desk(
        made.store, Context(made.context.settings, made.context.key, (endpoint(),), made.context.clock)
    )
    bring_up_to_date(made)
    yield made
    made.close()


def review(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["review", *arguments, "--state", str(state)])


def ran(state: Path, *arguments: str) -> str:
    done = review(state, *arguments)
    assert done.exit_code == 0, done.stderr or done.exception
    assert done.stderr == ""
    return done.stdout


def listed(state: Path, command: str) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(ran(state, command, "--json"))
    return read


# Tables.


def test_an_upgrade_makes_the_tables_and_again_changes_nothing(state: Path) -> None:
    assert ran(state, "upgrade") == f"sqlite:///{state}/review.sqlite has this version's tables\n"
    made = (state / "log.key").read_bytes()

    ran(state, "upgrade")
    assert (state / "log.key").read_bytes() == made
    assert ran(state, "verify-log") == "The log is whole: 0 rows.\n"


def test_the_address_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    monkeypatch.setattr("tocsin.service.review.making.bring_up_to_date", lambda _: None)
    url = "postgresql://cook:salt@kitchen.example/queue?sslpassword=pepper"

    shown = ran(state, "upgrade", "--database", url)
    assert "cook:***@kitchen.example/queue" in shown
    assert "salt" not in shown
    assert "pepper" not in shown


def test_the_database_may_come_from_the_environment_and_an_option_wins(
    monkeypatch: pytest.MonkeyPatch, state: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOCSIN_REVIEW_DATABASE", f"sqlite:///{tmp_path}/one.sqlite")

    assert "one.sqlite" in ran(state, "upgrade")
    assert "two.sqlite" in ran(state, "upgrade", "--database", f"sqlite:///{tmp_path}/two.sqlite")


@pytest.mark.parametrize("command", ["upgrade", "queues", "list-reviewers", "dead-letters"])
def test_another_key_than_the_logs_is_an_error_at_once(state: Path, command: str) -> None:
    ran(state, "upgrade")
    (state / "log.key").unlink()
    ensure_log_key(state / "log.key")

    assert isinstance(review(state, command).exception, SettingsError)


# Reviewers.


def test_a_new_reviewer_has_a_key_whose_secret_alone_is_printed(state: Path, desk: Desk) -> None:
    secret = ran(state, "add-reviewer", "Ada", "--role", "senior").removesuffix("\n")
    key = FileKeys(KeyFile(state)).find(secret)

    assert key is not None
    assert (key.name, set(key.scopes)) == ("Ada", {Scope.REVIEW})
    made = desk.read(reviewer_of_key, key.id)
    assert made is not None
    assert (made.name, made.role) == ("Ada", Role.SENIOR)
    assert secret not in ran(state, "list-reviewers", "--json")


def test_a_reviewer_who_cannot_be_made_leaves_no_key(state: Path, desk: Desk) -> None:
    ran(state, "add-reviewer", "Ada", "--role", "lead")

    for name, error in (("Ada", ConflictError), (" ", InputError), ("x" * 257, InputError)):
        assert isinstance(review(state, "add-reviewer", name, "--role", "lead").exception, error)
    assert len(KeyFile(state).read()) == len(desk.read(list_reviewers)) == 1


def test_the_list_shows_every_reviewer(state: Path) -> None:
    ran(state, "add-reviewer", "Ada", "--role", "reviewer")
    ran(state, "add-reviewer", "Ben", "--role", "admin")
    ran(state, "set-reviewer", "2", "--role", "lead", "--inactive")
    known = listed(state, "list-reviewers")

    assert [list(one) for one in known] == [["number", "name", "role", "key", "active", "created"]] * 2
    assert [(one["name"], one["role"], one["active"]) for one in known] == [
        ("Ada", "reviewer", True),
        ("Ben", "lead", False),
    ]
    assert "Ben" in ran(state, "list-reviewers")


def test_a_reviewer_is_changed_only_where_that_was_asked(state: Path) -> None:
    ran(state, "add-reviewer", "Ada", "--role", "senior")
    for arguments, role, active in (
        (["--inactive"], "senior", False),
        (["--role", "lead"], "lead", False),
        (["--active"], "lead", True),
    ):
        ran(state, "set-reviewer", "1", *arguments)
        (known,) = listed(state, "list-reviewers")
        assert (known["role"], known["active"]) == (role, active)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["set-reviewer", "1"], id="nothing to change"),
        pytest.param(["set-reviewer", "one", "--active"], id="a name for a number"),
        pytest.param(["set-reviewer", "1", "--role", "cook"], id="an unknown role"),
        pytest.param(["add-reviewer", "Ada"], id="no role"),
        pytest.param(["resend"], id="no message"),
        pytest.param(["resend", str(2**63)], id="more messages than databases count"),
        pytest.param(["set-reviewer", str(2**63), "--active"], id="more reviewers than databases count"),
        pytest.param(["erase", "p\udcff1"], id="an id that is not UTF-8"),
        pytest.param(["resend", "1", "--all"], id="some and all"),
    ],
)
def test_wrong_usage_is_said(state: Path, arguments: list[str]) -> None:
    assert review(state, *arguments).exit_code == 2


def test_who_is_unknown_cannot_be_changed(state: Path) -> None:
    assert isinstance(review(state, "set-reviewer", "9", "--active").exception, UnknownError)


# Queues, messages, erasure.


def test_every_queue_is_counted(state: Path, desk: Desk) -> None:
    handed_in(desk, judged("p1"), judged("p2"))
    known = listed(state, "queues")

    assert {one["queue"]: one["open"] for one in known}["review"] == 2
    assert {one["queue"] for one in known} == {queue.value for queue in Queue}
    assert list(known[0]) == ["queue", "open", "held", "escalated", "late", "oldest", "next_deadline"]
    assert "unscorable" in ran(state, "queues")


def test_dead_messages_are_listed_and_sent_again(state: Path, desk: Desk) -> None:
    ran(state, "add-reviewer", "Ada", "--role", "senior")
    (ada,) = desk.read(list_reviewers)
    handed_in(desk, judged("p1"), judged("p2"), judged("p3"))
    for _ in range(3):
        decided(desk, ada, DISMISS)
    desk.store.write(lambda tx: tx.execute(outbox.update().values(state="dead", attempts=9, fault="503")))
    dead = listed(state, "dead-letters")

    assert [(one["attempts"], one["fault"], one["event"]) for one in dead] == [
        (9, "503", "decision.made")
    ] * 3
    assert "503" in ran(state, "dead-letters")
    assert ran(state, "resend", str(dead[0]["number"])) == "1 will be sent again\n"
    assert isinstance(review(state, "resend", str(dead[0]["number"])).exception, InputError)
    assert ran(state, "resend", "--all") == "2 will be sent again\n"
    assert listed(state, "dead-letters") == []


def test_an_item_is_erased_once(state: Path, desk: Desk) -> None:
    handed_in(desk, judged("p1"))

    assert ran(state, "erase", "p1") == "erased\n"
    assert isinstance(review(state, "erase", "p1").exception, UnknownError)


# The log.


@pytest.fixture
def kept(state: Path, tmp_path: Path) -> Path:
    """Return a file with the head of a log of three rows."""
    for number in range(3):
        ran(state, "add-reviewer", f"Ada {number}", "--role", "reviewer")
    ran(state, "log-head", "--out", str(tmp_path / "head.json"))
    return tmp_path / "head.json"


def cut(state: Path) -> None:
    """Take the last row away and fit the head."""
    store = Store(parse_url(f"sqlite:///{state}/review.sqlite"))

    def work(tx: Any) -> None:
        tx.exec_driver_sql("DROP TRIGGER log_no_delete")
        tx.exec_driver_sql("DELETE FROM log WHERE seq = 3")
        tx.exec_driver_sql("UPDATE log_head SET seq = 2, mac = (SELECT mac FROM log WHERE seq = 2)")

    store.write(work)
    store.close()


def test_a_log_is_whole_against_the_heads_that_were_kept(state: Path, kept: Path) -> None:
    ran(state, "add-reviewer", "Ben", "--role", "admin")

    assert ran(state, "verify-log") == "The log is whole: 4 rows.\n"
    assert "and the kept head stands in it" in ran(state, "verify-log", "--since", str(kept))
    assert "2 kept heads" in ran(state, "verify-log", "--since", str(kept), "--since", str(kept))
    told = json.loads(ran(state, "verify-log", "--json"))
    assert (told["whole"], told["rows"], told["head"]["seq"], told["findings"]) == (True, 4, 4, [])


def test_a_log_whose_end_is_gone_is_broken_against_the_head_that_was_kept(state: Path, kept: Path) -> None:
    cut(state)

    assert review(state, "verify-log").exit_code == 0
    done = review(state, "verify-log", "--since", str(kept))
    assert done.exit_code == 1
    assert "row 3, which is gone" in done.stdout
    assert done.stderr == ""
    told = json.loads(review(state, "verify-log", "--json", "--since", str(kept)).stdout)
    assert told["whole"] is False
    assert told["findings"] == [{"row": 3, "what": "the head that was kept is at row 3, which is gone"}]


def test_a_wrong_key_is_said_beside_what_it_finds(state: Path, kept: Path) -> None:
    (state / "log.key").unlink()
    ensure_log_key(state / "log.key")
    done = review(state, "verify-log")

    assert done.exit_code == 1
    assert "log_key must be the key" in done.stderr


@pytest.mark.parametrize("command", ["verify-log", "log-head"])
def test_no_key_is_made_for_a_log_that_is_looked_at(state: Path, kept: Path, command: str) -> None:
    (state / "log.key").unlink()

    assert isinstance(review(state, command).exception, SettingsError)
    assert not (state / "log.key").exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="no file"),
        pytest.param(b"", id="empty"),
        pytest.param(b"\xff", id="no UTF-8"),
        pytest.param(b'{"seq": 3}', id="no head"),
    ],
)
def test_what_is_no_head_is_an_error_that_names_the_file(
    state: Path, kept: Path, tmp_path: Path, content: bytes | None
) -> None:
    given = tmp_path / "given.json"
    if content is not None:
        given.write_bytes(content)
    error = review(state, "verify-log", "--since", str(given)).exception

    assert isinstance(error, InputError)
    assert str(given) in str(error)


def test_a_head_is_one_line_on_standard_output_and_in_a_file(state: Path, kept: Path) -> None:
    printed = ran(state, "log-head")

    assert printed.count("\n") == kept.read_text().count("\n") == 1
    assert list(json.loads(printed)) == ["seq", "mac", "at", "signature"]
    assert json.loads(printed)["mac"] == json.loads(kept.read_text())["mac"]


def test_a_queue_that_is_not_there_is_an_error(state: Path) -> None:
    ensure_log_key(state / "log.key")

    assert isinstance(review(state, "verify-log").exception, StoreVersionError)


def test_a_new_key_takes_the_place_of_the_old_one(state: Path, desk: Desk) -> None:
    old = ran(state, "add-reviewer", "ada", "--role", "reviewer").strip()
    new = ran(state, "set-reviewer", "1", "--new-key").strip()
    keys = FileKeys(KeyFile(state))
    found = keys.find(new)
    assert keys.find(old) is None
    assert found is not None
    reviewer = desk.read(reviewer_of_key, found.id)
    assert reviewer is not None
    assert (reviewer.number, found.name, found.scopes) == (1, "ada", frozenset({Scope.REVIEW}))


def test_a_new_key_for_nobody_is_none(state: Path, desk: Desk) -> None:
    assert isinstance(review(state, "set-reviewer", "7", "--new-key").exception, UnknownError)
    assert KeyFile(state).read() == {}


def test_a_decision_that_is_not_as_logged_breaks_the_log(state: Path, desk: Desk) -> None:
    ran(state, "add-reviewer", "ada", "--role", "reviewer")
    handed_in(desk, judged("p-1"))
    decided(desk, desk.read(list_reviewers)[0], DISMISS)
    assert review(state, "verify-log").exit_code == 0
    desk.store.write(lambda tx: tx.execute(decisions.update().values(verdict="confirm", policy="soup")))
    done = review(state, "verify-log", "--json")
    assert done.exit_code == 1
    told = [one["what"] for one in json.loads(done.stdout)["findings"]]
    assert told == ["decision 1 is not as it was logged"]
