from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.making import make_faces, make_service
from tocsin.service.api.page import page_response
from tocsin.service.api.settings import ServeSettings
from tocsin.service.api.testing import MemoryKeys, NoLimit, connect, make_app
from tocsin.service.keys import Scope

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    with connect(make_app(shipped_scorer), None) as client:
        yield client


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").json()
    return found


class Parts(HTMLParser):
    """Note the elements of a page, their attributes and their text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_names_every_operation_and_every_body(client: TestClient, document: dict[str, Any]) -> None:
    parts = Parts(client.get("/docs").text)
    text = " ".join(parts.texts)

    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in text
            assert operation["summary"] in text
    ids = [attributes["id"] for _, attributes in parts.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in parts.elements if tag == "a"]
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= set(ids)
    assert all(link == "openapi.json" or (link or "").removeprefix("#") in ids for link in links)


def test_the_page_loads_and_runs_nothing(client: TestClient) -> None:
    answer = client.get("/docs")
    parts = Parts(answer.text)

    tags = {tag for tag, _ in parts.elements}
    assert tags & {"script", "img", "link", "iframe", "object", "form", "base", "svg"} == set()
    names = {name for _, attributes in parts.elements for name in attributes}
    assert names <= {"id", "href", "lang", "charset", "name", "content"}
    assert not re.search(r"https?://|url\(|@import", answer.text)


def test_the_policy_lets_in_this_style_alone(client: TestClient) -> None:
    answer = client.get("/docs")
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    (style,) = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)

    assert policy["style-src"] == f"'sha256-{base64.b64encode(sha256(style.encode()).digest()).decode()}'"
    assert {policy[name] for name in ("default-src", "base-uri", "form-action", "frame-ancestors")} == {
        "'none'"
    }
    assert len(policy) == 5
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_the_document_says_is_text_and_never_markup() -> None:
    bad = "<script>soup()</script>"
    document = {
        "info": {"title": bad, "version": bad, "summary": bad},
        "paths": {
            f"/{bad}": {
                "get": {
                    "tags": [bad],
                    "operationId": f'"{bad}',
                    "summary": bad,
                    "description": bad,
                    "security": [{"bearer": [bad]}],
                    "parameters": [{"name": bad, "schema": {"type": bad}, "description": bad}],
                    "requestBody": {"content": {bad: {"schema": {"$ref": f'#/"{bad}'}}}},
                    "responses": {"200": {"description": bad, "content": {bad: {"schema": {"enum": [bad]}}}}},
                }
            }
        },
        "components": {
            "schemas": {
                f'"{bad}': {"description": bad, "properties": {bad: {"type": bad, "description": bad}}}
            },
            "securitySchemes": {"bearer": {"description": bad}},
        },
    }

    page = bytes(page_response(document).body).decode()

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert [tag for tag, _ in Parts(page).elements if tag == "script"] == []


def test_the_three_ways_of_a_key_are_told(client: TestClient, document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"].values()

    told = [(one["type"], one.get("in"), one.get("name") or one.get("scheme")) for one in schemes]
    assert told == [
        ("http", None, "bearer"),
        ("apiKey", "header", "X-Goog-Api-Key"),
        ("apiKey", "query", "key"),
    ]
    page = client.get("/docs").text
    assert "X-Goog-Api-Key" in page
    assert "?key=KEY" in page


def test_every_operation_says_the_scope_that_it_asks_for(
    shipped_scorer: Scorer, document: dict[str, Any]
) -> None:
    service = make_service(ServeSettings(), shipped_scorer, keys=MemoryKeys(), limiter=NoLimit())
    operations = [one for face in make_faces(service) for one in face.operations if one.documented]

    assert {one.scope for one in operations} >= {None, Scope.SCORE, Scope.ADMIN}
    for one in operations:
        told = document["paths"][one.path][one.method.lower()]["security"]
        expected = [{way: [one.scope.value]} for way in ("bearer", "header", "query")] if one.scope else []
        assert told == expected, one.path


def test_a_server_without_keys_asks_for_none(shipped_scorer: Scorer) -> None:
    service = make_service(ServeSettings(), shipped_scorer, keys=None, limiter=NoLimit())
    from tocsin.service.api.app import build_app

    with TestClient(build_app(service, make_faces(service))) as client:
        document = client.get("/openapi.json").json()
        page = client.get("/docs").text

    assert "securitySchemes" not in document["components"]
    assert all(not one["security"] for path in document["paths"].values() for one in path.values())
    assert "asks for no key" in page


@pytest.mark.parametrize("face", ["native", "probes"])
def test_native_errors_are_told_to_be_problems(face: str, document: dict[str, Any]) -> None:
    errors = [
        answer
        for path in document["paths"].values()
        for operation in path.values()
        if face in operation["tags"]
        for status, answer in operation["responses"].items()
        if int(status) >= 400
    ]

    assert errors
    for one in errors:
        assert one["content"] == {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_an_error_is_what_the_document_says_it_is(client: TestClient, document: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/Problem", "components": document["components"]}

    answer = client.get("/v1/model")

    assert answer.status_code == 401
    assert list(Draft202012Validator(schema).iter_errors(answer.json())) == []
    assert list(Draft202012Validator(schema).iter_errors({"detail": "soup"})) != []


def test_every_reference_of_the_document_leads_somewhere(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    found = set(re.findall(r"'\$ref': '([^']+)'", str(document)))

    assert found <= known
    assert "HTTPValidationError" not in str(document), "nothing here answers as the framework would"


def test_lines_are_told_of_as_a_second_form(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/assess"]["post"]

    assert set(operation["requestBody"]["content"]) == {"application/json", "application/x-ndjson"}
    assert set(operation["responses"]["200"]["content"]) == {"application/json", "application/x-ndjson"}
    assert {one["name"] for one in operation["parameters"]} == {"explain", "remember"}


def test_metrics_are_told_to_be_plain_text(document: dict[str, Any]) -> None:
    answer = document["paths"]["/metrics"]["get"]["responses"]["200"]

    assert list(answer["content"]) == ["text/plain"]
