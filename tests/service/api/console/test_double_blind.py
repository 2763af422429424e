"""Blindness: whatever was decided first and whatever the model says, a second reader's pages are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from tocsin.assessment import Level, Span
from tocsin.models import Scorer
from tocsin.service.api.console.guard import FORM_FIELD
from tocsin.service.api.console.item.testing import Kitchen, claim_of
from tocsin.service.api.console.pages import PAGES
from tocsin.service.api.console.testing import Browser, colleague, sign_in
from tocsin.service.api.review.face import ROUTES
from tocsin.service.api.review.testing import add_reviewer, ring
from tocsin.service.api.testing import connect, make_app
from tocsin.service.keys import Key
from tocsin.service.review.decisions import Said, decide
from tocsin.service.review.double_testing import wait
from tocsin.service.review.records import Extent, list_reviewers, reveal
from tocsin.service.review.role import Role
from tocsin.service.review.tasks import claim_task
from tocsin.service.review.verdict import Verdict
from tocsin.signals import Signal

TEXT: Final = "Marjoram soup simmers quietly beside the pumpernickel. Everybody has some of it at noon."
FIRST, COPY, SECOND = 1, 2, 3
NOTES: Final = {"one": "Saffron says so", "other": "Nutmeg says no"}
SEARCHES: Final = (
    *("", "state=any", "state=done", "queue=urgent", "queue=review", "queue=second", "item=p-1", "begins=p-"),
    *("level=urgent", "level=review", "level=unjudged", "severity=severe", "severity=unknown", "language=en"),
    *("flagged=hate", "verdict=confirm&state=any", "verdict=dismiss&state=done", "confirmed=hate&state=any"),
    *("decided_from=2026-01-01&state=any", "role=reviewer", "late=yes", "reason=language"),
)
Seen = dict[str, tuple[int, str]]
_TOKEN: Final = re.compile(rf'(name="{FORM_FIELD}" value=")([^"]*)')
_CLAIM: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@contextmanager
def world(folder: Path, scorer: Scorer, name: str, role: Role = Role.REVIEWER) -> Iterator[_World]:
    """Yield a world in which one item, of two that read alike, was decided, and waits to be decided again.

    In one the model found it urgent, marked a word, and it was confirmed; in the other neither.
    """
    folder.mkdir()
    kitchen = Kitchen(folder, scorer, double_share=1.0)
    cook = colleague(kitchen.desk, name="cook")
    keys: dict[str, Key] = {}
    for one in Role:
        keys |= add_reviewer(kitchen.desk, one)
    is_one = name == "one"
    policy = kitchen.scorer.policy.policies[0].name
    spans = [Span(0, 8, Signal.HATE, 1.0)] if is_one else []
    kitchen.hand_in("p-1", TEXT, Level.URGENT if is_one else Level.REVIEW, spans=spans, community="stove")
    kitchen.hand_in("p-2", TEXT + " So it is.", Level.URGENT)
    held = kitchen.desk.jot(claim_task, cook, FIRST)
    kitchen.desk.write(reveal, cook, FIRST, Extent.WHOLE)
    said = Said(Verdict.CONFIRM, policy) if is_one else Said(Verdict.DISMISS)
    assert held.claim is not None
    kitchen.desk.write(decide, cook, held.claim, replace(said, note=NOTES[name]))
    wait(kitchen.clock, kitchen.desk)
    with connect(make_app(scorer, keys=ring(keys), review=kitchen.office), None) as client:
        yield _World(kitchen, client, role)


class _World:
    def __init__(self, kitchen: Kitchen, client: TestClient, role: Role) -> None:
        self.kitchen, self.client, self.role = kitchen, client, role
        self.browser = Browser(client)
        me = next(one for one in kitchen.desk.read(list_reviewers) if one.name == role.word)
        sign_in(self.browser, kitchen.desk, me)
        self.seen: Seen = {}

    def get(self, path: str) -> str:
        self.browser.page = self.client.get(path, follow_redirects=True)
        return self._keep(f"GET {path}", self.browser.page)

    def post(self, path: str, fields: dict[str, Any] | None = None) -> str:
        token = _TOKEN.search(self.browser.get("/review"))
        assert token is not None
        data = {FORM_FIELD: token[2], **(fields or {})}
        self.browser.page = self.client.post(path, data=data, follow_redirects=True)
        return self._keep(f"POST {path} {sorted(fields or {})}", self.browser.page)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.role.word}"}
        answer = self.client.request(method, path, json=body, headers=headers)
        self._keep(f"{method} {path}", answer)
        return answer.json()

    def _keep(self, name: str, answer: Any) -> str:
        page = _CLAIM.sub("CLAIM", _TOKEN.sub(r"\1TOKEN", answer.text))
        name = _CLAIM.sub("CLAIM", name)
        while name in self.seen:
            name += "'"
        self.seen[name] = answer.status_code, page
        return str(answer.text)

    def walk(self) -> None:
        """Ask for every page and every answer that tells of a task, an item or a decision."""
        for task in (FIRST, SECOND):
            parts = {"task": task, "item": "p-1", "page": 1, "hold": 1, "decision": 1, "reviewer": 1}
            for page in (one.path for one in PAGES if one.method == "GET" and "sign" not in one.path):
                self.get(page.format(**parts, token="none"))  # noqa: S106 - opens nothing
            for route in (one.path for one in ROUTES if one.method == "GET"):
                self.api("GET", route.format(**parts, claim="none"))
        for query in SEARCHES:
            self.get(f"/review/search?{query}")
        for verb in ("claim", "reveal", "hide", "renew", "release", "decide", "decide-alike"):
            self.post(
                f"/review/tasks/{FIRST}/{verb}", {"part": "whole", "claim": "none", "verdict": "dismiss"}
            )
        self.post("/review/decisions/1/undo")
        self.api("POST", "/v1/review/decisions/1/undo")
        for body in ({"task": FIRST}, {"queues": ["urgent", "review"]}):
            told = self.api("POST", "/v1/review/claims", body)
            if told.get("task"):  # the near-copy, with what was decided of things like it
                claim = told["task"]["claim"]
                self.get(f"/review/tasks/{COPY}")
                self.get(f"/review/tasks/{COPY}/history")
                self.api("GET", f"/v1/review/claims/{claim}/alike")
                self.post(f"/review/tasks/{COPY}/reveal", {"part": "whole"})
                self.api("DELETE", f"/v1/review/claims/{claim}")

    def decide(self) -> None:
        """Decide the item a second time, looking at all there is before and after."""
        self.post(f"/review/tasks/{SECOND}/claim")
        self.get(f"/review/tasks/{SECOND}")
        self.post(f"/review/tasks/{SECOND}/reveal", {"part": "sentence:0"})
        self.post(f"/review/tasks/{SECOND}/reveal", {"part": "whole"})
        self.get(f"/review/tasks/{SECOND}/history")
        self.walk()
        self.get(f"/review/tasks/{SECOND}")
        claim = claim_of(self.browser)
        self.api("POST", f"/v1/review/tasks/{SECOND}/views", {})
        self.api("GET", f"/v1/review/claims/{claim}/alike")
        self.api("POST", f"/v1/review/claims/{claim}/renew")
        self.api("POST", f"/v1/review/claims/{claim}/decision", {"verdict": "dismiss", "note": "Barley"})
        self.get("/review")
        self.get(f"/review/tasks/{SECOND}")
        self.get(f"/review/tasks/{FIRST}")
        self.api("GET", f"/v1/review/tasks/{SECOND}")


# Of all items together, a day's figures tell how many reached which level: of no item, but of this one alone.
_OF_ALL: Final = "GET /review/dashboard"


def differing(one: Seen, other: Seen) -> list[str]:
    assert one.keys() == other.keys()
    return [name for name in one if one[name] != other[name] and not name.startswith(_OF_ALL)]


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.SENIOR], ids=lambda role: role.word)
def test_every_page_and_answer_is_the_same_until_the_second_decision_cannot_be_undone(
    tmp_path: Path, shipped_scorer: Scorer, role: Role
) -> None:
    seen: list[Seen] = []
    for name in NOTES:
        with world(tmp_path / name, shipped_scorer, name, role) as one:
            one.walk()
            one.decide()
            seen.append(one.seen)
    assert len(seen[0]) > 120
    assert differing(*seen) == []
    told = "".join(page for _, page in seen[0].values())
    assert not [mark for mark in (*NOTES.values(), "Saffron", "Nutmeg") if mark in told]
    assert TEXT.split(".")[0] in told
    page = seen[0][f"GET /review/tasks/{SECOND}"][1]
    assert "Read it without a hint" in page
    assert not [mark for mark in ("0.731", "level-urgent", "<mark", "confirmed") if mark in page]


def test_once_it_cannot_be_undone_its_reader_sees_what_was_decided_before(
    tmp_path: Path, shipped_scorer: Scorer
) -> None:
    with world(tmp_path / "one", shipped_scorer, "one") as one:
        one.decide()
        assert one.client.get(f"/review/tasks/{FIRST}").status_code == 403
        wait(one.kitchen.clock, one.kitchen.desk)
        page = one.browser.get(f"/review/tasks/{FIRST}")
        assert [mark for mark in ("Saffron says so", "0.731", "Barley") if mark not in page] == []
        told = one.api("GET", f"/v1/review/tasks/{SECOND}")
        assert told["task"]["assessment"] is not None
        assert [made["aside"] for made in told["decisions"]] == [False, True]


@pytest.mark.parametrize("role", [Role.LEAD, Role.ADMIN], ids=lambda role: role.word)
def test_leads_see_all_there_is_and_do_not_decide_it(
    tmp_path: Path, shipped_scorer: Scorer, role: Role
) -> None:
    with world(tmp_path / "one", shipped_scorer, "one", role) as one:
        page = one.get(f"/review/tasks/{FIRST}")
        assert [mark for mark in ("0.731", "level-urgent", "Saffron says so") if mark not in page] == []
        page = one.get(f"/review/tasks/{SECOND}")
        assert "Saffron says so" in page
        assert one.api("POST", "/v1/review/claims", {"task": SECOND})["code"] == "conflict"


def test_its_form_asks_for_one_policy_and_offers_no_escalation(
    tmp_path: Path, shipped_scorer: Scorer
) -> None:
    with world(tmp_path / "one", shipped_scorer, "one") as one:
        one.post(f"/review/tasks/{SECOND}/claim")
        page = one.get(f"/review/tasks/{SECOND}")
        assert "Which policy does it break?" in page
        assert "escalate" not in page.lower()
        assert "stove" in page
        claim = claim_of(one.browser)
        one.post(f"/review/tasks/{SECOND}/decide", {"claim": claim, "verdict": "dismiss", "note": "Barley"})
        assert "Your last decision" in one.get("/review")


@pytest.mark.parametrize(
    ("role", "gives"), [(Role.SENIOR, False), (Role.LEAD, True)], ids=["a senior", "a lead"]
)
def test_who_may_decide_it_is_not_offered_to_give_it_away(
    tmp_path: Path, shipped_scorer: Scorer, role: Role, gives: bool
) -> None:
    with world(tmp_path / "one", shipped_scorer, "one", role) as one:
        assert ("Give it to somebody" in one.get(f"/review/tasks/{SECOND}")) is gives
        told = one.api("POST", f"/v1/review/tasks/{SECOND}/assign", {"reviewer": 1})
        assert ("decided the item" in told["detail"]) is gives


def test_an_adjudicator_sees_both_decisions_and_the_model_but_not_who_decided(
    tmp_path: Path, shipped_scorer: Scorer
) -> None:
    with world(tmp_path / "one", shipped_scorer, "one") as one:
        one.decide()
        wait(one.kitchen.clock, one.kitchen.desk)
        senior = next(each for each in one.kitchen.desk.read(list_reviewers) if each.name == "senior")
        sign_in(one.browser, one.kitchen.desk, senior)
        one.post("/review/claims", {"queue": "adjudication"})
        page = one.browser.page.text
        assert [
            mark for mark in ("Saffron says so", "Barley", "0.731", "To adjudicate") if mark not in page
        ] == []
        history = one.get(f"{one.browser.path}/history")
        for told in (page, history):
            assert "not told while it is adjudicated" in told
            assert not re.search(r"reviewer \d", told)
