from __future__ import annotations

import os
import pickle
import signal
import socket
import stat
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tocsin.errors import SettingsError
from tocsin.models import Scorer
from tocsin.models.cascade import ClearingChoice
from tocsin.service.api.gate import is_loopback
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import connect, make_app
from tocsin.service.keys import FileKeys, KeyFile, make_limits_file, revoke_key
from tocsin.service.serving import running
from tocsin.service.serving.address import bind, shown
from tocsin.service.serving.first_key import FIRST_SCOPES, ensure_first_key
from tocsin.service.serving.loading import load_scorer
from tocsin.service.serving.orders import Orders, Run
from tocsin.service.serving.running import check_exposure
from tocsin.service.serving.state import open_state


@pytest.fixture
def orders(shipped_scorer: Scorer, tmp_path: Path) -> Orders:
    make_limits_file(tmp_path)
    return Orders(
        ServeSettings(),
        shipped_scorer.policy,
        shipped_scorer.bundle.digest,
        ClearingChoice(0.05, check=0.5),
        tmp_path,
        Run(tmp_path),
    )


def test_the_first_key_is_made_once(tmp_path: Path) -> None:
    file = KeyFile(tmp_path)
    place = ensure_first_key(file)

    assert place == tmp_path / "first-key"
    key = FileKeys(file).find(place.read_text(encoding="utf-8").strip())
    assert key is not None
    assert key.scopes == set(FIRST_SCOPES)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert ensure_first_key(file) == place, "who starts it a second time must find it too"
    assert len(file.read()) == 1
    place.unlink()
    assert ensure_first_key(file) is None


def test_where_every_key_was_revoked_the_first_one_is_another(tmp_path: Path) -> None:
    file = KeyFile(tmp_path)
    place = ensure_first_key(file)
    assert place
    old = place.read_text(encoding="utf-8")
    for key_id in file.read():
        revoke_key(file, key_id)

    assert ensure_first_key(file) == place
    assert place.read_text(encoding="utf-8") != old


def test_the_first_key_follows_no_link(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("soup", encoding="utf-8")
    (tmp_path / "first-key").symlink_to(target)

    place = ensure_first_key(KeyFile(tmp_path))

    assert place
    assert not place.is_symlink()
    assert target.read_text(encoding="utf-8") == "soup"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        pytest.param("127.0.0.1", True, id="the usual one"),
        pytest.param("127.8.8.8", True, id="all of 127 is"),
        pytest.param("::1", True, id="of IPv6"),
        pytest.param("localhost", True, id="by name"),
        pytest.param("0.0.0.0", False, id="every address"),  # noqa: S104 - not bound to
        pytest.param("192.0.2.7", False, id="another one"),
        pytest.param("example.org", False, id="a name that could be anybody's"),
    ],
)
def test_no_key_is_needed_on_loopback_addresses_alone(host: str, loopback: bool) -> None:
    said: list[str] = []
    settings = ServeSettings(host=host, insecure_local=True)

    assert is_loopback(host) is loopback
    if loopback:
        check_exposure(settings, said.append)
        assert "no key is asked for" in said[0]
    else:
        with pytest.raises(SettingsError, match="insecure_local: host must be a loopback address"):
            check_exposure(settings, said.append)


def test_a_server_that_others_reach_says_that_it_has_no_tls() -> None:
    said: list[str] = []
    check_exposure(ServeSettings(host="0.0.0.0"), said.append)  # noqa: S104 - not bound to
    check_exposure(ServeSettings(), said.append)

    assert len(said) == 1
    assert "no TLS" in said[0]


def test_a_free_port_is_told() -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert shown("127.0.0.1", listener) == f"http://127.0.0.1:{port}"
        assert shown("::1", listener) == f"http://[::1]:{port}"


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("127.0.0.1", id="port taken"),
        pytest.param("192.0.2.7", id="an address of nobody"),
        pytest.param("no.such.name.invalid", id="a name of nobody"),
    ],
)
def test_an_address_that_is_not_to_be_had_is_an_error(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"must be a free address of this machine, was {host} and"):
            bind(host, port)


def test_the_state_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    said: list[str] = []
    before = os.umask(0)
    try:
        folder = open_state(ServeSettings(state=tmp_path / "a" / "b"), said.append)
    finally:
        os.umask(before)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert said == []


def test_without_a_setting_the_state_is_in_the_users_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert open_state(ServeSettings(), pytest.fail) == tmp_path / "tocsin"


def test_a_state_folder_that_everybody_can_write_to_is_told_of(tmp_path: Path) -> None:
    said: list[str] = []
    tmp_path.chmod(0o777)
    open_state(ServeSettings(state=tmp_path), said.append)

    assert "its group can write" in said[0]
    assert "everybody on this machine can write" in said[1]


def test_a_state_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match="state must be a folder"):
        open_state(ServeSettings(state=tmp_path / "file"), pytest.fail)


def test_orders_reach_a_worker_as_they_were_given(orders: Orders) -> None:
    received: Orders = pickle.loads(pickle.dumps(orders))  # noqa: S301 - our own

    assert received == orders
    scorer = load_scorer(received.settings, received)
    assert scorer.policy.stamp == orders.policy.stamp
    assert scorer.bundle.digest == orders.digest
    # the rule that the parent read, whatever a file of it says by now
    assert scorer.clearing == orders.clearing
    assert scorer.clearings["en"].loss == 0.05


@pytest.mark.parametrize(
    ("review", "share", "asked"),
    [(True, "0.1", True), (True, "0", False), (False, "0.1", False)],
    ids=["a queue that learns", "a queue that does not", "no queue"],
)
def test_how_near_texts_come_to_a_level_is_told_where_the_queue_asks(
    monkeypatch: pytest.MonkeyPatch, review: bool, share: str, asked: bool
) -> None:
    monkeypatch.setenv("TOCSIN_REVIEW_LEARNING_SHARE", share)
    (made,) = load_scorer(ServeSettings(review=review)).assess(["The soup is served."])
    assert (made.standing is not None) is asked


@pytest.fixture
def named(shipped_scorer: Scorer) -> TestClient:
    settings = ServeSettings(allowed_hosts=("Tocsin.Example.org", "::1"))
    return TestClient(make_app(shipped_scorer, settings), raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        pytest.param("tocsin.example.org", True, id="its name"),
        pytest.param("TOCSIN.example.org:8080", True, id="in large letters, with a port"),
        pytest.param("[::1]:8080", True, id="an address of IPv6"),
        pytest.param("evil.example.org", False, id="another name"),
        pytest.param("tocsin.example.org.evil.example", False, id="a longer one"),
        pytest.param("[", False, id="half a bracket"),
        pytest.param("", False, id="no name"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/model", "/openapi.json", "/nothing/here"])
def test_a_request_must_use_one_of_the_allowed_names(
    named: TestClient, path: str, host: str, allowed: bool
) -> None:
    answer = named.get(path, headers={"Host": host})

    assert (answer.status_code != 421) is allowed
    if not allowed:
        assert answer.json()["code"] == "host_refused"


def test_any_name_will_do_where_none_is_set(shipped_scorer: Scorer) -> None:
    with connect(make_app(shipped_scorer)) as client:
        assert client.get("/v1/model", headers={"Host": "soup.example"}).status_code == 200


def test_whoever_is_told_to_leave_while_a_library_loads_leaves_whatever_that_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(settings: ServeSettings, say: object) -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except SystemExit as error:
            raise ImportError("initialization failed") from error

    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)]
    monkeypatch.setattr(running, "_serve", interrupted)
    try:
        with pytest.raises(SystemExit) as left:
            running.run(ServeSettings(), print)
    finally:
        for one, handler in zip((signal.SIGTERM, signal.SIGHUP), before, strict=True):
            signal.signal(one, handler)

    assert left.value.code == 0


def test_whoever_is_interrupted_while_a_library_loads_is_interrupted_whatever_that_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(settings: ServeSettings, say: object) -> None:
        raise ImportError("initialization failed") from KeyboardInterrupt()

    before = [signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)]
    monkeypatch.setattr(running, "_serve", interrupted)
    try:
        with pytest.raises(KeyboardInterrupt):
            running.run(ServeSettings(), print)
    finally:
        for one, handler in zip((signal.SIGTERM, signal.SIGHUP), before, strict=True):
            signal.signal(one, handler)
