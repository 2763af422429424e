"""The page of the review queue's interface, held to the bodies that it describes."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel

from tocsin.service.api.refusal import Why
from tocsin.service.api.review.takings import MeasureBody
from tocsin.service.review.intake.bodies import ExpectedBody, NoticeBody, SubmissionBody
from tocsin.service.review.outbox import Event
from tocsin.service.review.queue import PATIENCE_HOURS, Queue
from tocsin.service.review.records import Automation, Ground, MeasureKind, MeasureSource
from tocsin.service.review.verdict import Verdict

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "reference" / "review.md").read_text(encoding="utf-8")


def marked(name: str) -> list[str]:
    """Return the rows of a table between marks."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", TEXT, re.DOTALL)
    assert found is not None
    return found[1].splitlines()[2:]


def rows(model: type[BaseModel], prefix: str = "") -> list[str]:
    return [
        f"| `{prefix}{name}` | {'required' if field.is_required() else 'optional'} | {field.description} |"
        for name, field in model.model_fields.items()
    ]


def first_cells(title: str) -> list[str]:
    """Return what stands in code in the first cells of the tables of a section."""
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert section is not None
    return re.findall(r"^\| `([^`]+)` \|", section[1], re.MULTILINE)


def test_the_page_lists_every_field_of_an_item_and_of_a_measure() -> None:
    items = [*rows(SubmissionBody), *rows(NoticeBody, "notice."), *rows(ExpectedBody, "expected.")]

    assert marked("items") == items
    assert marked("measures") == rows(MeasureBody)


def test_the_page_lists_every_queue_with_its_patience() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| .* \| (\d+ hours|none: .*) \|$", TEXT, re.MULTILINE))

    assert list(table) == [queue.value for queue in Queue]
    hours = {queue: f"{PATIENCE_HOURS[queue]:g} hours" for queue in Queue if queue in PATIENCE_HOURS}
    assert {queue: said for queue, said in table.items() if queue != Queue.ORDERS} == hours


def test_the_page_lists_every_verdict_and_every_event() -> None:
    assert first_cells("Decisions") == [verdict.value for verdict in Verdict]
    assert first_cells("Messages to the platform") == [event.value for event in Event]


@pytest.mark.parametrize("kind", [MeasureKind, Ground, MeasureSource, Automation])
def test_the_page_names_every_value_that_a_measure_may_have(kind: type[StrEnum]) -> None:
    assert all(f"`{value}`" in TEXT for value in kind)


def test_the_page_lists_the_errors_that_are_the_queues_own() -> None:
    own = {Why.FORBIDDEN, Why.UNKNOWN, Why.CONFLICT, Why.STORE_AWAY, Why.STORAGE_FULL}

    assert dict(re.findall(r"^\| `(\w+)` \| (\d{3}) \|", TEXT, re.MULTILINE)) == {
        why.value: str(why.status) for why in own
    }
