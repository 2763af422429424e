"""Six weeks of a made-up platform go through the queue, and commands tell what was planted."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tocsin.cli.review.month_testing import (
    CHANGE_DECIDED,
    CHANGE_HERE,
    UNCHANGED,
    Operator,
    exported,
    figures_of,
    kept,
    refitted,
)
from tocsin.service.review.compliance.terms import SOURCES
from tocsin.service.review.month_testing.counts import (
    automated_counts,
    complaint_counts,
    due,
    measure_counts,
    notice_counts,
    order_counts,
    words_due,
)
from tocsin.service.review.month_testing.living import LASTS, Month
from tocsin.service.review.month_testing.platform import BEGINS, SOUP, Platform
from tocsin.service.review.month_testing.truth import Truth
from tocsin.service.review.queue import Queue

# The first in which all of some sixty intervals hold and no test of drift is an alarm by luck (in the fifth
# one is): bench/review_month.py says how often that is so.
SEED = 6
ENDS = BEGINS + LASTS
DAYS = ("--from", BEGINS.date().isoformat(), "--to", (ENDS - timedelta(days=1)).date().isoformat())


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    """Yield six weeks that were lived."""
    made = Month(Platform(), tmp_path_factory.mktemp("month"), SEED)
    made.live()
    yield made
    made.desk.close()


@pytest.fixture(scope="module")
def operator(month: Month) -> Operator:
    return Operator(month)


@pytest.fixture(scope="module")
def summary(operator: Operator) -> Mapping[str, Any]:
    """Return the yearly report of all of it."""
    found: Mapping[str, Any] = operator.json("review", "transparency", *DAYS, at=ENDS)
    return found


def test_every_interval_holds_the_truth(operator: Operator, tmp_path: Path) -> None:
    told = [one for one in figures_of(operator, tmp_path) if one.told]

    assert [one for one in told if not one.holds] == []
    assert len(told) > 60


def test_the_model_is_seen_to_miss_more_of_what_is_german(operator: Operator) -> None:
    told = operator.json("review", "rates", "--by", "language")
    missed = {part["value"]: part["policies"][0]["missed"] for part in told["parts"]}

    assert missed["de"]["low"] > missed["en"]["value"]


def test_a_bias_against_a_community_shows_in_what_is_confirmed_there(operator: Operator) -> None:
    told = operator.json("review", "rates", "--by", "community")
    precision = {part["value"]: part["policies"][0]["review"] for part in told["parts"]}

    assert precision["quellish"]["high"] < precision["kitchen"]["value"]


def test_drift_tells_of_the_change_and_of_nothing_before(operator: Operator) -> None:
    alarms = {
        moment: {(one["what"], one["policy"]) for one in operator.drift(moment) if one["alarm"]}
        for moment in (UNCHANGED, CHANGE_HERE, CHANGE_DECIDED)
    }

    assert alarms[UNCHANGED] == set()
    assert {("flagged share", None)} <= alarms[CHANGE_HERE] <= {("flagged share", None), ("scores", None)}
    assert alarms[CHANGE_DECIDED] == {("precision", SOUP)}


def test_refitted_thresholds_keep_their_targets_on_all_that_may_come(
    operator: Operator, month: Month, tmp_path: Path
) -> None:
    fitted = [one for one in refitted(operator, tmp_path) if one["refit"]["threshold"] is not None]

    assert len(fitted) >= 2
    assert all(kept(one, Truth(month.platform)) for one in fitted)


def test_exported_labels_build_and_corrections_are_marked(
    operator: Operator, month: Month, tmp_path: Path
) -> None:
    rows = exported(operator, tmp_path / "labels.jsonl")
    built = operator.build(tmp_path / "labels.jsonl")

    assert sum(row.get("x_queue") == "corrections" for row in rows) == len(month.ledger.corrected) == 5
    assert [(one["corpus"], one["read"]) for one in built] == [("labels", len(rows))]


def test_every_measure_has_its_statement_and_every_one_is_valid(
    operator: Operator, month: Month, corpora_folder: Path, tmp_path: Path
) -> None:
    restricting = month.ledger.restricting()
    counts = operator.json("review", "statements", "list", at=ENDS)["counts"]
    out = tmp_path / "calls.jsonl"
    told = operator.json("review", "statements", "export", "--out", str(out), at=ENDS)
    calls = [json.loads(line)["statements"] for line in out.read_text("utf-8").splitlines()]
    schema = corpora_folder.parent / "reference" / "dsa-statement.schema.json"
    validator = jsonschema.Draft202012Validator(
        json.loads(schema.read_text("utf-8")), format_checker=jsonschema.FormatChecker()
    )

    assert {state: count for state, count in counts.items() if count} == {"waiting": len(restricting)}
    assert (told["statements"], told["faulty"]) == (len(restricting), 0)
    assert [len(call) for call in calls[:-1]] == [100] * (told["calls"] - 1)
    assert [error.message for call in calls for one in call for error in validator.iter_errors(one)] == []
    assert Counter(one["source_type"] for call in calls for one in call) == Counter(
        SOURCES[one.measure.source] for one in restricting
    )
    assert Counter(one["automated_detection"] for call in calls for one in call) == Counter(
        "Yes" if one.detected else "No" for one in restricting
    )


def test_the_report_counts_what_was_planted_and_done(summary: Mapping[str, Any], month: Month) -> None:
    ledger, automated = month.ledger, summary["automated"]
    judged = {name: automated[name] for name in ("judged", "flagged", "not_judged")}

    assert summary["orders"] == order_counts(ledger)
    assert summary["notices"] == notice_counts(ledger)
    assert summary["moderation"] == measure_counts(ledger)
    assert summary["complaints"] == complaint_counts(ledger)
    assert judged | {"drawn": automated["missed"]["drawn"]} == automated_counts(ledger)


def test_the_clock_of_each_order_is_listed(operator: Operator, month: Month) -> None:
    listed = {one["item"]: one for one in operator.json("review", "orders", at=ENDS)}

    assert len(listed) == len(month.ledger.orders) > 5
    for asked in month.ledger.orders:
        said = month.ledger.answer(asked.item, asked.at, Queue.ORDERS)
        assert said is not None
        assert listed[asked.item]["decision"] == said.number
        assert listed[asked.item]["verdict"] == ("dismiss" if said.policy is None else "confirm")


def test_a_replay_tells_every_decision_as_it_was_made(operator: Operator, month: Month) -> None:
    spoken = month.ledger.spoken
    objected = {one.item for one in month.ledger.appeals}
    thrice = next(
        item for item, those in spoken.items() if any(one.queue is Queue.ADJUDICATION for one in those)
    )
    for item in (next(one for one in spoken if one in objected), thrice):
        told = operator.json("review", "replay", item, at=ENDS)
        made = [one["told"] for one in told["events"] if one["what"] == "decision.made"]
        final = [one for one in made if one["verdict"] in {"confirm", "dismiss"} and one["undone"] is None]
        assert told["log"]["whole"]
        assert [(one["decision"], one["policy"], one["aside"]) for one in final] == [
            (one.number, one.policy, one.aside) for one in spoken[item]
        ]


def test_retention_erases_what_is_due_and_rates_stay(
    operator: Operator, month: Month, tmp_path: Path
) -> None:
    shutil.copytree(month.state, tmp_path / "state")
    copy = Operator(month, tmp_path / "state")
    before = copy.json("review", "rates")
    plan = copy.json("review", "retention", "--dry-run", at=ENDS)
    done = copy.json("review", "retention", "--apply", at=ENDS)
    left = copy.json("review", "retention", "--dry-run", at=ENDS)

    expected = due(month.ledger, ENDS)
    assert {name: plan[name] for name in expected} == expected
    assert plan["complaints"] == words_due(month.ledger, ENDS)
    assert done == plan
    assert (left["items"], left["complaints"]) == ({}, 0)
    assert copy.json("review", "rates")["whole"] == before["whole"]
    assert copy.json("review", "verify-log", at=ENDS)["whole"]
    assert operator.json("review", "verify-log", at=ENDS)["whole"]
