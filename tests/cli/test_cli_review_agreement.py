"""`tocsin review agreement`: how far people agree, from what they decided apart."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.service.review.clock import now
from tocsin.service.review.contract_testing import (
    CONFIRM,
    DISMISS,
    FixedClock,
    decided,
    handed_in,
    judged,
    reviewer,
)
from tocsin.service.review.double_testing import ALL, wait
from tocsin.service.review.making import make_desk
from tocsin.service.review.queue import Queue
from tocsin.service.review.ready_testing import put_tables
from tocsin.service.review.settings import review_settings

PAIRS = 25
DIFFER = 3


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return the state folder of a queue in which 25 items were decided twice, 3 of them otherwise."""
    folder, clock = tmp_path / "state", FixedClock(now() - timedelta(days=20))
    folder.mkdir(mode=0o700)
    settings = review_settings(double_share=ALL, audit_share=0.0, severe_a_shift=0, severe_in_a_row=0)
    put_tables(folder)
    desk = make_desk(settings, folder, clock=clock)
    alice, bob = reviewer(desk), reviewer(desk, "bob")
    for number in range(PAIRS):
        handed_in(desk, judged(f"p{number}", level="urgent"))
        decided(desk, alice, CONFIRM if number % 2 else DISMISS, Queue.URGENT)
    wait(clock, desk)
    for number in range(PAIRS):
        same = CONFIRM if number % 2 else DISMISS
        decided(desk, bob, DISMISS if number % 8 == 1 and number < 8 * DIFFER else same, Queue.SECOND)
    wait(clock, desk)
    desk.close()
    return folder


def run(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["review", "agreement", *arguments, "--state", str(state)])


def test_agreement_is_shown_overall_and_by_policy(state: Path) -> None:
    shown = run(state)
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert [word for word in ("soup", "which, if any", "88%") if word not in shown.stdout] == []
    words = " ".join(shown.stdout.split())
    assert "25 first decisions could be drawn, 25 were: 25 decided twice, 0 wait, 0 were erased" in words
    assert (
        "3 differ, 3 of them in the verdict and 0 in the policy: 0 upheld, 0 overturned, 3 waiting" in words
    )
    assert "12 of 12 that were confirmed first, 13 of 13 that were dismissed first" in words
    assert "not told" not in words


def test_agreement_as_json_has_intervals_and_nobody_in_it(state: Path) -> None:
    told = json.loads(run(state, "--json").stdout)
    soup = told["agreement"][1]
    assert (soup["policy"], soup["agreement"]["plain"]["value"]) == ("soup", 0.88)
    assert soup["agreement"]["kappa"]["low"] < soup["agreement"]["kappa"]["value"]
    assert told["endings"] == {"upheld": 0, "overturned": 0, "waiting": 3, "not_asked": 0}
    assert told["by_first"] == {
        "confirm": {"drawn": 12, "decided": 12},
        "dismiss": {"drawn": 13, "decided": 13},
    }
    assert (told["confidence"], told["decided"]) == (0.95, PAIRS)
    assert "reviewer" not in json.dumps(told)


def test_of_few_nothing_is_told_and_why(state: Path) -> None:
    shown = run(state, "--from", "2021-05-01", "--to", "2021-06-01")
    assert shown.exit_code == 0
    assert "fewer than 20 items with two readings, 0" in " ".join(shown.stdout.split())
