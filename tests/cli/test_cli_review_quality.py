"""The commands that tell how good model and reviewers are, and that feed decisions back."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tocsin.assessment import Level
from tocsin.cli.app import app
from tocsin.cli.review.periods import shown_share
from tocsin.service.review.clock import now
from tocsin.service.review.contract_testing import reviewer, rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.making import make_desk
from tocsin.service.review.quality.testing import Planted, plant
from tocsin.service.review.settings import review_settings
from tocsin.service.review.store.tables import log

POLICY = """\
version = "1"
[policies.hate]
title = "Hate"
when = "hate"
severity = "low"
review = "fpr 0.1"
urgent = 0.95
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(scope="module")
def filled() -> dict[str, bytes]:
    """Return the files of a queue that was filled: once, for it takes a second, then copied."""
    return {}


@pytest.fixture
def desk(state: Path, filled: dict[str, bytes]) -> Iterator[Desk]:
    """Yield a queue with two months of what was flagged, drawn and passed by."""
    if not filled:
        fill(state)
        filled.update({file.name: file.read_bytes() for file in state.iterdir()})
    for name, content in filled.items():
        (state / name).write_bytes(content)
        (state / name).chmod(0o600)
    made = make_desk(review_settings(), state)
    yield made
    made.close()


def fill(state: Path) -> None:
    made = make_desk(review_settings(), state)
    by = reviewer(made)
    random = np.random.default_rng(1)
    start = now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=35)
    planted = []
    for number in range(1_200):
        at = start + timedelta(days=number % 35)
        score = round(float(random.random()), 6)
        hit = "hate" if random.random() < score**3 else ""
        told = {"hate": score}
        if score > 0.8:
            planted.append(
                Planted(Level.REVIEW, at, hit, score=score, signals=told, flags={"hate": Level.REVIEW})
            )
        else:
            drawn = number % 2 == 0
            planted.append(Planted(Level.NONE, at, hit if drawn else None, 0.5, drawn, score, signals=told))
    made.write(plant, by.number, planted)
    made.close()


def run(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--state", str(state)])


def test_rates_are_shown_and_as_json(desk: Desk, state: Path) -> None:
    del desk
    shown = run(state, "review", "rates")
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert "hate" in shown.stdout
    told = json.loads(run(state, "review", "rates", "--by", "language", "--json").stdout)
    (hate,) = [one for one in told["whole"]["policies"] if one["policy"] == "hate"]
    assert hate["review"]["low"] < hate["review"]["value"] < hate["review"]["high"]
    assert [part["value"] for part in told["parts"]] == ["en"]


def test_a_period_that_ends_before_it_begins_is_an_error(desk: Desk, state: Path) -> None:
    del desk
    done = run(state, "review", "rates", "--from", "2031-02-01", "--to", "2031-01-01")
    assert done.exit_code == 1
    assert "a period must begin before it ends" in str(done.exception)


def test_labels_are_written_once_and_logged(desk: Desk, state: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels.jsonl"
    done = run(state, "review", "export", "--labels", str(out), "--json")
    assert done.exit_code == 0, done.exception
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == json.loads(done.stdout)["rows"] > 100
    assert {line["inclusion_probability"] for line in lines} == {0.5, 1.0}
    body = json.loads(rows(desk, log)[-1].body)
    assert (rows(desk, log)[-1].action, body["rows"]) == ("labels.exported", len(lines))

    again = run(state, "review", "export", "--labels", str(out))
    assert "--force replaces it" in str(again.exception)
    assert len(rows(desk, log, log.c.action == "labels.exported")) == 1


def test_labels_are_their_owners_alone_whatever_was_there(desk: Desk, state: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels.jsonl"
    for force in ([], ["--force"]):
        done = run(state, "review", "export", "--labels", str(out), *force)
        assert (done.exit_code, out.stat().st_mode & 0o777) == (0, 0o600)
        out.chmod(0o644)


def test_nothing_to_export_writes_no_file(desk: Desk, state: Path, tmp_path: Path) -> None:
    out = tmp_path / "labels.jsonl"
    done = run(state, "review", "export", "--labels", str(out), "--from", "2001-01-01", "--to", "2001-02-01")
    assert "there must be a decided item to write" in str(done.exception)
    assert not out.exists()
    assert rows(desk, log, log.c.action == "labels.exported") == []


@pytest.mark.parametrize("given", ["hate", "=hate", "hate=soup"])
def test_a_signal_is_named_with_its_policy(desk: Desk, state: Path, tmp_path: Path, given: str) -> None:
    del desk
    done = run(state, "review", "export", "--labels", str(tmp_path / "a.jsonl"), "--signal", given)
    assert done.exit_code == 2


def test_a_refit_writes_nothing_unless_told_to(desk: Desk, state: Path, tmp_path: Path) -> None:
    del desk
    policy, out = tmp_path / "my.toml", tmp_path / "refit.toml"
    policy.write_text(POLICY, encoding="utf-8")
    dry = run(state, "thresholds", "refit", "--policy", str(policy), "--json")
    assert dry.exit_code == 0, dry.exception
    told = json.loads(dry.stdout)
    assert (told["out"], sorted(file.name for file in tmp_path.iterdir())) == (None, ["my.toml", "state"])

    done = run(state, "thresholds", "refit", "--policy", str(policy), "--write", str(out))
    assert done.exit_code == 0, done.exception
    table = tomllib.loads(out.read_text(encoding="utf-8"))["policies"]["hate"]
    assert table["review"] == pytest.approx(told["levels"][0]["refit"]["threshold"])
    assert table["urgent"] == 0.95
    assert "# fpr 0.1: kept at 95% on items that arrived from" in out.read_text(encoding="utf-8")


def test_drift_and_golden_items_are_told(desk: Desk, state: Path) -> None:
    del desk
    told = json.loads(run(state, "review", "drift", "--json").stdout)
    assert {one["what"] for one in told["alarms"]} >= {"flagged share", "scores", "precision"}
    assert run(state, "review", "drift").exit_code == 0
    assert json.loads(run(state, "review", "golden", "--json").stdout) == []


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        pytest.param((0.5, 0.125, 0.999), "50% (12% to 99.9%)", id="in two digits"),
        pytest.param((0.0, 0.0, 0.00002), "0% (0% to under 0.01%)", id="hardly any"),
        pytest.param((1.0, 0.9999, 1.0), "100% (99.9% to 100%)", id="nearly all is not all"),
        pytest.param((None, None, None), "–", id="not told"),
    ],
)
def test_shares_are_shown_with_their_intervals(share: tuple[float | None, ...], shown: str) -> None:
    assert shown_share(*share) == shown
