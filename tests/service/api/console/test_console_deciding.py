"""Deciding on the item page: what each verdict comes to, and that nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tocsin.assessment import Level
from tocsin.models import Scorer
from tocsin.service.api.console.item.testing import Kitchen, claim_of, elements
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.testing import connect
from tocsin.service.review.care.preferences import Preferences, keep_preferences
from tocsin.service.review.contract_testing import recipe, rows
from tocsin.service.review.log import Actor
from tocsin.service.review.records import Reviewer, change_reviewer
from tocsin.service.review.role import Role
from tocsin.service.review.store.tables import decisions, pages, tasks
from tocsin.service.review.tasks import claim_task

SOUP = recipe(1)
NOTE = "Far too much salt"
Enter = Callable[..., Reviewer]


@pytest.fixture
def kitchen(tmp_path: Path, shipped_scorer: Scorer) -> Kitchen:
    """Return a kitchen in which four tasks wait, three of them near-copies."""
    made = Kitchen(tmp_path, shipped_scorer)
    for number, text in enumerate((SOUP, f"{SOUP} #zorbia", f"{SOUP}!")):
        made.hand_in(f"c-{number}", text)
    made.hand_in("r-1", recipe(2), Level.REVIEW)
    return made


@pytest.fixture
def browser(kitchen: Kitchen) -> Iterator[Browser]:
    with connect(kitchen.app(), None) as client:
        yield Browser(client)


@pytest.fixture
def enter(kitchen: Kitchen, browser: Browser) -> Enter:
    """Return what signs somebody in who has the first task in hand."""

    def do(role: Role = Role.REVIEWER, *, task: int | None = 1, **chosen: Any) -> Reviewer:
        me = colleague(kitchen.desk, role, f"{role.word} {len(rows(kitchen.desk, decisions))}")
        kitchen.desk.write(keep_preferences, me.number, replace(Preferences(onward=False), **chosen))
        sign_in(browser, kitchen.desk, me)
        if task is not None:
            browser.get(f"/review/tasks/{task}")
            browser.post(f"/review/tasks/{task}/claim")
        return me

    return do


def decide(browser: Browser, status: int = 303, to: str = "decide", **fields: Any) -> str:
    """Send the decision form of task 1; return where it leads."""
    fields = {"claim": claim_of(browser), **fields}
    browser.post(f"/review/tasks/1/{to}", fields, status, follow=False)
    return str(browser.page.headers.get("location", ""))


@pytest.mark.parametrize(
    ("fields", "kept", "state", "least", "said"),
    [
        pytest.param(
            {"verdict": "confirm", "policy": "hate", "note": f" {NOTE}\r\nindeed "},
            ("confirm", "hate", None, f"{NOTE}\nindeed"),
            "done",
            1,
            "decided",
            id="confirm",
        ),
        pytest.param(
            {"verdict": "dismiss", "policy": "hate", "escalate_reason": "none", "note": ""},
            ("dismiss", None, None, None),
            "done",
            1,
            "decided",
            id="dismiss, whatever else is in the form",
        ),
        pytest.param(
            {"verdict": "escalate", "escalate_reason": "In Zorbian", "skip_reason": "no"},
            ("escalate", None, "In Zorbian", None),
            "open",
            2,
            "escalated",
            id="escalate",
        ),
        pytest.param(
            {"verdict": "skip", "skip_reason": "I know the cook", "note": NOTE},
            ("skip", None, "I know the cook", NOTE),
            "open",
            1,
            "skipped",
            id="skip",
        ),
    ],
)
def test_each_verdict_is_kept_as_it_was_said(
    browser: Browser,
    kitchen: Kitchen,
    enter: Enter,
    fields: dict[str, Any],
    kept: tuple[Any, ...],
    state: str,
    least: int,
    said: str,
) -> None:
    me = enter()
    assert decide(browser, **fields) == f"/review?said={said}"
    (made,) = rows(kitchen.desk, decisions)
    task = rows(kitchen.desk, tasks)[0]
    assert (made.verdict, made.policy, made.reason, made.note) == kept
    assert (made.task, made.reviewer) == (1, me.number)
    assert (task.state, task.least_role) == (state, least)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        pytest.param(
            {"verdict": "confirm"}, "Choose the policy that it breaks, then confirm.", id="no policy"
        ),
        pytest.param(
            {"verdict": "confirm", "policy": "gravy"}, "A policy must be one of", id="a policy that is none"
        ),
        pytest.param({"verdict": "escalate"}, "A reason must be given to escalate.", id="no reason"),
        pytest.param(
            {"verdict": "skip", "skip_reason": " \n"}, "A reason must be given to skip.", id="blank"
        ),
        pytest.param({"verdict": "gravy"}, "A verdict must be one of", id="a verdict that is none"),
        pytest.param({}, "A verdict must be one of", id="no verdict"),
        pytest.param(
            {"verdict": "dismiss", "note": "x" * 10_001}, "A note must have at most 10,000", id="too long"
        ),
    ],
)
def test_what_cannot_be_said_is_refused_in_words_and_what_was_typed_stays(
    browser: Browser, kitchen: Kitchen, enter: Enter, fields: dict[str, str], fault: str
) -> None:
    enter()
    decide(browser, 400, **{"note": NOTE, "skip_reason": "the cook", **fields})
    page = elements(browser.page.text)
    assert fault in " ".join(page.text_of("div", role="alert"))
    assert "Nothing was changed. The task is still yours." in browser.words
    assert page.text_of("textarea", id="note") == [fields.get("note", NOTE)]
    assert page.text_of("textarea", id="skip_reason") == [fields.get("skip_reason", "the cook").strip()]
    assert rows(kitchen.desk, decisions) == []
    assert decide(browser, verdict="dismiss") == "/review?said=decided"


def test_the_policy_that_was_chosen_stays_chosen(browser: Browser, enter: Enter) -> None:
    enter()
    decide(browser, 400, verdict="skip", policy="hate")
    radios = [one for one in elements(browser.page.text).named("input") if one.get("type") == "radio"]
    assert [one["value"] for one in radios if "checked" in one] == ["hate"]
    assert [one["data-key"] for one in radios] == ["1", "2", "3", "4"]


def test_after_a_decision_comes_the_next_task_with_a_way_back(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter(onward=True)
    fields = {"claim": claim_of(browser), "verdict": "confirm", "policy": "hate"}
    browser.post("/review/tasks/1/decide", fields)
    assert browser.path == "/review/tasks/2?said=decided"
    assert "Decided. Your last decision: task 1 confirmed as hate ." in browser.words
    assert "It can be undone until 2 Mar 2026, 09:10 UTC" in browser.words
    assert 'action="/review/tasks/2/decide"' in browser.page.text


def test_the_same_form_sent_twice_is_one_decision_and_one_next_task(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    me = enter(onward=True)
    fields = {"claim": claim_of(browser), "verdict": "dismiss"}
    for _ in range(2):
        browser.post("/review/tasks/1/decide", fields)
        assert browser.path == "/review/tasks/2?said=decided"
    assert len(rows(kitchen.desk, decisions)) == 1
    assert [
        row.id for row in rows(kitchen.desk, tasks) if row.claimed_by == me.number and row.state == "open"
    ] == [2]


def test_what_is_in_hand_already_comes_before_a_new_task(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter(onward=True)
    browser.post("/review/tasks/4/claim")
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/decide", {"claim": claim_of(browser), "verdict": "dismiss"})
    assert browser.path == "/review/tasks/4?said=decided"


def test_where_nothing_waits_a_decision_leads_to_the_queues(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    other = colleague(kitchen.desk, Role.REVIEWER, "other")
    for number in (2, 3, 4):
        kitchen.desk.jot(claim_task, other, number)
    enter(onward=True)
    assert decide(browser, verdict="dismiss") == "/review?said=decided"


def test_a_decision_is_undone_by_the_banner_and_its_task_is_ones_own_again(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter(onward=True)
    browser.post("/review/tasks/1/decide", {"claim": claim_of(browser), "verdict": "dismiss"})
    (undoing,) = [
        one["action"] for one in elements(browser.page.text).named("form") if "undo" in str(one.get("action"))
    ]
    browser.post(str(undoing))
    assert browser.path == "/review/tasks/1?said=undone"
    assert 'action="/review/tasks/1/decide"' in browser.page.text
    assert "Your last decision" not in browser.words
    assert [one.undone_at is not None for one in rows(kitchen.desk, decisions)] == [True]


def test_what_can_be_undone_no_more_is_not_offered_and_is_refused_in_words(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter(onward=True)
    browser.post("/review/tasks/1/decide", {"claim": claim_of(browser), "verdict": "dismiss"})
    kitchen.clock.advance(601)
    browser.get("/review/tasks/1")
    assert "Your last decision" not in browser.words
    browser.post("/review/decisions/1/undo", status=409)
    assert "A decision can be undone for 600 s, this one is older." in browser.words
    assert "The task is done: what was said of it stands below." in browser.words


def test_nobody_undoes_others_decisions_but_leads(browser: Browser, kitchen: Kitchen, enter: Enter) -> None:
    enter()
    decide(browser, verdict="dismiss")
    enter(Role.SENIOR, task=None)
    browser.get("/review/tasks/1")
    browser.post("/review/decisions/1/undo", status=403)
    assert "A decision is undone by whoever made it, or by a lead." in browser.words
    enter(Role.LEAD, task=None)
    browser.get("/review/tasks/1/history")
    browser.post("/review/decisions/1/undo")
    assert browser.path == "/review/tasks/1?said=undone"
    browser.post("/review/decisions/99/undo", status=404)


def test_a_late_decision_counts_while_nobody_else_took_the_task(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter()
    kitchen.clock.advance(minutes=20)
    assert decide(browser, verdict="dismiss") == "/review?said=decided"


@pytest.mark.parametrize("verdict", ["dismiss", "escalate"])
def test_what_another_took_meanwhile_is_not_decided_and_the_note_is_kept_to_be_copied(
    browser: Browser, kitchen: Kitchen, enter: Enter, verdict: str
) -> None:
    enter()
    kitchen.clock.advance(minutes=20)
    other = colleague(kitchen.desk, Role.REVIEWER, "other")
    kitchen.desk.jot(claim_task, other, 1)
    decide(browser, 404, verdict=verdict, note=NOTE, escalate_reason="Zorbian")
    page = elements(browser.page.text)
    assert f"Reviewer {other.number} has the task now." in browser.words
    assert "copy it if you need it, and take the next task" in browser.words
    assert NOTE in page.text_of("textarea")
    assert "Zorbian" in page.text_of("textarea")
    assert all("readonly" in one for one in page.named("textarea"))
    assert rows(kitchen.desk, decisions) == []


def test_what_another_decided_meanwhile_says_so(browser: Browser, kitchen: Kitchen, enter: Enter) -> None:
    enter()
    claim = claim_of(browser)
    kitchen.clock.advance(minutes=20)
    enter(Role.SENIOR)
    decide(browser, verdict="confirm", policy="hate", note="mine")
    me = colleague(kitchen.desk, Role.REVIEWER, "late")
    sign_in(browser, kitchen.desk, me)
    browser.get("/review/tasks/1")
    browser.post("/review/tasks/1/decide", {"claim": claim, "verdict": "dismiss", "note": NOTE}, 404)
    assert "The task is done: what was said of it stands below. Take the next one." in browser.words
    assert NOTE in browser.page.text
    assert "mine" in browser.words


def test_near_copies_that_are_ticked_are_decided_with_it(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter(Role.SENIOR)
    boxes = [one for one in elements(browser.page.text).named("input") if one.get("type") == "checkbox"]
    assert sorted(str(one["value"]) for one in boxes) == ["2", "3"]
    assert {one["form"] for one in boxes} == {"decision"}
    to = decide(browser, to="decide-alike", verdict="confirm", policy="hate", alike=["2", "3"])
    assert to == "/review?said=decided-alike"
    made = rows(kitchen.desk, decisions)
    assert [(one.task, one.verdict, one.together_with) for one in made] == [
        (1, "confirm", None),
        (2, "confirm", 1),
        (3, "confirm", 1),
    ]


def test_one_near_copy_that_is_gone_refuses_all_and_the_ticks_stay(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter(Role.SENIOR)
    other = colleague(kitchen.desk, Role.REVIEWER, "other")
    kitchen.desk.jot(claim_task, other, 3)
    decide(browser, 409, "decide-alike", verdict="dismiss", alike=["2", "3"], note=NOTE)
    assert "Tasks must be near-copies that are free, these are not: 3." in browser.words
    boxes = [one for one in elements(browser.page.text).named("input") if one.get("type") == "checkbox"]
    assert [(one["value"], "checked" in one) for one in boxes] == [("2", True)]
    assert NOTE in browser.page.text
    assert rows(kitchen.desk, decisions) == []


@pytest.mark.parametrize(
    "chosen", [[], ["soup"], ["²"], ["4"]], ids=["none", "words", "an odd digit", "another text"]
)
def test_nothing_else_is_decided_together(
    browser: Browser, kitchen: Kitchen, enter: Enter, chosen: list[str]
) -> None:
    enter(Role.SENIOR)
    decide(browser, 409 if chosen == ["4"] else 400, "decide-alike", verdict="dismiss", alike=chosen)
    assert rows(kitchen.desk, decisions) == []


def test_a_reviewer_sees_near_copies_but_decides_one_at_a_time(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter()
    assert "2 open tasks with nearly the same text. A senior may decide them together." in browser.words
    assert "checkbox" not in browser.page.text
    decide(browser, 403, "decide-alike", verdict="dismiss", alike=["2"])
    assert rows(kitchen.desk, decisions) == []


def test_the_leads_are_called_once_that_is_confirmed_and_the_task_is_theirs(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter()
    assert "Yes, call the leads now" in browser.words
    browser.post("/review/tasks/1/page")
    assert browser.path == "/review/tasks/1?said=paged"
    assert "The leads are called. They alone may take the task now." in browser.words
    assert "It waits for the role lead and above." in browser.words
    assert [(one.task, one.why) for one in rows(kitchen.desk, pages)] == [(1, "life")]
    browser.post("/review/tasks/99/page", status=404)


def test_a_senior_gives_a_task_to_somebody_else(browser: Browser, kitchen: Kitchen, enter: Enter) -> None:
    other = colleague(kitchen.desk, Role.REVIEWER, "other")
    enter(Role.SENIOR)
    browser.post("/review/tasks/1/assign", {"reviewer": other.number})
    assert browser.path == "/review/tasks/1?said=assigned"
    assert f"Reviewer {other.number} has it until" in browser.words
    assert rows(kitchen.desk, tasks)[0].claimed_by == other.number
    browser.post("/review/tasks/1/assign", {"reviewer": 99}, 404)
    assert "There is no reviewer 99." in browser.words
    browser.post("/review/tasks/1/assign", {"reviewer": "soup"}, 404)
    enter(task=None)
    browser.get("/review/tasks/1")
    assert "Give it to somebody" not in browser.words
    browser.post("/review/tasks/1/assign", {"reviewer": other.number}, 403)


def test_a_lead_is_not_offered_to_escalate_for_nobody_has_more_say(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    enter(Role.LEAD)
    assert "Escalate" not in browser.words
    decide(browser, 403, verdict="escalate", escalate_reason="Zorbian")
    assert "A lead must decide: nobody has more say." in browser.words
    assert rows(kitchen.desk, decisions) == []


def test_whoever_was_shut_out_meanwhile_decides_nothing(
    browser: Browser, kitchen: Kitchen, enter: Enter
) -> None:
    me = enter()
    claim = claim_of(browser)
    kitchen.desk.write(change_reviewer, me.number, active=False, by=Actor("system"))
    fields = {"claim": claim, "verdict": "dismiss"}
    browser.post("/review/tasks/1/decide", fields, 303, follow=False)
    assert browser.page.headers["location"].startswith("/review/sign-in")
    assert rows(kitchen.desk, decisions) == []


def test_whoever_wants_no_next_task_finds_the_way_back_on_the_queues(browser: Browser, enter: Enter) -> None:
    enter()
    browser.post("/review/tasks/1/decide", {"claim": claim_of(browser), "verdict": "dismiss"})
    assert browser.path == "/review?said=decided"
    assert "Your last decision: task 1 dismissed" in browser.words
    browser.post("/review/decisions/1/undo")
    assert browser.path == "/review/tasks/1?said=undone"
