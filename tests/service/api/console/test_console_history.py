"""An item's history as a page: all that became of it, what only leads see of that, and what they do there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.console.item.testing import Kitchen, claim_of, elements
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.review.contract_testing import BY, PLATFORM, rows
from tocsin.service.review.decisions import Appeal, AppealSource, appeal
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.outbox import Event
from tocsin.service.review.records import (
    Automation,
    Erasure,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    Reviewer,
    erase,
    hold,
    record,
)
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import holds, items, outbox

TEXT = "Marjoram soup simmers quietly."
NOTICE = Notice("n-4", NoticeKind.NOTICE, NoticeSource.TRUSTED_FLAGGER, statement="Cardamom dumplings")
PATH = "/review/tasks/1/history"


@pytest.fixture
def kitchen(tmp_path: Path, shipped_scorer: Scorer) -> Kitchen:
    """Return a kitchen in which one task waits, and whose platform listens."""
    (tmp_path / "platform.secret").write_text("whsec_" + "A" * 43 + "=\n", encoding="utf-8")
    (tmp_path / "platform.secret").chmod(0o600)
    hooks = tmp_path / "webhooks.toml"
    hooks.write_text(
        '[[webhook]]\nname = "platform"\nurl = "https://platform.example/hook"\n'
        'secret_file = "platform.secret"\n',
        encoding="utf-8",
    )
    made = Kitchen(tmp_path, shipped_scorer, webhooks=hooks)
    made.hand_in("p-17", TEXT, notice=NOTICE)
    return made


@pytest.fixture
def browser(kitchen: Kitchen) -> Iterator[Browser]:
    # Not started: nothing is sent, so that each state of a message is the test's own.
    yield Browser(TestClient(kitchen.app(), raise_server_exceptions=False))
    kitchen.desk.close()


@pytest.fixture
def enter(kitchen: Kitchen, browser: Browser) -> Callable[..., Reviewer]:
    """Return what signs somebody in."""

    def do(role: Role = Role.REVIEWER, name: str | None = None) -> Reviewer:
        me = colleague(kitchen.desk, role, name)
        sign_in(browser, kitchen.desk, me)
        return me

    return do


Enter = Callable[..., Reviewer]


def read_and_decide(browser: Browser, note: str = "See the guide") -> None:
    """Claim, read and confirm task 1."""
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/claim")
    browser.post("/review/tasks/1/reveal", {"part": "sentence:0"})
    browser.post("/review/tasks/1/reveal", {"part": "notice:1"})
    fields = {"claim": claim_of(browser), "verdict": "confirm", "policy": "hate", "note": note}
    browser.post("/review/tasks/1/decide", fields, 303, follow=False)


def test_all_that_became_of_an_item_is_there_in_words(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    me = enter()
    read_and_decide(browser)
    measure = Measure(
        "m1",
        MeasureKind.VISIBILITY_OTHER,
        Ground.ILLEGAL,
        "The kitchen act, 4",
        MeasureSource.NOTICE,
        Automation.NONE,
        datetime(2026, 3, 2, 10, tzinfo=UTC),
        other="smaller print",
        decision=1,
    )
    kitchen.desk.write(record, "p-17", measure, BY)
    kitchen.desk.write(appeal, "p-17", Appeal("a-1", AppealSource.AUTHOR), BY)
    browser.get("/review/tasks/2")
    browser.post("/review/tasks/2/page")
    browser.get(PATH)
    told = browser.words
    for words in (
        "History of item p-17",
        "Decision 1: confirmed: Attack on people for a protected characteristic , 2 Mar 2026, 09:00 UTC",
        f"by you ({me.number}), in task 1",
        "Note: See the guide",
        "1 Urgent",
        "2 Appeals",
        "notice trusted flagger n-4",
        "appeal against decision 1 author a-1",
        "visibility other: smaller print illegal: The kitchen act, 4 2 Mar 2026, 10:00 UTC – 1",
        f"a life may be in danger reviewer {me.number} 2 Mar 2026, 09:00 UTC not yet",
        "decision.made platform 2 Mar 2026, 09:00 UTC waiting",
        "lead.paged platform",
        f"reviewer {me.number} a sentence, a notice's words",
    ):
        assert words in told, words
    assert "Marjoram" not in browser.page.text
    assert "Cardamom" not in browser.page.text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            {"state": "delivered", "settled_at": datetime(2026, 3, 2, 9, 1, tzinfo=UTC)},
            "delivered 2 Mar 2026, 09:01 UTC",
        ),
        (
            {
                "state": "dead",
                "settled_at": datetime(2026, 3, 5, 9, 1, tzinfo=UTC),
                "fault": "answered with 500",
            },
            "could not be delivered , 5 Mar 2026, 09:01 UTC : answered with 500",
        ),
        (
            {"attempts": 2, "fault": "answered with 503"},
            "waiting after 2 tries (answered with 503), again 2 Mar 2026",
        ),
        ({}, "waiting"),
    ],
    ids=["delivered", "dead", "tried", "waiting"],
)
def test_where_a_message_is_is_told(
    browser: Browser, kitchen: Kitchen, enter: Enter, values: dict[str, object], words: str
) -> None:
    enter()
    read_and_decide(browser)
    if values:
        kitchen.desk.write(lambda tx, _: tx.execute(outbox.update().values(**values)).rowcount)
    browser.get(PATH)
    assert f"{Event.DECISION_MADE} platform 2 Mar 2026, 09:00 UTC {words}" in browser.words


def test_a_lead_keeps_an_item_and_lets_it_go(browser: Browser, kitchen: Kitchen, enter: Enter) -> None:
    me = enter(Role.LEAD)
    browser.get(PATH)
    browser.post("/review/tasks/1/holds", {"reason": " Court file 12 "})
    assert browser.path == f"{PATH}?said=held"
    assert "Court file 12" in browser.words
    assert (
        f"Hold 1, placed 2 Mar 2026, 09:00 UTC by you ({me.number}): the item is not erased" in browser.words
    )
    assert kitchen.desk.write(erase, "p-17", PLATFORM) is Erasure.HELD
    browser.post("/review/tasks/1/holds/1/release")
    assert browser.path == f"{PATH}?said=hold-released"
    assert "History of an erased item" in browser.words
    assert rows(kitchen.desk, items)[0].text is None


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501], ids=["none", "blank", "too long"])
def test_a_hold_without_a_reason_is_refused_in_words(
    browser: Browser, kitchen: Kitchen, enter: Enter, reason: str
) -> None:
    enter(Role.LEAD)
    browser.get(PATH)
    browser.post("/review/tasks/1/holds", {"reason": reason}, 400)
    page = elements(browser.page.text)
    assert "A hold's reason must have 1 to 500 characters" in " ".join(page.text_of("p", role="alert"))
    assert page.text_of("textarea", id="hold-reason") == [reason.strip()]
    assert rows(kitchen.desk, holds) == []


def test_a_hold_of_another_item_is_not_released_from_here(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    me = enter(Role.LEAD)
    kitchen.hand_in("p-18", "Another soup")
    kitchen.desk.write(hold, me, "p-18", "Court file 12")
    browser.get(PATH)
    for given in ("1", "soup"):
        browser.get(PATH)
        browser.post(f"/review/tasks/1/holds/{given}/release", status=404)
    assert rows(kitchen.desk, holds)[0].released_at is None


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SENIOR], ids=lambda role: role.word)
def test_holds_are_leads_business_and_so_are_their_reasons(
    browser: Browser, kitchen: Kitchen, enter: Enter, role: Role
) -> None:
    lead = enter(Role.LEAD)
    kitchen.desk.write(hold, lead, "p-17", "Court file 12")
    enter(role)
    browser.get(PATH)
    assert "Hold 1, placed" in browser.words
    assert "Court file" not in browser.page.text
    assert "Place a hold" not in browser.words
    assert "Release" not in browser.words
    browser.post("/review/tasks/1/holds", {"reason": "mine"}, 403)
    browser.get(PATH)
    browser.post("/review/tasks/1/holds/1/release", status=403)
    assert [one.released_at for one in rows(kitchen.desk, holds)] == [None]


@pytest.mark.parametrize(
    ("role", "offered"),
    [(Role.REVIEWER, False), (Role.SENIOR, False), (Role.LEAD, True)],
    ids=["a reviewer", "a senior", "a lead"],
)
def test_to_undo_is_offered_to_whoever_decided_and_to_leads_while_it_is_fresh(
    browser: Browser, kitchen: Kitchen, enter: Enter, role: Role, offered: bool
) -> None:
    me = enter(name="first")
    read_and_decide(browser)
    browser.get(PATH)
    assert "Undo this decision" in browser.words
    enter(role)
    browser.get(PATH)
    assert ("Undo this decision" in browser.words) == offered
    kitchen.clock.advance(601)
    for one in (me, colleague(kitchen.desk, Role.ADMIN)):
        sign_in(browser, kitchen.desk, one)
        browser.get(PATH)
        assert "Undo this decision" not in browser.words


def test_an_item_that_was_erased_has_a_history_of_numbers(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter(Role.LEAD)
    read_and_decide(browser)
    kitchen.desk.write(erase, "p-17", PLATFORM)
    browser.get(PATH)
    assert "History of an erased item" in browser.words
    assert "Decision 1: confirmed" in browser.words
    for gone in ("p-17", "n-4", "See the guide", "Place a hold"):
        assert gone not in browser.page.text
    browser.post("/review/tasks/1/holds", {"reason": "too late"}, 400)
    assert "The item was erased: there is nothing to keep." in browser.words
