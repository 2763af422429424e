"""Decisions as labelled rows: what they say, what is logged; and that training reads them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tocsin.assessment import Level
from tocsin.errors import InputError
from tocsin.policy import All, Expression, Leaf, implied, parse_policy
from tocsin.policy import Any as AnyOf
from tocsin.service.review.contract_testing import START, actions, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.log import OPERATOR
from tocsin.service.review.quality.exporting import Exported, LabelRules, label_rows, log_export
from tocsin.service.review.quality.period import Period
from tocsin.service.review.quality.testing import Planted, plant
from tocsin.service.review.records import Reviewer, erase, hold
from tocsin.service.review.store.tables import items
from tocsin.signals import Signal

PERIOD = Period(START - timedelta(days=28), START)
AT = START - timedelta(days=3)
HATE, THREAT, CALL = Leaf(Signal.HATE), Leaf(Signal.THREAT), Leaf(Signal.CALL_TO_ACTION)
DOCUMENT = parse_policy(
    b"""
version = "1"
[policies.soup]
title = "Soup"
when = "hate"
severity = "low"
review = 0.5
urgent = 0.9
[policies.broth]
title = "Broth"
when = { any = ["incitement", "threat"] }
severity = "low"
review = 0.5
urgent = 0.9
[policies.stew]
title = "Stew"
when = { all = ["call_to_action", { any = ["extremism", "hate"] }] }
severity = "low"
review = 0.5
urgent = 0.9
""",
    "kitchen.toml",
)
RULES = LabelRules(DOCUMENT)
FLAGGED = Planted(Level.REVIEW, AT, "soup")
DRAWN = Planted(Level.NONE, AT, "", chance=0.1, drawn=True)


def exported(desk: Desk, rules: LabelRules = RULES) -> tuple[list[dict[str, Any]], Exported]:
    done = Exported()
    lines = desk.read(label_rows, PERIOD, rules, done)
    return [json.loads(line) for line in lines], done


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        pytest.param([(HATE, True)], {"hate": True}, id="one signal, yes"),
        pytest.param(
            [(AnyOf((HATE, THREAT)), False)], {"hate": False, "threat": False}, id="none of several"
        ),
        pytest.param([(AnyOf((HATE, THREAT)), True)], {}, id="one of several: nobody says which"),
        pytest.param([(All((HATE, THREAT)), True)], {"hate": True, "threat": True}, id="all of several"),
        pytest.param([(All((HATE, THREAT)), False)], {}, id="not all of several: nobody says which not"),
        pytest.param(
            [(All((CALL, AnyOf((HATE, THREAT)))), False), (HATE, True)],
            {"hate": True, "call_to_action": False},
            id="the only one that is open, whatever the order",
        ),
        pytest.param([(HATE, True), (HATE, False)], {}, id="a contradiction says nothing"),
    ],
)
def test_a_verdict_says_of_signals_what_follows_from_it(
    verdicts: list[tuple[Expression, bool]], told: dict[str, bool]
) -> None:
    assert {signal.value: value for signal, value in implied(verdicts).items()} == told


def test_dismissed_says_no_to_all_that_any_policy_asks_for_by_itself() -> None:
    found = {signal.value: value for signal, value in RULES.labels(None).items()}
    assert found == {"hate": False, "incitement": False, "threat": False}


def test_confirmed_says_nothing_of_other_policies() -> None:
    assert RULES.labels("stew") == {Signal.CALL_TO_ACTION: True}
    assert RULES.labels("broth") == {}
    assert RULES.labels("a policy of long ago") == {}


def test_a_platform_may_say_which_signal_a_policy_stands_for() -> None:
    rules = LabelRules(DOCUMENT, {"broth": Signal.THREAT})
    assert rules.labels("broth") == {Signal.THREAT: True}


@pytest.mark.parametrize(
    ("stands_for", "why"),
    [
        pytest.param(
            {"stock": Signal.THREAT}, "a policy must be one of broth, soup, stew", id="unknown policy"
        ),
        pytest.param(
            {"soup": Signal.THREAT}, "a signal of soup must be one of hate", id="a signal of another"
        ),
    ],
)
def test_what_no_policy_asks_for_is_refused(stands_for: dict[str, Signal], why: str) -> None:
    with pytest.raises(InputError, match=why):
        LabelRules(DOCUMENT, stands_for)


def test_rows_have_texts_labels_and_the_probability_of_each(desk: Desk, alice: Reviewer) -> None:
    one, other = desk.write(plant, alice.number, [FLAGGED, DRAWN])
    found, done = exported(desk)
    texts = {row.id: row.text for row in rows(desk, items)}
    assert found == [
        {"id": f"item-{one}", "text": texts[one], "language": "en", "hate": 1, "inclusion_probability": 1.0,
         "x_policy": "soup", "x_level": "review"},
        {"id": f"item-{other}", "text": texts[other], "language": "en", "incitement": 0, "threat": 0,
         "hate": 0, "inclusion_probability": 0.1, "x_policy": "none", "x_level": "none"},
    ]  # fmt: skip
    assert (done.rows, dict(done.labels)) == (
        2, {"hate yes": 1, "hate no": 1, "incitement no": 1, "threat no": 1}
    )  # fmt: skip


def test_erased_held_and_unjudged_items_are_left_out(desk: Desk, alice: Reviewer, lead: Reviewer) -> None:
    unjudged, mute = Planted(None, AT, "soup"), Planted(Level.REVIEW, AT, "broth")
    numbers = desk.write(plant, alice.number, [FLAGGED] * 4 + [unjudged, mute])
    names = [row.platform_id for row in rows(desk, items)]
    desk.write(erase, names[0], OPERATOR)
    for name in names[1:3]:
        desk.write(hold, lead, name, "a court asks")
    desk.write(erase, names[2], OPERATOR)
    found, done = exported(desk)
    assert [row["id"] for row in found] == [f"item-{numbers[3]}"]
    assert dict(done.left_out) == {
        "erased": 1, "held": 1, "to be erased": 1, "not judged": 1, "says nothing of a signal": 1
    }  # fmt: skip


def test_what_nobody_decided_or_drew_is_no_row(desk: Desk, alice: Reviewer) -> None:
    waiting, quiet = Planted(Level.REVIEW, AT), Planted(Level.NONE, AT, chance=0.1)
    desk.write(plant, alice.number, [waiting, quiet])
    assert exported(desk)[0] == []


def test_the_log_says_that_texts_left_and_none_of_them(desk: Desk, alice: Reviewer) -> None:
    desk.write(plant, alice.number, [FLAGGED])
    _, done = exported(desk)
    desk.write(log_export, PERIOD, done, "ab" * 32)
    assert actions(desk)[-1] == "labels.exported"


def test_training_reads_what_is_exported(desk: Desk, alice: Reviewer, tmp_path: Path) -> None:
    from tocsin.training.own_rows import read_own

    desk.write(plant, alice.number, [FLAGGED, DRAWN])
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(b"".join(desk.read(label_rows, PERIOD, RULES, Exported())))
    one, other = read_own(path)
    assert (one.labels[Signal.HATE].value, other.labels[Signal.HATE].value) == ("positive", "negative")
    assert (one.inclusion, other.inclusion) == (1.0, 0.1)
