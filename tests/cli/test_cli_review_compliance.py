"""`tocsin review statements`, `transparency`, `orders`, `retention`, as an operator runs them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError, SettingsError
from tocsin.service.review.compliance.testing import TERMS, FakeDatabase, kitchen_file
from tocsin.service.review.contract_testing import BY, decided, handed_in, judged, reviewer, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.making import bring_up_to_date, open_desk
from tocsin.service.review.ready_testing import put_tables
from tocsin.service.review.records import Automation, Ground, Measure, MeasureKind, MeasureSource, record
from tocsin.service.review.settings import review_settings
from tocsin.service.review.store.tables import items


@pytest.fixture
def database() -> Iterator[FakeDatabase]:
    made = FakeDatabase()
    yield made
    made.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def desk(
    state: Path, tmp_path: Path, database: FakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """Yield the desk that the commands open, with the kitchen's compliance file named in the environment."""
    file = kitchen_file(tmp_path, port=database.port)
    monkeypatch.setenv("TOCSIN_REVIEW_COMPLIANCE", str(file))
    put_tables(state)
    made = open_desk(review_settings(audit_share=0), state)
    bring_up_to_date(made)
    yield made
    made.close()


def review(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["review", *arguments, "--state", str(state)])


def ran(state: Path, *arguments: str, code: int = 0) -> str:
    done = review(state, *arguments)
    assert done.exit_code == code, done.stderr or done.exception
    return done.stdout


def acted(desk: Desk, **changed: Any) -> None:
    """Have an order come, decided, and met, within this second."""
    now = datetime.now(UTC)
    order = Notice("o1", NoticeKind.ORDER, NoticeSource.AUTHORITY, received_at=now - timedelta(minutes=5))
    handed_in(desk, judged("p1", notice=order))
    made = decided(desk, reviewer(desk, "ada"))
    given: dict[str, Any] = {
        "kind": MeasureKind.REMOVED,
        "ground": Ground.INCOMPATIBLE,
        "ground_text": TERMS,
        "source": MeasureSource.ORDER,
        "automation": Automation.NONE,
        "applied_at": now,
        "decision": made.number,
    }
    desk.write(record, "p1", Measure("m1", **(given | changed)), BY)


def test_statements_are_listed_sent_and_listed_as_sent(
    desk: Desk, state: Path, database: FakeDatabase
) -> None:
    acted(desk)

    before = json.loads(ran(state, "statements", "list", "--json"))
    assert (before["counts"]["waiting"], before["statements"][0]["state"]) == (1, "waiting")
    assert json.loads(ran(state, "statements", "send", "--json")) == {
        "sent": 1,
        "unreceipted": 0,
        "refused": 0,
        "waiting": 0,
        "faulty": 0,
    }
    (stored,) = database.stored.values()
    assert stored["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    told = ran(state, "statements", "list", "--only", "sent")
    assert "sent" in told
    assert json.loads(ran(state, "statements", "list", "--only", "refused", "--json"))["statements"] == []


def test_what_cannot_be_made_or_was_refused_leaves_with_code_3(
    desk: Desk, state: Path, database: FakeDatabase
) -> None:
    acted(desk, ground_text="Kitchen rule 5")
    assert (
        ran(state, "statements", "send", code=3) == "0 sent, 0 unreceipted, 0 refused, 0 waiting, 1 faulty\n"
    )
    assert "decision_ground" in ran(state, "statements", "list")
    desk.write(
        record,
        "p1",
        Measure(
            "m2",
            MeasureKind.DEMOTED,
            Ground.INCOMPATIBLE,
            TERMS,
            MeasureSource.OWN_INITIATIVE,
            Automation.FULL,
            datetime.now(UTC),
        ),
        BY,
    )
    database.faults = lambda _: {"category": ["is cold"]}

    assert "1 refused" in ran(state, "statements", "send", code=3)
    assert ran(state, "statements", "retry", "--all") == "1 made anew\n"
    done = review(state, "statements", "retry", "1")
    assert isinstance(done.exception, InputError)
    assert review(state, "statements", "retry").exit_code == 2


def test_a_run_that_stops_says_why(desk: Desk, state: Path, database: FakeDatabase) -> None:
    acted(desk)

    def busy(handler: Any, _: Any) -> None:
        handler.send_response(503)
        handler.end_headers()

    database.scripts = [busy]
    done = review(state, "statements", "send")
    assert done.exit_code == 3
    assert "stopped: http://127.0.0.1:" in done.stderr
    assert "was 503" in done.stderr
    assert "1 sent" in ran(state, "statements", "send", "--now")


def test_statements_are_written_to_a_file_that_is_not_there_yet(
    desk: Desk, state: Path, tmp_path: Path
) -> None:
    acted(desk)
    out = tmp_path / "calls.jsonl"

    told = json.loads(ran(state, "statements", "export", "--out", str(out), "--mark-sent", "--json"))
    assert told == {"statements": 1, "calls": 1, "marked": 1, "faulty": 0}
    (call,) = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert call["statements"][0]["puid"].startswith("tocsin-")
    assert isinstance(review(state, "statements", "export", "--out", str(out)).exception, InputError)
    assert "0 statements" in ran(state, "statements", "export", "--out", str(out), "--force")
    assert "1 statements" in ran(state, "statements", "export", "--out", str(out), "--force", "--all")


def test_orders_are_told_as_a_table_as_json_and_as_csv(desk: Desk, state: Path) -> None:
    acted(desk)

    (order,) = json.loads(ran(state, "orders", "--json"))
    assert (order["item"], order["within_hour"], order["measure"]) == ("p1", True, "m1")
    (line,) = csv.DictReader(io.StringIO(ran(state, "orders", "--csv")))
    assert (line["item"], line["within_hour"], line["first_view_at"]) == ("p1", "true", "")
    assert "p1" in ran(state, "orders")
    assert json.loads(ran(state, "orders", "--to", "2020-01-01", "--json")) == []
    assert json.loads(ran(state, "orders", "--from", "2020-01-01", "--json")) == [order]
    assert review(state, "orders", "--json", "--csv").exit_code == 2


def test_a_period_is_told_as_markdown_as_json_and_as_csv(desk: Desk, state: Path) -> None:
    acted(desk)
    days = ("--from", "2020-01-01", "--to", datetime.now(UTC).date().isoformat())

    assert "| received |  | 1 |" in ran(state, "transparency", *days)
    assert json.loads(ran(state, "transparency", *days, "--json"))["orders"]["within_hour"] == 1
    assert "orders,within_hour,,1" in ran(state, "transparency", *days, "--csv").splitlines()
    backwards = review(state, "transparency", "--from", "2026-03-02", "--to", "2026-03-01")
    assert isinstance(backwards.exception, InputError)
    assert review(state, "transparency", "--from", "2026-03-02").exit_code == 2


def test_retention_tells_first_and_erases_when_told_to(desk: Desk, state: Path) -> None:
    handed_in(desk, judged("p1", level="none"), judged("p2", level="none"))
    old = (
        items.update().where(items.c.platform_id == "p1").values(received_at=datetime(2025, 1, 1, tzinfo=UTC))
    )
    desk.store.write(lambda tx: tx.execute(old))

    plan = json.loads(ran(state, "retention", "--dry-run", "--json"))
    assert plan["items"] == {"passed": 1}
    assert plan["listed"] == [{"item": "p1", "why": "passed", "since": "2025-01-11T00:00:00Z"}]
    assert "Would be erased" in ran(state, "retention", "--dry-run")
    assert [row.erased_at for row in rows(desk, items)] == [None, None]
    assert "Items: 1 passed." in ran(state, "retention", "--apply")
    assert [row.platform_id for row in rows(desk, items)] == [None, "p2"]
    assert review(state, "retention").exit_code == 2
    assert review(state, "retention", "--dry-run", "--apply").exit_code == 2


def test_what_needs_the_file_says_how_it_is_named(
    desk: Desk, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOCSIN_REVIEW_COMPLIANCE")
    for command in (["statements", "list"], ["statements", "send"], ["retention", "--dry-run"]):
        done = review(state, *command)
        assert isinstance(done.exception, SettingsError)
        assert "TOCSIN_REVIEW_COMPLIANCE" in str(done.exception)


def test_a_file_that_is_wrong_is_told_before_anything_is_done(
    desk: Desk, state: Path, tmp_path: Path
) -> None:
    kitchen_file(tmp_path, {"confirmed_days = 365": "confirmed_days = -1"})

    done = review(state, "retention", "--apply")
    assert isinstance(done.exception, SettingsError)
    assert "retention.confirmed_days" in str(done.exception)
