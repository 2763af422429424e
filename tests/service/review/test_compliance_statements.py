"""Statements of reasons: made of measures alone, in words written beforehand, each named once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tocsin.errors import SettingsError
from tocsin.service.review.compliance.exporting import export_calls, mark_sent
from tocsin.service.review.compliance.file import read_compliance
from tocsin.service.review.compliance.keeping import State, count_states, list_statements, make_statements
from tocsin.service.review.compliance.measured import measured
from tocsin.service.review.compliance.testing import TERMS, kitchen_file
from tocsin.service.review.contract_testing import (
    BY,
    CONFIRM,
    DISMISS,
    PLATFORM,
    START,
    FixedClock,
    claimed,
    decided,
    handed_in,
    judged,
    reviewer,
    rows,
)
from tocsin.service.review.decisions import Appeal, AppealSource, Said, appeal, decide_together, undo
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Notice, NoticeKind, NoticeSource
from tocsin.service.review.records import (
    Automation,
    Ground,
    Measure,
    MeasureKind,
    MeasureSource,
    Reviewer,
    erase,
    record,
)
from tocsin.service.review.role import Role
from tocsin.service.review.store.compliance_tables import statements
from tocsin.service.review.store.tables import items, measures
from tocsin.service.review.verdict import Verdict

MEASURE = Measure(
    "m1",
    MeasureKind.REMOVED,
    Ground.INCOMPATIBLE,
    TERMS,
    MeasureSource.OWN_INITIATIVE,
    Automation.NONE,
    START + timedelta(minutes=5),
)
LAW = "Soup Act, § 2"
SQLITE = pytest.mark.parametrize("ready_url", ["sqlite"], indirect=True)  # what no database has a say in


@pytest.fixture
def desk(make_desk: Callable[..., Desk], tmp_path: Path, clock: FixedClock) -> Desk:
    """Return a desk with the kitchen's compliance file, an hour after the tests' beginning."""
    made = make_desk(compliance=read_compliance(kitchen_file(tmp_path)))
    clock.advance(hours=1)
    return made


@pytest.fixture
def alice(desk: Desk) -> Reviewer:
    return reviewer(desk)


def bodies(desk: Desk) -> list[dict[str, Any]]:
    """Return every payload, made now."""
    make_statements(desk)
    return [row.body for row in rows(desk, statements)]


def faults(desk: Desk) -> list[str | None]:
    make_statements(desk)
    return [row.fault for row in rows(desk, statements)]


def acted(desk: Desk, by: Reviewer, item: str = "p1", said: Said = CONFIRM, **changed: Any) -> None:
    """Hand an item in, decide it, and record a measure that rests on the decision."""
    handed_in(desk, judged(item, posted_at=START - timedelta(days=2)))
    made = decided(desk, by, said)
    desk.write(record, item, replace(MEASURE, decision=made.number, **changed), BY)


def test_a_statement_says_what_the_queue_knows_and_the_platform_wrote(desk: Desk, alice: Reviewer) -> None:
    acted(desk, alice)

    (body,) = bodies(desk)
    assert body.pop("puid").startswith("tocsin-")
    assert body == {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "account_type": "ACCOUNT_TYPE_PRIVATE",
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_ground_reference_url": "https://kitchen.example/rules",
        "incompatible_content_ground": "Section 4 of the kitchen rules (2031/17)",
        "incompatible_content_explanation": "The kitchen rules ask for hot soup.",
        "incompatible_content_illegal": "No",
        "category": "STATEMENT_CATEGORY_VIOLENCE",
        "category_addition": ["STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH"],
        "category_specification": ["KEYWORD_INCITEMENT_VIOLENCE_HATRED", "KEYWORD_HATE_SPEECH"],
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_language": "EN",
        "content_date": "2026-02-28",
        "territorial_scope": ["AT", "DE"],
        "application_date": "2026-03-02",
        "decision_facts": "The post was looked at in full. It calls for cold soup.",
        "source_type": "SOURCE_VOLUNTARY",
        "automated_detection": "Yes",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
    }


OTHER = {MeasureKind.VISIBILITY_OTHER: "Shown under the table", MeasureKind.MONETARY_OTHER: "Paid in onions"}
RESTRICTING = [kind for kind in MeasureKind if kind is not MeasureKind.RESTORED]


@pytest.mark.corpora
@SQLITE
def test_the_statement_of_every_measure_is_valid_by_the_published_schema(
    desk: Desk, alice: Reviewer, corpora_folder: Path
) -> None:
    names = [f"p{number}" for number in range(16)]  # of one item, each looks through all before it
    handed_in(desk, *map(judged, names))
    on = {one.item_number: one.number for one in (decided(desk, alice) for _ in names)}
    numbered = {row.id: row.platform_id for row in rows(desk, items)}
    every = list(product(RESTRICTING, Ground, MeasureSource, Automation))
    for number, (kind, ground, source, automation) in enumerate(every):
        measure = Measure(
            f"m{number}",
            kind,
            ground,
            TERMS if ground is Ground.INCOMPATIBLE else LAW,
            source,
            automation,
            START,
            START + timedelta(days=30) if number % 2 else None,
            ("DE", "US") if source is MeasureSource.NOTICE else (),
            other=OTHER.get(kind),
            decision=on[number % 16 + 1] if number % 3 else None,
        )
        desk.jot(record, numbered[number % 16 + 1], measure, BY)
    found = bodies(desk)

    schema = json.loads(
        (corpora_folder.parent / "reference" / "dsa-statement.schema.json").read_text("utf-8")
    )
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for body in found for error in validator.iter_errors(body)] == []
    assert len({body["puid"] for body in found}) == len(every) == 480
    assert {tuple(body["territorial_scope"]) for body in found} == {("DE",), ("AT", "DE")}


@SQLITE
def test_a_decision_alone_is_no_statement(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    decided(desk, alice)

    assert bodies(desk) == []


@SQLITE
def test_statements_are_made_once_and_keep_their_names(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    acted(desk, alice)

    (first,) = bodies(desk)
    clock.advance(hours=5)
    assert bodies(desk) == [first]
    desk.store.write(lambda tx: tx.execute(statements.delete()))
    assert bodies(desk) == [first]


@SQLITE
def test_a_name_tells_nothing_and_differs_with_the_moment(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    acted(desk, alice)
    (first,) = bodies(desk)
    desk.store.write(lambda tx: tx.execute(statements.delete()))
    later = {"recorded_at": clock() + timedelta(microseconds=1)}
    desk.store.write(lambda tx: tx.execute(measures.update().values(later)))

    (second,) = bodies(desk)
    assert first["puid"] != second["puid"]


@SQLITE
def test_what_was_taken_back_is_no_restriction_and_its_statement_stays(desk: Desk, alice: Reviewer) -> None:
    acted(desk, alice)
    before = bodies(desk)
    desk.write(record, "p1", replace(MEASURE, reference="m2", kind=MeasureKind.RESTORED), BY)

    assert bodies(desk) == before


def test_a_decision_that_is_undone_or_reversed_leaves_the_statement(desk: Desk, alice: Reviewer) -> None:
    acted(desk, alice)
    acted(desk, alice, "p2")
    before = bodies(desk)
    (_, second) = desk.store.read(measured)
    assert second.decision is not None
    desk.write(undo, alice, second.decision)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.AUTHOR), BY)
    decided(desk, reviewer(desk, "bob"), DISMISS)

    assert len(before) == 2
    assert bodies(desk) == before


@SQLITE
def test_a_measure_that_is_to_come_has_no_statement_yet(
    desk: Desk, alice: Reviewer, clock: FixedClock
) -> None:
    acted(desk, alice, applied_at=clock() + timedelta(minutes=1))
    assert bodies(desk) == []
    clock.advance(minutes=1)
    assert len(bodies(desk)) == 1


@SQLITE
def test_a_bulk_action_is_partly_automated_whatever_the_platform_says(desk: Desk) -> None:
    senior = reviewer(desk, "sanna", Role.SENIOR)
    for name in ("p1", "p2"):
        handed_in(desk, judged(name, "Everybody brings soup to the choir on Friday, and bread."))
    task, claim = claimed(desk, senior)
    made = desk.write(decide_together, senior, claim, [3 - task.number], CONFIRM)
    for name, one in zip(("p1", "p2"), sorted(made, key=lambda each: each.task), strict=True):
        desk.write(record, name, replace(MEASURE, decision=one.number), BY)

    assert sorted(body["automated_decision"] for body in bodies(desk)) == [
        "AUTOMATED_DECISION_NOT_AUTOMATED",
        "AUTOMATED_DECISION_PARTIALLY",
    ]


NOTICE = Notice("n1", NoticeKind.NOTICE, NoticeSource.USER)


@SQLITE
@pytest.mark.parametrize(
    ("first", "later", "detected"),
    [
        (judged("p1"), None, "Yes"),
        (judged("p1", level="urgent", notice=NOTICE), None, "Yes"),
        (judged("p1", notice=NOTICE), None, "No"),
        (judged("p1", level="none", notice=NOTICE), None, "No"),
        (judged("p1"), judged("p1", notice=NOTICE), "Yes"),
        (judged("p1", level="none"), judged("p1", level="none", notice=NOTICE), "No"),
    ],
    ids=[
        "the model put it there",
        "the model would have put it there first",
        "a notice brought it, the model flags it too",
        "a notice brought it",
        "a notice joined what the model put there",
        "a notice brought back what passed",
    ],
)
def test_detection_is_automated_where_the_model_put_the_item_in_the_queue(
    desk: Desk, alice: Reviewer, clock: FixedClock, first: Any, later: Any, detected: str
) -> None:
    handed_in(desk, first)
    clock.advance(minutes=1)
    if later is not None:
        handed_in(desk, later)
    made = decided(desk, alice)
    desk.write(record, "p1", replace(MEASURE, decision=made.number, source=MeasureSource.NOTICE), BY)

    (body,) = bodies(desk)
    assert body["automated_detection"] == detected
    assert body["decision_facts"].startswith("A notice pointed at the post.")
    assert body["source_type"] == "SOURCE_ARTICLE_16"


def test_detection_of_an_appeals_measure_is_that_of_the_item(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1"))
    decided(desk, alice, DISMISS)
    desk.write(appeal, "p1", Appeal("a1", AppealSource.NOTIFIER), BY)
    made = decided(desk, reviewer(desk, "bob"))
    desk.write(record, "p1", replace(MEASURE, decision=made.number), BY)

    (body,) = bodies(desk)
    assert body["automated_detection"] == "Yes"


@SQLITE
def test_what_no_queue_knew_and_no_decision_bears_is_said_by_the_file(desk: Desk) -> None:
    handed_in(desk, judged("p1", level="none"))
    desk.write(record, "p1", replace(MEASURE, automation=Automation.FULL), BY)

    (body,) = bodies(desk)
    assert body["automated_detection"] == "No"
    assert body["category"] == "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
    assert body["automated_decision"] == "AUTOMATED_DECISION_FULLY"


@SQLITE
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"ground_text": "Kitchen rule 5"},
            "decision_ground: a measure's ground and ground_text must be among",
        ),
        (
            {"kind": MeasureKind.VISIBILITY_OTHER, "other": "Written by @ladle"},
            "decision_visibility_other: what a measure says is other must be among",
        ),
        ({"applied_at": START - timedelta(days=9)}, "application_date: must not come before content_date"),
        ({"ground": Ground.ILLEGAL}, "decision_ground: "),
    ],
    ids=[
        "a term that the file has not",
        "words of its own",
        "acted before it was posted",
        "a term for a law",
    ],
)
def test_what_cannot_be_made_says_which_field_and_nothing_of_the_value(
    desk: Desk, alice: Reviewer, changed: dict[str, Any], told: str
) -> None:
    acted(desk, alice, **changed)

    (fault,) = faults(desk)
    assert fault is not None
    assert fault.startswith(told)
    assert "ladle" not in fault
    assert "rule 5" not in fault
    assert desk.read(count_states)[State.FAULTY] == 1


@SQLITE
def test_a_policy_without_words_is_faulty_until_it_has_some(
    desk: Desk, alice: Reviewer, tmp_path: Path
) -> None:
    acted(desk, alice, said=Said(Verdict.CONFIRM, "stew"))
    (fault,) = faults(desk)
    assert fault == "category: the compliance file must have statements.policies.stew, has not"
    puid = rows(desk, statements)[0].puid

    better = kitchen_file(tmp_path, {"[statements.policies.soup]": "[statements.policies.stew]"})
    object.__setattr__(desk.context, "compliance", read_compliance(better))
    (body,) = bodies(desk)
    assert body["puid"] == puid
    assert faults(desk) == [None]


@SQLITE
def test_a_file_that_quotes_the_post_is_found(desk: Desk, alice: Reviewer) -> None:
    handed_in(desk, judged("p1", "Look: the post was looked at in full. It calls for cold soup!"))
    made = decided(desk, alice)
    desk.write(record, "p1", replace(MEASURE, decision=made.number), BY)

    assert faults(desk) == ["decision_facts: must not repeat what names a post, repeats the post's text"]


@SQLITE
def test_a_measure_outside_of_the_area_and_an_order_that_is_left_out_get_none(
    make_desk: Callable[..., Desk], tmp_path: Path, clock: FixedClock
) -> None:
    file = kitchen_file(tmp_path, {'orders = "other_notification"': 'orders = "leave_out"'})
    desk = make_desk(compliance=read_compliance(file))
    clock.advance(hours=1)
    alice = reviewer(desk)
    acted(desk, alice, territory=("US", "CH"))
    acted(desk, alice, "p2", source=MeasureSource.ORDER)

    assert faults(desk) == [
        "it restricts nothing within the European Economic Area",
        "an order: statements.orders leaves them out",
    ]
    assert {one.state for one in desk.read(list_statements)} == {State.LEFT_OUT}


@SQLITE
@pytest.mark.parametrize("territory", [("EL",), ("DE", "EU")], ids=["Greece otherwise", "the Union"])
def test_a_territory_that_is_spelled_otherwise_is_faulty_and_not_lost(
    desk: Desk, alice: Reviewer, territory: tuple[str, ...]
) -> None:
    acted(desk, alice, territory=territory)
    (fault,) = faults(desk)
    assert str(fault).startswith("territorial_scope: a measure's territory must name countries by ISO 3166")
    assert str(fault).endswith(f"that of measure 1 has {territory[-1]}")


@SQLITE
def test_what_stays_left_out_is_not_written_again_and_asked_for_at_once(
    desk: Desk, alice: Reviewer, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        acted(desk, alice, f"p{number}", reference=f"m{number}", territory=("US",))
    make_statements(desk)
    before = rows(desk, statements)
    clock.advance(hours=1)
    asked: list[Any] = []

    def listening(*given: Any, **how: Any) -> Any:
        asked.append(given)
        return measured(*given, **how)

    monkeypatch.setattr("tocsin.service.review.compliance.keeping.measured", listening)

    assert make_statements(desk) == {State.LEFT_OUT: 3}
    assert rows(desk, statements) == before
    assert len(asked) == 1


@SQLITE
def test_what_was_measured_before_the_day_that_the_file_names_gets_none(
    make_desk: Callable[..., Desk], tmp_path: Path, clock: FixedClock
) -> None:
    file = kitchen_file(tmp_path, {"[statements]": "[statements]\nsince = 2026-03-03"})
    desk = make_desk(compliance=read_compliance(file))
    clock.advance(hours=30)
    alice = reviewer(desk)
    acted(desk, alice)
    acted(desk, alice, "p2", applied_at=START + timedelta(hours=15))

    assert [body["application_date"] for body in bodies(desk)] == ["2026-03-03"]


@SQLITE
def test_a_statement_outlives_the_item(desk: Desk, alice: Reviewer) -> None:
    acted(desk, alice)
    before = bodies(desk)
    desk.write(erase, "p1", PLATFORM)

    assert bodies(desk) == before
    assert "alice" not in json.dumps(before)


@SQLITE
def test_statements_need_a_file(make_desk: Callable[..., Desk]) -> None:
    with pytest.raises(SettingsError, match="TOCSIN_REVIEW_COMPLIANCE"):
        make_statements(make_desk())


def test_calls_hold_a_hundred_at_most_and_what_was_marked_is_not_written_again(
    make_desk: Callable[..., Desk], tmp_path: Path, clock: FixedClock
) -> None:
    desk = make_desk(compliance=read_compliance(kitchen_file(tmp_path)))
    clock.advance(hours=1)
    handed_in(desk, judged("p1", level="none"))
    many = [replace(MEASURE, reference=f"m{number}") for number in range(203)]

    def record_all(tx: Any, context: Any) -> None:
        for one in many:
            record(tx, context, "p1", one, BY)

    desk.write(record_all)
    make_statements(desk)
    calls = list(export_calls(desk))
    numbers = [number for some, _ in calls for number in some]

    assert [len(json.loads(line)["statements"]) for _, line in calls] == [100, 100, 3]
    assert len({one["puid"] for _, line in calls for one in json.loads(line)["statements"]}) == 203
    assert desk.write(mark_sent, numbers) == 203
    assert list(export_calls(desk)) == []
    assert len(list(export_calls(desk, everything=True))) == 3
    assert desk.read(count_states)[State.UNRECEIPTED] == 203
