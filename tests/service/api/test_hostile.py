"""The table of hostile requests in the documentation, held to what the server answers."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tocsin.models import Scorer
from tocsin.service.api.testing import EVERY_SCOPE, SECRET, MemoryKeys, connect, make_app
from tocsin.service.keys import Key, Scope

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "http.md"
TEXT = "Soup is served at noon in the Zorbian kitchen."
PATHS = {
    "native": "/v1/assess",
    "Perspective": "/v1alpha1/comments:analyze",
    "moderations": "/v1/moderations",
    "TEI": "/predict",
}


def body(face: str, text: Any = TEXT, **more: Any) -> dict[str, Any]:
    shapes: dict[str, dict[str, Any]] = {
        "native": {"items": [{"text": text}]},
        "Perspective": {"comment": {"text": text}, "requestedAttributes": {"THREAT": {}}},
        "moderations": {"input": text},
        "TEI": {"inputs": text},
    }
    return shapes[face] | more


def encoded(face: str, text: Any = TEXT, **more: Any) -> bytes:
    return json.dumps(body(face, text, **more)).encode()


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


Request = tuple[bytes, dict[str, str]]
REQUESTS: dict[str, Callable[[str], Request]] = {
    "a null byte in the text": lambda face: (encoded(face, f"{TEXT}\x00"), {}),
    "10 MB of body": lambda face: (encoded(face, "soup " * 2_000_000), {}),
    "JSON nested 5,000 deep": lambda _: (b'{"input": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", {}),
    "JSON cut off": lambda face: (encoded(face)[:-2], {}),
    "invalid UTF-8": lambda face: (encoded(face).replace(b"Soup", b"S\xffp"), {}),
    "half a surrogate pair": lambda face: (encoded(face).replace(b"Soup", b"S\\ud83d"), {}),
    "a list in place of the body": lambda _: (b"[1]", {}),
    "a number in place of a text": lambda face: (encoded(face, 7), {}),
    "an unknown field": lambda face: (encoded(face, soup=1), {}),
    "an empty text": lambda face: (encoded(face, ""), {}),
    "a text of 20,481 characters": lambda face: (encoded(face, "soup bread " * 1_862), {}),
    "no key": lambda face: (encoded(face), {"Authorization": ""}),
    "a revoked key": lambda face: (encoded(face), bearer("revoked")),
    "a key without the scope": lambda face: (encoded(face), bearer("narrow")),
    "a compressed body": lambda face: (gzip.compress(encoded(face)), {"Content-Encoding": "gzip"}),
}


def table() -> dict[str, dict[str, str]]:
    """Return the cells of the table, by request and face."""
    text = PAGE.read_text(encoding="utf-8")
    section = re.search(r"^## Hostile requests\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, "the page must have the heading"
    lines = [line for line in section[1].splitlines() if line.startswith("| ")]
    head, *rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return {name: dict(zip(head[1:], cells, strict=True)) for name, *cells in rows}


def said(answer: dict[str, Any] | list[Any]) -> str:
    """Return the code that a program would branch on."""
    if isinstance(answer, list):
        return "scored"
    error = answer.get("error")
    if isinstance(error, str):
        return str(answer["error_type"])
    if isinstance(error, dict):
        details = error.get("details") or [{}]
        found = details[0].get("errorType") or details[0].get("reason")
        return str(found or error.get("status") or error["code"] or error["type"])
    if "assessments" in answer:
        (one,) = answer["assessments"]
        return str(one["error"]["code"] if "error" in one else one["reason"] or one["status"])
    return str(answer.get("code", "scored"))


@pytest.fixture(scope="module")
def client(shipped_scorer: Scorer) -> Iterator[TestClient]:
    narrow = Key("narrow", "narrow", frozenset({Scope.REVIEW}), digest="x")
    keys = MemoryKeys({SECRET: EVERY_SCOPE, "narrow": narrow})
    with connect(make_app(shipped_scorer, keys=keys)) as client:
        yield client


def test_every_hostile_request_is_in_the_documentation_and_every_row_is_tried() -> None:
    assert list(table()) == list(REQUESTS)
    assert all(list(row) == list(PATHS) for row in table().values())


@pytest.mark.parametrize("face", PATHS)
@pytest.mark.parametrize("request_name", REQUESTS)
def test_a_hostile_request_gets_the_documented_answer(
    request_name: str, face: str, client: TestClient
) -> None:
    content, headers = REQUESTS[request_name](face)

    answer = client.post(PATHS[face], content=content, headers=headers)

    told = f"{answer.status_code} `{said(answer.json())}`"
    assert told == table()[request_name][face]
    assert "Soup" not in answer.text, "an answer must not quote what was sent"


def test_nothing_hostile_stops_the_server_from_answering(client: TestClient) -> None:
    for face, path in PATHS.items():
        assert client.post(path, content=encoded(face)).status_code == 200
