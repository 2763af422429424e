"""Who may ask for what: every route and every kind of key, complete because both come from the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.review.face import ROUTES
from tocsin.service.api.review.route import Route
from tocsin.service.api.review.testing import PLATFORM_SECRET, ToyAssessor, add_reviewer, office_at, ring
from tocsin.service.api.testing import connect, make_app
from tocsin.service.keys import Key, Scope
from tocsin.service.review.role import Role

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "review.md"
STRANGERS = {
    "nobody": Key("nobody", "nobody", frozenset(), digest="of no secret"),
    "scorer": Key("scorer", "scorer", frozenset({Scope.SCORE, Scope.EXPLAIN}), digest="of no secret"),
    "metrics": Key("metrics", "metrics", frozenset({Scope.ADMIN}), digest="of no secret"),
    "unlinked": Key("unlinked", "unlinked", frozenset({Scope.REVIEW}), digest="of no secret"),
}
ASKING = [PLATFORM_SECRET, *(role.word for role in Role), *STRANGERS, "", "made up"]
# What a grant may come to where the table has nothing to work on: never a refusal of who asks.
GRANTED = {200, 400, 404, 409}
REFUSED = {"": 401, "made up": 401}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, shipped_scorer: Scorer) -> Iterator[TestClient]:
    office = office_at(tmp_path_factory.mktemp("roles"))
    keys = dict(STRANGERS)
    for role in Role:
        keys |= add_reviewer(office.desk, role)
    with connect(
        make_app(shipped_scorer, keys=ring(keys), assessor=ToyAssessor(shipped_scorer), review=office), None
    ) as client:
        yield client


def may(route: Route, who: str) -> bool:
    """Say whether the table of routes lets a key in."""
    if isinstance(route.who, Scope):
        return who == PLATFORM_SECRET
    return who in {role.word for role in Role if role >= route.who}


@pytest.mark.parametrize("who", ASKING)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_route_is_open_to_those_whom_it_names_and_to_nobody_else(
    client: TestClient, route: Route, who: str
) -> None:
    path = re.sub(r"\{\w+\}", "7", route.path)
    headers = {"Authorization": f"Bearer {who}"} if who else {}

    answer = client.request(route.method, path, json={} if route.takes else None, headers=headers)

    if may(route, who):
        assert answer.status_code in GRANTED, answer.text
    else:
        assert answer.status_code == REFUSED.get(who, 403), answer.text
        assert answer.json()["code"] in {"scope_missing", "forbidden", "key_missing", "key_invalid"}


def test_an_inactive_reviewer_is_refused(shipped_scorer: Scorer, tmp_path: Path) -> None:
    from tocsin.service.review.log import Actor
    from tocsin.service.review.records import change_reviewer

    office = office_at(tmp_path)
    keys = add_reviewer(office.desk, Role.ADMIN)
    office.desk.write(change_reviewer, 1, active=False, by=Actor("system"))
    with connect(make_app(shipped_scorer, keys=ring(keys), review=office), "admin") as client:
        assert client.get("/v1/review/me").status_code == 403


def test_the_page_lists_every_route_with_who_may_take_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    table = re.search(r"<!-- routes -->\n(.*?)<!-- /routes -->", text, re.DOTALL)
    assert table is not None

    assert table[1].splitlines()[2:] == [row(route) for route in ROUTES]


def row(route: Route) -> str:
    who = "`intake`" if isinstance(route.who, Scope) else route.who.word
    return f"| `{route.method} {route.path}` | {who} | {route.summary} |"


def test_there_is_a_route_for_every_role_and_for_the_platform() -> None:
    assert {route.who for route in ROUTES} == {Scope.INTAKE, *Role}
