"""`tocsin review corrections`: the feedback box into the queue, from the command line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError
from tocsin.service.feedback import FeedbackBox, SpanSuggestion, Suggestion
from tocsin.service.review.contract_testing import rows
from tocsin.service.review.correction_testing import correction
from tocsin.service.review.desk import Desk
from tocsin.service.review.making import open_desk
from tocsin.service.review.settings import review_settings
from tocsin.service.review.store.tables import items, notices, tasks
from tocsin.service.scan.testing import WordAssessor

SUGGESTION = Suggestion(
    time=datetime(2026, 5, 4, 12, tzinfo=UTC),
    text="Soup at https://soup.example/hot?table=5 today.",
    scores={"THREAT": 0.0},
    spans={"HATE": (SpanSuggestion(0, 4, 1.0),)},
    languages=("en-GB",),
    detected="en",
    community="Coral:https://forum.example/x?y",
)


@pytest.fixture(autouse=True)
def _kitchen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a scorer that knows one word in the place of the real one."""
    monkeypatch.setattr("tocsin.service.serving.loading.load", lambda *_, **__: WordAssessor({"soup": 0.9}))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def desk(state: Path) -> Iterator[Desk]:
    """Yield the desk over what was taken."""
    made = open_desk(review_settings(), state)
    yield made
    made.close()


def run(state: Path, *arguments: object) -> Result:
    typed = ["review", "corrections", *map(str, arguments), "--state", str(state)]
    return CliRunner().invoke(app, typed)


def counts(state: Path, *arguments: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(state, *arguments, "--json").stdout)
    return told


def test_what_a_client_suggested_waits_for_a_reviewer(state: Path, desk: Desk) -> None:
    FeedbackBox(state).keep(SUGGESTION)
    done = run(state)

    assert (done.exit_code, done.stdout) == (0, ""), done.stderr
    assert done.stderr == "tocsin: 1 new, 0 known, 0 malformed\n"
    (item,), (task,), (told,) = rows(desk, items), rows(desk, tasks), rows(desk, notices)
    assert (item.text, item.community, item.hint) == ("Soup at [link] today.", "Coral:forum.example", "en-GB")
    assert (task.queue, task.level) == ("corrections", "urgent")
    assert told.statement == "Suggested: THREAT 0; HATE 1 for characters 0 to 4."


def test_a_box_that_was_moved_away_is_read_and_the_next_one_after_it(state: Path, tmp_path: Path) -> None:
    box = FeedbackBox(state)
    box.keep(SUGGESTION)
    assert counts(state) == {"rows": 1, "new": 1, "known": 0, "malformed": 0}
    packed = tmp_path / "old.jsonl.gz"
    packed.write_bytes(gzip.compress(box.path.read_bytes()))
    box.path.unlink()

    assert counts(state, "--feedback", packed) == {"rows": 1, "new": 0, "known": 1, "malformed": 0}
    assert counts(state) == {"rows": 0, "new": 0, "known": 0, "malformed": 0}
    box.keep(SUGGESTION)
    assert counts(state)["known"] == 1


def test_malformed_lines_are_told_and_kept_and_the_rest_is_taken(state: Path, desk: Desk) -> None:
    box = FeedbackBox(state).path
    whole = json.dumps(correction(1))
    box.write_text(f'{{"state": "wait\n{whole}\n{{"text": "Cardamom"}}\n{whole[:40]}')
    before = box.read_bytes()
    done = run(state)

    assert done.exit_code == 3
    assert done.stderr.count("rejected: ") == 3
    assert "1 new, 0 known, 3 malformed" in done.stderr
    assert "Cardamom" not in done.stderr
    assert box.read_bytes() == before
    assert len(rows(desk, items)) == 1


def test_no_box_is_nothing_to_take_but_a_file_that_is_named_must_be_there(
    state: Path, tmp_path: Path
) -> None:
    assert (run(state).exit_code, run(state).stderr) == (0, "tocsin: 0 new, 0 known, 0 malformed\n")
    done = run(state, "--feedback", tmp_path / "nowhere.jsonl")
    assert isinstance(done.exception, InputError)


def test_quiet_says_nothing_but_what_is_wrong(state: Path) -> None:
    FeedbackBox(state).keep(SUGGESTION)
    assert run(state, "--quiet").stderr == ""
