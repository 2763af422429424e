"""Measures: what the platform did is recorded once, as it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    START,
    actions,
    decided,
    handed_in,
    judged,
    rows,
)
from tocsin.service.review.decisions import undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, UnknownError
from tocsin.service.review.queue import Queue
from tocsin.service.review.records import (
    Automation,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    Reviewer,
    list_measures,
    record,
)
from tocsin.service.review.store.tables import measures, outbox, tasks

MEASURE = Measure(
    "m1",
    MeasureKind.VISIBILITY_OTHER,
    Ground.INCOMPATIBLE,
    "Kitchen rule 4",
    MeasureSource.NOTICE,
    Automation.PARTIAL,
    START,
    START + timedelta(days=3, microseconds=1),
    ("AT", "DE"),
    "Soup is no salad.",
    "Shown under the table",
)


@pytest.fixture(autouse=True)
def item(desk: Desk) -> str:
    """Return the one item that there is."""
    return handed_in(desk, judged("p1"))[0].id


def test_a_measure_comes_back_as_it_was_recorded(desk: Desk) -> None:
    plain = Measure(
        "m2", MeasureKind.REMOVED, Ground.ILLEGAL, "§ 4", MeasureSource.ORDER, Automation.NONE, START
    )
    assert desk.write(record, "p1", MEASURE, BY)
    assert desk.write(record, "p1", plain, BY)
    assert desk.read(list_measures, "p1") == [MEASURE, plain]
    assert actions(desk) == ["measure.recorded"] * 2


def test_a_measure_recorded_again_changes_nothing(desk: Desk) -> None:
    assert desk.write(record, "p1", MEASURE, BY)
    elsewhere = replace(
        MEASURE, applied_at=START.astimezone(timezone(timedelta(hours=2))), territory=["AT", "DE"]
    )
    assert not desk.write(record, "p1", MEASURE, BY)
    assert not desk.write(record, "p1", elsewhere, BY)
    assert len(rows(desk, measures)) == len(actions(desk)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"kind": MeasureKind.REMOVED},
        {"applied_at": START + timedelta(microseconds=1)},
        {"ends_at": None},
        {"territory": ()},
        {"explanation": "Salad is no soup."},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_reference_stands_for_one_measure(desk: Desk, other: dict[str, Any]) -> None:
    desk.write(record, "p1", MEASURE, BY)
    with pytest.raises(ConflictError):
        desk.write(record, "p1", replace(MEASURE, **other), BY)
    assert desk.read(list_measures, "p1") == [MEASURE]


def test_one_reference_on_two_items_is_two_measures(desk: Desk) -> None:
    handed_in(desk, judged("p2"))
    assert desk.write(record, "p1", MEASURE, BY)
    assert desk.write(record, "p2", MEASURE, BY)


def test_a_measure_may_rest_on_a_decision_of_its_item_alone(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p2", level="urgent"))
    other = decided(desk, alice, CONFIRM, Queue.URGENT)
    own = decided(desk, alice)
    assert desk.write(record, "p1", replace(MEASURE, decision=own.number), BY)
    for number in (other.number, 99):
        with pytest.raises(UnknownError):
            desk.write(record, "p1", replace(MEASURE, reference="m3", decision=number), BY)


def test_an_item_that_nobody_knows_has_no_measures(desk: Desk) -> None:
    for work in (lambda: desk.read(list_measures, "p9"), lambda: desk.write(record, "p9", MEASURE, BY)):
        with pytest.raises(UnknownError):
            work()


def test_a_measure_opens_no_task_and_tells_nobody(desk: Desk) -> None:
    desk.write(record, "p1", MEASURE, BY)
    assert len(rows(desk, tasks)) == 1
    assert rows(desk, outbox) == []


def test_what_passed_unseen_may_have_measures(desk: Desk) -> None:
    handed_in(desk, judged("p2", level="none"))
    assert desk.write(record, "p2", replace(MEASURE, automation=Automation.FULL), BY)


def test_a_measure_rests_on_nothing_but_a_confirmation_that_stands(desk: Desk, alice: Reviewer) -> None:
    made = decided(desk, alice, CONFIRM)
    desk.write(undo, alice, made.number)
    with pytest.raises(ConflictError, match="confirms a policy and stands"):
        desk.write(record, "p1", replace(MEASURE, decision=made.number), BY)


def test_a_measure_that_was_recorded_may_be_said_again_once_its_decision_is_undone(
    desk: Desk, alice: Reviewer
) -> None:
    made = decided(desk, alice, CONFIRM)
    resting = replace(MEASURE, decision=made.number)
    assert desk.write(record, "p1", resting, BY)
    desk.write(undo, alice, made.number)
    assert not desk.write(record, "p1", resting, BY)
