"""Items as JSON: what passes can be stored, in both databases, and what cannot be is told why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tocsin.service.api.validation import first_fault
from tocsin.service.review.contract_testing import assessed, handed_in, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.intake import Expected, Judged, Notice, NoticeKind, NoticeSource, Submission
from tocsin.service.review.intake.bodies import SubmissionBody
from tocsin.service.review.store.tables import items, notices

NOTICE: dict[str, Any] = {"id": "n", "kind": "notice", "source": "user"}


def read(**fields: Any) -> Submission:
    return SubmissionBody.model_validate({"id": "p", "text": "soup", **fields}).submission()


def test_the_least_that_there_must_be() -> None:
    assert read() == Submission("p", "soup")


def test_every_field_has_its_place() -> None:
    notice = {
        **NOTICE,
        "kind": "order",
        "source": "authority",
        "received": "2026-03-02T09:00:00Z",
        "deadline": "2026-03-02T10:00:00Z",
        "policy": "soup",
        "statement": "remove it",
        "threat_to_life": True,
    }
    told = {
        "language": "en-GB",
        "time": "2026-03-02T10:00:00+01:00",
        "community": "kitchen",
        "reach": 12,
        "thread": ["lunch?"],
    }
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    assert read(**told, notice=notice) == Submission(
        "p",
        "soup",
        "en-GB",
        at,
        "kitchen",
        12,
        ("lunch?",),
        Notice(
            "n",
            NoticeKind.ORDER,
            NoticeSource.AUTHORITY,
            at,
            at.replace(hour=10),
            "soup",
            "remove it",
            threat_to_life=True,
        ),
    )
    assert read(expected={"policy": "soup"}).expected == Expected("soup")
    assert read(expected={"policy": None}).expected == Expected(None)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        pytest.param({"id": ""}, "id", id="no id"),
        pytest.param({"id": 5}, "id", id="a number for an id"),
        pytest.param({"id": "a\nb"}, "id", id="a line end in an id"),
        pytest.param({"id": "a\u202eb"}, "id", id="an id that turns around"),
        pytest.param({"id": "x" * 513}, "id", id="a long id"),
        pytest.param({"text": None}, "text", id="no text"),
        pytest.param({"text": "a\0b"}, "text", id="NUL in a text"),
        pytest.param({"text": "a\ud800b"}, "text", id="half a pair in a text"),
        pytest.param({"text": "x" * (1024**2 + 1)}, "text", id="a long text"),
        pytest.param({"language": "soup!"}, "language", id="no language"),
        pytest.param({"language": ""}, "language", id="an empty language"),
        pytest.param({"time": "2026-03-02T09:00:00"}, "time", id="a time without a zone"),
        pytest.param({"time": "9999-12-31T23:59:59-12:00"}, "time", id="a time beyond the calendar"),
        pytest.param({"time": "0001-01-01T00:00:00+12:00"}, "time", id="a time before the calendar"),
        pytest.param({"community": "a\0b"}, "community", id="NUL in a community"),
        pytest.param({"community": "x" * 513}, "community", id="a long community"),
        pytest.param({"reach": -1}, "reach", id="below nobody"),
        pytest.param({"reach": 2**63}, "reach", id="more than databases count"),
        pytest.param({"reach": True}, "reach", id="yes for a number"),
        pytest.param({"reach": "12"}, "reach", id="a word for a number"),
        pytest.param({"thread": ["a\0b"]}, "thread.0", id="NUL in a thread"),
        pytest.param({"thread": ["x"] * 51}, "thread", id="a long thread"),
        pytest.param({"colour": "red"}, "colour", id="a field that is none"),
        pytest.param({"notice": {**NOTICE, "kind": "wish"}}, "notice.kind", id="a wish"),
        pytest.param({"notice": {**NOTICE, "id": ""}}, "notice.id", id="a notice without an id"),
        pytest.param({"notice": {**NOTICE, "policy": "x" * 257}}, "notice.policy", id="a long policy"),
        pytest.param({"notice": {**NOTICE, "statement": "a\0"}}, "notice.statement", id="NUL in a statement"),
        pytest.param({"notice": {**NOTICE, "statement": "x" * 10_001}}, "notice.statement", id="a speech"),
        pytest.param({"notice": {**NOTICE, "threat_to_life": "yes"}}, "notice.threat_to_life", id="yes"),
        pytest.param(
            {
                "notice": {
                    **NOTICE,
                    "received": "2026-03-02T09:00:00Z",
                    "deadline": "2026-03-02T08:00:00Z",
                }
            },
            "notice",
            id="due before it came",
        ),
        pytest.param({"expected": {}}, "expected.policy", id="no answer"),
        pytest.param({"expected": {"policy": None}, "notice": NOTICE}, "", id="a golden item with a notice"),
    ],
)
def test_a_field_that_breaks_a_rule_is_named_and_never_shown(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as raised:
        read(**fields)

    said = first_fault(raised.value)
    assert said.startswith(f"{place}: " if place else "Value error, a golden item")
    assert "xxx" not in str(raised.value)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="the least"),
        pytest.param({"text": ""}, id="an empty text"),
        pytest.param({"text": "crème 🥣 \u2028 \u200b \x01\x7f \ufffe \U0010ffff"}, id="odd characters"),
        pytest.param({"text": "🥣" * 20_000}, id="a long text"),
        pytest.param({"id": "ключ 🥣" * 64}, id="a long id"),
        pytest.param({"time": "1900-01-01T00:00:00+14:00"}, id="long ago"),
        pytest.param({"time": "2999-12-31T23:59:59.999999-14:00"}, id="long from now"),
        pytest.param({"reach": 2**63 - 1}, id="everybody"),
        pytest.param({"community": "🥣" * 512}, id="a long community"),
        pytest.param({"language": "zh-" + "Hant-" * 10 + "TW"}, id="a long language"),
        pytest.param({"thread": ["", "🥣\u2028"] * 25}, id="a long thread"),
        pytest.param(
            {
                "notice": {
                    **NOTICE,
                    "kind": "order",
                    "id": "🥣" * 512,
                    "policy": "п" * 256,
                    "statement": "🥣" * 10_000,
                    "received": "2999-12-31T23:59:59Z",
                }
            },
            id="a notice as long as can be",
        ),
        pytest.param({"expected": {"policy": "п" * 256}}, id="an answer as long as can be"),
    ],
)
def test_what_passes_is_stored_and_read_back(desk: Desk, fields: dict[str, Any]) -> None:
    submission = read(**fields)
    handed_in(desk, Judged(submission, assessed(submission.id)))
    (item,) = rows(desk, items)

    assert (item.platform_id, item.text, item.posted_at) == (
        submission.id,
        submission.text,
        submission.posted_at,
    )
    assert (item.community, item.reach, item.hint) == (
        submission.community,
        submission.reach,
        submission.language,
    )
    assert tuple(item.thread or ()) == tuple(submission.thread)
    assert [row.statement for row in rows(desk, notices)] == (
        [submission.notice.statement] if submission.notice else []
    )


@given(st.text(max_size=30), st.text(max_size=30) | st.none())
def test_whatever_passes_holds_no_nul_and_no_half_of_a_pair(text: str, community: str | None) -> None:
    try:
        submission = read(text=text, community=community)
    except ValidationError:
        assert "\0" in text + (community or "")
        return
    assert (submission.text, submission.community) == (text, community)
    (text + (community or "")).encode()
