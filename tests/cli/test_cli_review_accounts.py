"""The first admin of the console, and links for others, by the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError
from tocsin.service.review import Desk, make_desk, review_settings
from tocsin.service.review.accounts.account import account_of
from tocsin.service.review.accounts.invitation import accept
from tocsin.service.review.accounts.proving import Refused
from tocsin.service.review.accounts.signing_in import SignedIn, sign_in
from tocsin.service.review.accounts.testing import OTHER_PASSWORD, PASSWORD, hashing_quickly, with_codes
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.ready_testing import put_tables
from tocsin.service.review.records import list_reviewers
from tocsin.service.review.role import Role


@pytest.fixture(autouse=True)
def quick() -> Iterator[None]:
    with hashing_quickly():
        yield


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def desk(state: Path) -> Iterator[Desk]:
    """Yield the desk over the database that the commands use by default."""
    put_tables(state)
    made = make_desk(review_settings(), state)
    yield made
    made.close()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands take what they read for a terminal."""
    monkeypatch.setattr("tocsin.cli.review.accounts._is_terminal", lambda: True)


def review(state: Path, *arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["review", *arguments, "--state", str(state)], input=typed)


def ran(state: Path, *arguments: str, typed: str | None = None) -> str:
    done = review(state, *arguments, typed=typed)
    assert done.exit_code == 0, done.stderr or done.exception
    return done.stdout


def made(state: Path, name: str = "Ada") -> str:
    return ran(state, "create-admin", name, "--password-stdin", typed=f"{PASSWORD}\n").strip()


def opens(desk: Desk, name: str, password: str) -> bool:
    return isinstance(sign_in(desk, name, password, ""), SignedIn)


@pytest.mark.usefixtures("terminal")
def test_a_password_is_asked_for_twice_and_not_shown(state: Path, desk: Desk) -> None:
    done = review(state, "create-admin", "Ada", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.stdout.split() == ["1"]
    assert PASSWORD not in done.output
    (ada,) = desk.read(list_reviewers)
    assert (ada.name, ada.role, ada.key) == ("Ada", Role.ADMIN, None)
    assert opens(desk, "Ada", PASSWORD)


@pytest.mark.usefixtures("terminal")
def test_a_password_typed_differently_the_second_time_is_asked_for_again(state: Path, desk: Desk) -> None:
    typed = f"{PASSWORD}\n{OTHER_PASSWORD}\n{OTHER_PASSWORD}\n{OTHER_PASSWORD}\n"
    ran(state, "create-admin", "Ada", typed=typed)
    assert opens(desk, "Ada", OTHER_PASSWORD)


@pytest.mark.parametrize("end", ["\n", "\r\n", "", "\nmore that is not read\n"])
def test_a_password_may_come_from_a_file(state: Path, desk: Desk, end: str) -> None:
    given = f" {PASSWORD} "
    ran(state, "create-admin", "Ada", "--password-stdin", typed=f"{given}{end}")
    assert opens(desk, "Ada", given)


def test_without_a_terminal_a_password_must_be_announced(state: Path, desk: Desk) -> None:
    done = review(state, "create-admin", "Ada", typed=f"{PASSWORD}\n")
    assert done.exit_code == 2
    assert "--password-stdin" in done.stderr
    assert desk.read(list_reviewers) == []


@pytest.mark.parametrize("password", ["short", "Ada Ada Ada Ada tocsin", ""])
def test_a_password_that_may_not_be_chosen_makes_nobody(state: Path, desk: Desk, password: str) -> None:
    done = review(state, "create-admin", "Ada", "--password-stdin", typed=f"{password}\n")
    assert isinstance(done.exception, InputError)
    assert desk.read(list_reviewers) == []


def test_a_name_that_is_taken_is_an_error(state: Path) -> None:
    made(state)
    done = review(state, "create-admin", "Ada", "--password-stdin", typed=f"{OTHER_PASSWORD}\n")
    assert isinstance(done.exception, ConflictError)


def test_an_admin_may_be_invited_instead(state: Path, desk: Desk) -> None:
    link = ran(state, "create-admin", "Ada", "--invite").strip()
    assert re.fullmatch(r"/review/welcome/[\w-]{43}", link)
    accept(desk, link.rpartition("/")[2], PASSWORD)
    assert opens(desk, "Ada", PASSWORD)


def test_a_link_is_whole_where_the_servers_address_is_told(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(state)
    told = ran(state, "invite", "1", "--url", "http://127.0.0.1:8080/")
    assert told.startswith("http://127.0.0.1:8080/review/welcome/")
    monkeypatch.setenv("TOCSIN_REVIEW_CONSOLE_URL", "https://tocsin.example")
    assert ran(state, "invite", "1").startswith("https://tocsin.example/review/welcome/")
    told = ran(state, "invite", "1", "--url", "https://other.example:8443")
    assert told.startswith("https://other.example:8443/review/welcome/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "tocsin.example",
        "ftp://tocsin.example",
        "https://",
        "https://a.example/b",
        "https://a.example?b",
        "https://a@b.example",
    ],
)
def test_an_address_that_no_link_can_begin_with_is_refused_and_nobody_is_made(
    state: Path, desk: Desk, url: str
) -> None:
    done = review(state, "create-admin", "Ada", "--invite", "--url", url)
    assert done.exit_code == 2
    assert "https://HOST" in done.stderr
    assert desk.read(list_reviewers) == []


def test_a_link_leaves_the_password_as_it_is_until_it_is_taken_up(state: Path, desk: Desk) -> None:
    made(state)
    token = ran(state, "invite", "1").strip().rpartition("/")[2]
    assert opens(desk, "Ada", PASSWORD)
    accept(desk, token, OTHER_PASSWORD)
    assert not opens(desk, "Ada", PASSWORD)


@pytest.mark.parametrize("clear", [True, False], ids=["codes too", "the password alone"])
def test_a_reset_counts_at_once(state: Path, desk: Desk, clear: bool) -> None:
    made(state)
    (ada,) = desk.read(list_reviewers)
    with_codes(desk, ada)
    ran(state, "invite", "1", "--reset", *(["--clear-codes"] if clear else []))
    assert isinstance(sign_in(desk, "Ada", PASSWORD, ""), Refused)
    assert desk.read(lambda tx, _: account_of(tx, ada.number)).asks_code is not clear


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("create-admin", "Ada", "--invite", "--password-stdin"), "were both"),
        (("invite", "1", "--clear-codes"), "--reset"),
        (("invite", "0"), "greater than or equal to 1"),
    ],
    ids=["two ways", "codes alone", "no number"],
)
def test_what_makes_no_sense_together_is_refused(state: Path, arguments: tuple[str, ...], says: str) -> None:
    done = review(state, *arguments, typed=f"{PASSWORD}\n")
    assert done.exit_code == 2
    assert says in done.stderr.replace("\n", " ")


def test_somebody_who_is_not_there_cannot_be_invited(state: Path) -> None:
    for arguments in (("invite", "9"), ("invite", "9", "--reset")):
        assert isinstance(review(state, *arguments).exception, UnknownError)
