import dataclasses
import json
from typing import Any

import pytest

from tocsin.assessment import (
    Assessment,
    Level,
    ModelStamp,
    PolicyResult,
    PolicyStamp,
    Reason,
    Span,
    Status,
    Tier,
)
from tocsin.signals import Signal

NULLS: dict[Signal, float | None] = dict.fromkeys(Signal)
SCORED = Assessment(
    id="p-17",
    status=Status.SCORED,
    reason=None,
    language="en",
    signals=NULLS | {Signal.INCITEMENT: 0.912345678, Signal.THREAT: 0.4},
    policies=(
        PolicyResult("incitement", 0.912345678, Level.URGENT, certified=True),
        PolicyResult("recruitment", None, None, certified=False, missing=(Signal.CALL_TO_ACTION,)),
    ),
    priority=0.912345678,
    tier=Tier.ENCODER,
    spans=(Span(10, 24, Signal.INCITEMENT, 0.62),),
    model=ModelStamp("default", "1.0.0", "sha256:aa"),
    policy=PolicyStamp("1", "sha256:bb"),
)


def judged(*levels: Level | None) -> Assessment:
    results = [
        PolicyResult(f"rule-{place}", 0.5, level, certified=False) for place, level in enumerate(levels)
    ]
    return dataclasses.replace(SCORED, policies=tuple(results))


def test_a_scored_item_is_written_with_the_documented_fields_in_order() -> None:
    written = json.dumps(SCORED.to_dict())

    assert written == json.dumps(
        {
            "id": "p-17",
            "status": "scored",
            "reason": None,
            "language": "en",
            "signals": {
                "incitement": 0.912346,
                "threat": 0.4,
                "glorification": None,
                "call_to_action": None,
                "grievance": None,
                "dehumanisation": None,
                "hate": None,
                "extremism": None,
            },
            "policies": [
                {
                    "name": "incitement",
                    "score": 0.912346,
                    "level": "urgent",
                    "certified": True,
                    "missing": [],
                },
                {
                    "name": "recruitment",
                    "score": None,
                    "level": None,
                    "certified": False,
                    "missing": ["call_to_action"],
                },
            ],
            "priority": 0.912346,
            "tier": "encoder",
            "spans": [{"start": 10, "end": 24, "signal": "incitement", "weight": 0.62}],
            "model": {"name": "default", "version": "1.0.0", "digest": "sha256:aa"},
            "policy": {"version": "1", "digest": "sha256:bb"},
        }
    )


@pytest.mark.parametrize("reason", list(Reason))
def test_an_unscorable_item_is_null_and_never_low(reason: Reason) -> None:
    unscorable = dataclasses.replace(
        SCORED,
        status=Status.UNSCORABLE,
        reason=reason,
        language="und",
        signals=NULLS,
        policies=(PolicyResult("incitement", None, None, certified=False),),
        priority=None,
        tier=None,
        spans=(),
    ).to_dict()

    assert unscorable["status"] == "unscorable"
    assert unscorable["reason"] == reason.value
    assert unscorable["priority"] is unscorable["tier"] is None
    assert set(unscorable["signals"].values()) == {None}
    assert unscorable["policies"][0]["score"] is unscorable["policies"][0]["level"] is None


def test_a_score_of_zero_is_not_null() -> None:
    zero = dataclasses.replace(SCORED, signals=NULLS | {Signal.HATE: 0.0}, priority=0.0).to_dict()

    assert zero["signals"]["hate"] == zero["priority"] == 0.0


def test_a_score_too_small_for_six_decimals_is_zero() -> None:
    assert dataclasses.replace(SCORED, priority=4e-7).to_dict()["priority"] == 0.0


def test_what_is_written_is_plain_json_all_the_way_down() -> None:
    def kinds(value: Any) -> set[type]:
        if isinstance(value, dict):
            return set().union(*map(kinds, value), *map(kinds, value.values()))
        if isinstance(value, list):
            return set().union(*map(kinds, value))
        return {type(value)}

    assert kinds(SCORED.to_dict()) == {str, float, int, bool, type(None)}


@pytest.mark.parametrize(
    ("levels", "highest"),
    [
        pytest.param((), None, id="no-policies"),
        pytest.param((None, None), None, id="none-could-be-judged"),
        pytest.param((None, Level.NONE), Level.NONE, id="null-does-not-count"),
        pytest.param((Level.NONE, Level.REVIEW), Level.REVIEW, id="review-above-none"),
        pytest.param((Level.URGENT, Level.REVIEW), Level.URGENT, id="urgent-above-review"),
        pytest.param((Level.URGENT, None, Level.NONE), Level.URGENT, id="order-plays-no-part"),
    ],
)
def test_the_level_is_the_highest_that_any_policy_reached(
    levels: tuple[Level | None, ...], highest: Level | None
) -> None:
    assert judged(*levels).level is highest


def test_an_assessment_says_nothing_about_an_author() -> None:
    assert not {"author", "user", "account"} & set(SCORED.to_dict())
