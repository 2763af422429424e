"""The lists: queues, search, the log, messages; for whom, in which words, whatever is asked."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import update

from tocsin.assessment import Level, Reason
from tocsin.models import Scorer
from tocsin.service.api.console.item.testing import Kitchen
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.testing import connect
from tocsin.service.review.contract_testing import DISMISS, decided, rows
from tocsin.service.review.decisions import Said
from tocsin.service.review.filling_testing import fill
from tocsin.service.review.intake import Expected, Notice, NoticeKind, NoticeSource
from tocsin.service.review.log import Action, Actor, Entry, append
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import Reviewer, raise_page
from tocsin.service.review.records.searching import PAGE
from tocsin.service.review.records.searching.filters import READERS
from tocsin.service.review.role import Role
from tocsin.service.review.store.console_tables import filters
from tocsin.service.review.store.tables import log, outbox, pages, tasks
from tocsin.service.review.tasks import claim_next
from tocsin.service.review.verdict import Verdict

ORDER = Notice("o-1", NoticeKind.ORDER, NoticeSource.AUTHORITY)
TEXT = "Marjoram soup simmers beside pumpernickel."
ODD = [
    "' OR 1=1 --",
    "'; DROP TABLE tasks; --",
    '"',
    "%",
    "_",
    "\\",
    "${7*7}{{7*7}}",
    "<script>alert(1)</script>",
    "\U00013080",
]


@pytest.fixture
def kitchen(tmp_path: Path, shipped_scorer: Scorer) -> Kitchen:
    return Kitchen(tmp_path, shipped_scorer)


@pytest.fixture
def browser(kitchen: Kitchen) -> Iterator[Browser]:
    with connect(kitchen.app(), None) as client:
        yield Browser(client)


@pytest.fixture
def enter(kitchen: Kitchen, browser: Browser) -> Callable[..., Reviewer]:
    """Return what signs somebody in."""

    def do(role: Role = Role.REVIEWER, name: str | None = None) -> Reviewer:
        me = colleague(kitchen.desk, role, name)
        sign_in(browser, kitchen.desk, me)
        return me

    return do


Enter = Callable[..., Reviewer]


def row_of(browser: Browser, title: str) -> str:
    """Return the words of the table's row that begins with `title`."""
    for row in re.findall(r"<tr>.*?</tr>", browser.page.text, re.DOTALL):
        words = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", row)).split())
        if words.startswith(title):
            return words
    raise AssertionError(f"a row must begin with {title!r}, none does")


def hits(browser: Browser) -> list[str]:
    """Return the platform's ids of what a search found."""
    return [html.unescape(one) for one in re.findall(r'<bdi class="id">([^<]*)</bdi>', browser.page.text)]


# Queues ----------------------------------------------------------------------------------------------------


def test_an_empty_house_says_so_and_offers_the_next_task_all_the_same(browser: Browser, enter: Enter) -> None:
    enter()
    browser.get("/review")
    assert "Nothing is open now." in browser.words
    assert row_of(browser, "Urgent") == "Urgent A policy reached its level urgent. 0 0 0 – – 0"
    browser.post("/review/claims")
    assert "Nothing waits for you now" in browser.words


def test_each_queue_tells_how_much_waits_for_how_long_and_what_is_late(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    kitchen.hand_in("p1", TEXT, notice=ORDER)
    kitchen.hand_in("p2", TEXT)
    kitchen.hand_in("p3", TEXT, Level.REVIEW)
    kitchen.clock.advance(minutes=30)
    enter()
    browser.get("/review")
    assert "3 tasks are open" in browser.words
    assert "1 0 0 30 min ago in 30 min 0 Take next" in row_of(browser, "Removal orders")
    kitchen.clock.advance(hours=1)
    enter(name="later")
    browser.get("/review")
    assert "1 0 0 1 h 30 min ago 30 min ago 1 Take next" in row_of(browser, "Removal orders")
    assert "1 0 0 1 h 30 min ago – 0 Take next" in row_of(browser, "To review")


def test_the_next_task_of_one_queue_is_taken_and_told_as_in_hand_with_the_time_left(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    kitchen.hand_in("p1", TEXT, Level.URGENT)
    kitchen.hand_in("p2", TEXT, Level.REVIEW)
    enter()
    browser.get("/review")
    browser.post("/review/claims", {"queue": "review"})
    assert browser.path == "/review/tasks/2"
    browser.get("/review")
    assert "Task 2 , To review, item p2 : yours for 15 min" in browser.words
    assert "1 1 0" in row_of(browser, "To review")
    kitchen.clock.advance(minutes=20)
    browser.get("/review")
    assert "your time ran out 5 min ago" in browser.words


def test_no_text_is_on_any_list(kitchen: Kitchen, browser: Browser, enter: Enter) -> None:
    kitchen.hand_in("p1", TEXT, notice=ORDER, thread=("Before: horseradish",))
    me = enter(Role.ADMIN)
    decided(kitchen.desk, me, DISMISS)
    for path in (
        "/review",
        "/review/search?state=any",
        "/review/dashboard",
        "/review/log",
        "/review/messages",
    ):
        page = browser.get(path)
        assert not [word for word in ("Marjoram", "pumpernickel", "horseradish") if word in page], path


# What reviewers must not tell apart ------------------------------------------------------------------------


def test_a_golden_item_lies_for_reviewers_where_others_do_and_for_leads_apart(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    kitchen.hand_in("plain", TEXT, Level.REVIEW)
    kitchen.hand_in("known", TEXT, Level.REVIEW, expected=Expected("hate"))
    for role in (Role.REVIEWER, Role.SENIOR):
        enter(role)
        page = browser.get("/review")
        assert "2 0 0" in row_of(browser, "To review")
        assert "Known answer" not in page
        assert "golden" not in page
        browser.get("/review/search?queue=review")
        assert sorted(hits(browser)) == ["known", "plain"]
        assert row_of(browser, "1").replace("plain", "known")[1:] == row_of(browser, "2")[1:]
    enter(Role.LEAD)
    browser.get("/review")
    assert "1 0 0" in row_of(browser, "To review")
    assert "1 0 0" in row_of(browser, "Known answer")
    browser.get("/review/search?queue=golden")
    assert hits(browser) == ["known"]
    browser.get("/review/search?queue=review")
    assert hits(browser) == ["plain"]


@pytest.mark.parametrize(
    "query",
    [
        {"queue": "golden"},
        {"holder": "1"},
        {"state": "done", "decider": "1"},
        {"queue": "golden", "after": "1"},
    ],
    ids=str,
)
def test_what_is_for_leads_is_refused_to_others_searched_or_saved(
    kitchen: Kitchen, browser: Browser, enter: Enter, query: dict[str, str]
) -> None:
    kitchen.hand_in("known", TEXT, Level.REVIEW, expected=Expected("hate"))
    enter(Role.SENIOR)
    browser.get(f"/review/search?{urlencode(query)}", 403)
    assert "only leads search" in browser.words
    assert hits(browser) == []
    browser.post("/review/filters", {"name": "gold", **query}, 403)
    assert rows(kitchen.desk, filters) == []
    enter(Role.LEAD)
    browser.get(f"/review/search?{urlencode(query)}")


def test_the_form_offers_to_each_role_what_it_may_ask(browser: Browser, enter: Enter) -> None:
    enter()
    page = browser.get("/review/search")
    assert not [name for name in ("golden", 'name="holder"', 'name="decider"') if name in page]
    enter(Role.LEAD)
    page = browser.get("/review/search")
    assert not [name for name in ("golden", 'name="holder"', 'name="decider"') if name not in page]


def test_who_holds_and_who_decided_is_told_to_leads_alone(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    kitchen.hand_in("p1", TEXT)
    kitchen.hand_in("p2", TEXT)
    cook = colleague(kitchen.desk, name="cook")
    decided(kitchen.desk, cook, DISMISS)
    kitchen.desk.jot(claim_next, cook)
    enter(Role.SENIOR)
    browser.get("/review/search?state=any")
    assert "in somebody's hands" in row_of(browser, "2")
    assert f"reviewer {cook.number}" not in browser.words
    enter(Role.LEAD)
    browser.get("/review/search?state=any")
    assert f"in somebody's hands (reviewer {cook.number})" in row_of(browser, "2")
    assert f"dismissed (reviewer {cook.number})" in row_of(browser, "1")


# Search ----------------------------------------------------------------------------------------------------


def test_every_filter_has_its_field(kitchen: Kitchen, browser: Browser, enter: Enter) -> None:
    enter(Role.LEAD)
    page = browser.get("/review/search")
    assert set(re.findall(r'name="(\w+)"', page)) >= set(READERS)


def test_what_was_asked_stands_in_the_form_again(browser: Browser, enter: Enter) -> None:
    enter()
    page = browser.get("/review/search?queue=urgent&community=big+%22kitchen%22&late=yes")
    assert '<option value="urgent" selected>' in page
    assert 'name="community" type="text" value="big &#34;kitchen&#34;"' in page
    assert 'name="late" value="yes" checked' in page
    assert "Filters (Queue: Urgent; Past its deadline, or decided after it;" in browser.words


def test_a_decision_is_told_in_words(kitchen: Kitchen, browser: Browser, enter: Enter) -> None:
    policy = kitchen.scorer.policy.policies[0]
    for name in ("p1", "p2"):
        kitchen.hand_in(name, TEXT)
    me = enter(Role.LEAD)
    decided(kitchen.desk, me, Said(Verdict.CONFIRM, policy.name))
    browser.get("/review/search?state=done&verdict=confirm")
    assert f"confirmed: {policy.title}" in row_of(browser, "1")
    browser.get("/review/search")
    assert "waits" in row_of(browser, "2")


@pytest.mark.parametrize("name", sorted(READERS))
def test_whatever_stands_in_a_filter_the_page_answers_and_nothing_breaks_out(
    kitchen: Kitchen, browser: Browser, enter: Enter, name: str
) -> None:
    kitchen.hand_in("p1", TEXT, community="kitchen")
    enter(Role.LEAD)
    words = READERS[name].__name__ in {"read_name", "read_policy"}
    for odd in [*ODD, "\u202e", "a" * 5_000, "1" * 30, "-1", "2026-13-45"]:
        allowed = words and odd.isprintable() and len(odd) <= 512
        state = {"state": "any"} if name != "state" else {}
        page = browser.get(f"/review/search?{urlencode({**state, name: odd})}", 200 if allowed else 400)
        assert hits(browser) == []
        assert "<script>alert" not in page
        assert "49" not in browser.words
        if not allowed:
            assert f"{name} must" in browser.words
    assert len(rows(kitchen.desk, tasks)) == 1


@pytest.mark.parametrize("prefix", ["p%", "p_", "p\\", "P"])
def test_a_wildcard_in_a_beginning_stands_for_itself(
    kitchen: Kitchen, browser: Browser, enter: Enter, prefix: str
) -> None:
    for name in ("p1", "px1", f"{prefix}1"):
        kitchen.hand_in(name, TEXT)
    enter()
    browser.get(f"/review/search?{urlencode({'begins': prefix})}")
    assert hits(browser) == [f"{prefix}1"]


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("nothing=1", 400, "a filter must be one of"),
        ("after=x", 400, "after must be a number"),
        ("verdict=confirm", 400, "verdict must go with the state done or any"),
        ("after=99", 404, "there is no task 99"),
    ],
)
def test_what_cannot_be_meant_is_answered_with_its_rule(
    browser: Browser, enter: Enter, query: str, status: int, says: str
) -> None:
    enter()
    browser.get(f"/review/search?{query}", status)
    assert says in browser.words


def test_pages_lead_from_one_to_the_next(kitchen: Kitchen, browser: Browser, enter: Enter) -> None:
    fill(kitchen.desk, PAGE + 3, (Queue.REVIEW,), spread=timedelta(days=1))
    enter()
    page = browser.get("/review/search?queue=review")
    first = hits(browser)
    (onward,) = re.findall(r'href="([^"]*after=\d+)"', page)
    browser.get(html.unescape(onward))
    assert (len(first), len(hits(browser))) == (PAGE, 3)
    assert not set(first) & set(hits(browser))
    assert "Next page" not in browser.words
    assert "Back to the first page" in browser.words


def test_filters_are_saved_used_replaced_and_deleted(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    kitchen.hand_in("p1", TEXT, Level.URGENT)
    kitchen.hand_in("p2", TEXT, Level.REVIEW)
    enter()
    browser.get("/review/search?queue=review")
    browser.post("/review/filters", {"name": "<b>calm & slow</b>", "queue": "review"})
    assert browser.path == "/review/search?queue=review&said=filter-saved"
    assert "Saved." in browser.words
    assert "&lt;b&gt;calm &amp; slow&lt;/b&gt;" in browser.page.text
    page = browser.get("/review/search")
    (to,) = re.findall(r'<a href="([^"]*)">&lt;b&gt;calm', page)
    browser.get(html.unescape(to))
    assert hits(browser) == ["p2"]
    (number,) = [row.id for row in rows(kitchen.desk, filters)]
    browser.post(f"/review/filters/{number}/delete")
    assert rows(kitchen.desk, filters) == []


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"name": "", "queue": "review"}, 400, "1 to 80 printable characters"),
        ({"name": "a" * 81}, 400, "1 to 80 printable characters"),
        ({"name": "x", "queue": "soup"}, 400, "queue must be one of"),
    ],
    ids=["no name", "a long name", "no such queue"],
)
def test_what_cannot_be_saved_is_told_and_kept_in_the_form(
    kitchen: Kitchen, browser: Browser, enter: Enter, fields: dict[str, str], status: int, says: str
) -> None:
    enter()
    browser.get("/review/search")
    browser.post("/review/filters", fields, status)
    assert says in browser.words
    assert rows(kitchen.desk, filters) == []
    if fields["name"]:
        assert f'value="{fields["name"]}"' in browser.page.text


def test_nobody_deletes_anothers_filter(kitchen: Kitchen, browser: Browser, enter: Enter) -> None:
    enter(name="one")
    browser.get("/review/search")
    browser.post("/review/filters", {"name": "mine"})
    (number,) = [row.id for row in rows(kitchen.desk, filters)]
    enter(name="other")
    assert "mine" not in browser.get("/review/search")
    browser.post(f"/review/filters/{number}/delete", status=404)
    assert len(rows(kitchen.desk, filters)) == 1


def test_the_page_says_that_texts_are_not_searched(browser: Browser, enter: Enter) -> None:
    enter()
    browser.get("/review/search")
    assert "Texts are not searched" in browser.words


def test_every_choice_of_the_form_is_one_that_can_be_asked(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    enter(Role.LEAD)
    page = browser.get("/review/search")
    for name, options in re.findall(r'<select id="f-(\w+)".*?>(.*?)</select>', page, re.DOTALL):
        for value in re.findall(r'<option value="([^"]*)"', options):
            browser.get(f"/review/search?{urlencode({'state': 'any', name: html.unescape(value)})}")


# Leads' alarms, the log, messages --------------------------------------------------------------------------


def test_leads_see_whom_nobody_answered_first_and_take_it_on(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    kitchen.hand_in("p1", TEXT)
    cook = colleague(kitchen.desk, name="cook")
    number = kitchen.desk.write(raise_page, cook, 1)
    enter()
    assert "A life may be in danger" not in browser.get("/review")
    browser.post(f"/review/pages/{number}/acknowledge", status=403)
    me = enter(Role.LEAD)
    page = browser.get("/review")
    assert page.index("A life may be in danger") < page.index("Take the next task")
    browser.post(f"/review/pages/{number}/acknowledge")
    assert "You have taken it on." in browser.words
    assert "A life may be in danger" not in browser.words
    assert [row.acknowledged_by for row in rows(kitchen.desk, pages)] == [me.number]
    enter(Role.LEAD, "other lead")
    browser.get("/review")
    browser.post(f"/review/pages/{number}/acknowledge", status=409)
    browser.get("/review")
    browser.post("/review/pages/99/acknowledge", status=404)


def test_the_log_is_verified_while_one_waits_and_its_head_told_to_keep(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    enter(Role.LEAD)
    browser.get("/review/log")
    assert '{"seq": 1, "mac": "' in browser.words
    browser.get("/review/log?verify=latest")
    assert "The latest 1 row is whole" in browser.words
    broken = update(log).values(actor="nobody")
    kitchen.desk.store.write(lambda tx: tx.exec_driver_sql("DROP TRIGGER log_no_update"))
    kitchen.desk.store.write(lambda tx: tx.execute(broken))
    browser.get("/review/log?verify=latest")
    assert "The log is not what was written." in browser.words
    assert "Row 1: this row, or the one before it, is not what was sealed" in browser.words


def test_the_log_tells_no_name(kitchen: Kitchen, browser: Browser, enter: Enter) -> None:
    kitchen.hand_in("p-17", TEXT)
    me = enter(Role.LEAD, "lena")
    decided(kitchen.desk, me, DISMISS)
    kitchen.desk.store.write(
        lambda tx: append(
            tx, kitchen.desk.context.key, Entry(kitchen.clock.at, Actor("system"), Action.VIEWED)
        )
    )
    page = browser.get("/review/log?verify=latest")
    assert "p-17" not in page


def test_admins_send_again_what_could_not_be_delivered(
    kitchen: Kitchen, browser: Browser, enter: Enter
) -> None:
    letter = {
        "endpoint": "platform",
        "event": "decision.made",
        "body": "{}",
        "state": "dead",
        "attempts": 10,
        "created_at": kitchen.clock.at,
        "due_at": kitchen.clock.at,
        "fault": "answered 500",
    }
    dead = [{**letter, "message": f"msg_{number}"} for number in range(3)]
    kitchen.desk.store.write(lambda tx: tx.execute(outbox.insert(), dead))
    enter(Role.LEAD)
    browser.get("/review/messages", 403)
    enter(Role.ADMIN)
    browser.get("/review/messages")
    assert "0 messages wait to be delivered, 3 could not be." in browser.words
    assert "no: nobody sends them" not in browser.words
    assert "answered 500" in row_of(browser, "1")
    browser.post("/review/messages/resend", {"message": "1"})
    assert "1 message waits to be delivered, 2 could not be." in browser.words
    assert "no: nobody sends them" in row_of(browser, "platform")
    browser.post("/review/messages/resend", {"message": "1"}, 400)
    browser.get("/review/messages")
    browser.post("/review/messages/resend", {"all": "yes"})
    assert "3 messages wait" in browser.words
    assert "Nothing is stuck." in browser.words
    browser.post("/review/messages/resend", {}, 404)


def test_why_an_item_was_not_judged_can_be_asked(kitchen: Kitchen, browser: Browser, enter: Enter) -> None:
    kitchen.hand_in("long", TEXT, unscorable=Reason.TOO_LONG)
    kitchen.hand_in("foreign", TEXT, unscorable=Reason.LANGUAGE)
    enter()
    browser.get("/review/search?reason=too_long")
    assert hits(browser) == ["long"]
    browser.get("/review/search?level=unjudged")
    assert sorted(hits(browser)) == ["foreign", "long"]
