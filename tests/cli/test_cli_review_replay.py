"""`tocsin review replay`: what it prints, what it keeps to itself, and how it ends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError, SettingsError
from tocsin.item import Item
from tocsin.models import load
from tocsin.service.review.context import Context
from tocsin.service.review.contract_testing import (
    FixedClock,
    actions,
    claimed,
    endpoint,
    handed_in,
    judged,
    reviewer,
)
from tocsin.service.review.decisions import answered, decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import ConflictError, StoreVersionError, UnknownError
from tocsin.service.review.log import OPERATOR
from tocsin.service.review.making import bring_up_to_date, open_desk
from tocsin.service.review.ready_testing import put_tables
from tocsin.service.review.records import erase
from tocsin.service.review.replay.testing import TEXT, whole_story
from tocsin.service.review.sampling_testing import sampled_posts
from tocsin.service.review.settings import review_settings
from tocsin.service.review.store import downgrade
from tocsin.service.review.store.tables import items
from tocsin.service.review.tampering_testing import tamper
from tocsin.service.review.verdict import Verdict

WORDS = ("Zorbian", "Lunch?", "says the cook", "Far too hot", "lukewarm", "hot for us")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def desk(state: Path) -> Iterator[Desk]:
    """Yield the desk over the database that the command uses by default."""
    put_tables(state)
    made = open_desk(review_settings(audit_share=0), state)
    made = Desk(made.store, Context(made.context.settings, made.context.key, (endpoint(),), FixedClock()))
    bring_up_to_date(made)
    yield made
    made.close()


@pytest.fixture
def story(desk: Desk) -> Desk:
    """Return the desk with an item that everything happened to."""
    clock = desk.context.clock
    assert isinstance(clock, FixedClock)
    whole_story(desk, clock, reviewer(desk, "Ada"), reviewer(desk, "Bo"))
    return desk


def run(state: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["review", "replay", *arguments, "--state", str(state)])


def told(state: Path, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = run(state, *arguments, "--json")
    assert done.exit_code == code, done.exception
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def printed(state: Path, *arguments: str, code: int = 0) -> str:
    done = run(state, *arguments)
    assert done.exit_code == code, done.exception
    return " ".join(done.stdout.split())


def test_a_story_is_told_for_people_without_a_text_or_a_name(state: Path, story: Desk) -> None:
    before = actions(story)

    shown = printed(state, "p1")

    assert "bundle kitchen 1, d1" in shown
    assert "policy file 1, d2" in shown
    assert "span 0 to 7: hate +1.25" in shown
    assert "4 of 10 words" in shown
    assert "The log is whole:" in shown
    assert "On the page at decision 3" in shown
    assert shown.index("decision.undone") < shown.index("appeal.received")
    for hidden in (*WORDS, "Ada", "Bo "):
        assert hidden not in shown
    assert actions(story) == before  # no look at any text


def test_as_json_it_is_one_object(state: Path, story: Desk) -> None:
    document = told(state, "p1")

    assert list(document) == ["item", "assessment", "events", "log", "not_kept"]
    assert document["item"]["received_at"] == "2026-03-02T09:00:00Z"
    assert document["assessment"]["model"]["digest"] == "d1"
    screens = [event["screen"] for event in document["events"] if event["screen"]]
    assert [screen["revealed"] for screen in screens] == [
        {"word": [0], "sentence": [1]},
        {"notice": [1]},
        {"whole": [None], "appeal": [1]},
    ]
    assert (document["log"]["whole"], document["log"]["own_rows"]) == (True, 13)
    assert any(line.startswith("thresholds") for line in document["not_kept"])
    assert not any(word in json.dumps(document) for word in (*WORDS, "Ada"))


def test_with_show_text_words_are_printed_and_the_look_is_logged(state: Path, story: Desk) -> None:
    assert TEXT in printed(state, "p1", "--show-text")
    assert actions(story)[-1] == "item.replayed"
    words = told(state, "p1", "--show-text")["words"]
    assert (words["text"], words["thread"], words["notes"]["1"]) == (TEXT, ["Lunch?"], "hot, says the cook")


def test_a_log_that_was_tampered_with_is_told_and_is_exit_code_1(state: Path, story: Desk) -> None:
    tamper(story, "UPDATE log SET actor = 'reviewer:9' WHERE action = 'decision.undone'")

    document = told(state, "p1", code=1)
    assert not document["log"]["whole"]
    (finding,) = document["log"]["own_findings"]
    assert finding["what"] == "this row, or the one before it, is not what was sealed"
    assert "The log is broken" in printed(state, "p1", code=1)


def test_an_erased_item_is_told_by_a_task(state: Path, story: Desk) -> None:
    story.write(erase, "p1", OPERATOR)

    assert isinstance(run(state, "p1").exception, UnknownError)
    shown = printed(state, "1", "--task")
    assert "gone with the erased item" in shown
    assert "scores, levels and marks, which are gone" in shown
    assert isinstance(run(state, "1", "--show-text").exception, ConflictError)


def test_of_a_sampled_text_the_page_had_nothing_of_the_model(state: Path, desk: Desk) -> None:
    sampled_posts(desk, 7)
    ada = reviewer(desk, "Ada")
    _, claim = claimed(desk, ada)
    desk.write(decide, ada, claim, answered(Verdict.CONFIRM, ["hate"]))

    shown = printed(state, "post-7")
    assert "nothing: the task is blind" in shown
    assert "No assessment is kept." in shown
    assert "sample: design sha256:" in shown


@pytest.fixture
def soup(desk: Desk, toy_bundle: Path) -> Desk:
    """Return the desk with an item p1 that the toy bundle judged."""
    text = "We will cook the Zorbian soup tonight"
    (made,) = load(toy_bundle).assess([Item("p1", text)], explain=True)
    assert made.level is not None
    handed_in(desk, judged("p1", text, assessment=made))
    return desk


def test_judged_again_by_the_same_bundle_it_is_the_same(state: Path, soup: Desk, toy_bundle: Path) -> None:
    again = ("p1", "--rescore", "--bundle", str(toy_bundle))

    document = told(state, *again)
    assert document["rescored"]["same"]
    assert document["rescored"]["compared"] > len(document["assessment"]["signals"])
    names = {one["name"] for one in document["assessment"]["policies"]}
    assert {one["policy"] for one in document["rescored"]["thresholds"]} == names
    assert "values are as kept, to a millionth" in printed(state, *again)

    with soup.store.engine.begin() as tx:
        kept = {**document["assessment"], "priority": 0.123456}
        tx.execute(update(items).values(assessment=kept))
    found = told(state, *again, code=1)["rescored"]
    assert [(one["field"], one["kept"]) for one in found["differences"]] == [("priority", 0.123456)]
    assert "1 of" in printed(state, *again, code=1)


def test_another_bundle_or_policy_file_is_refused_and_both_digests_are_named(
    state: Path, soup: Desk, toy_bundle: Path, tmp_path: Path
) -> None:
    kept = told(state, "p1")["assessment"]
    other = tmp_path / "other"
    shutil.copytree(toy_bundle, other)
    manifest = other / "bundle.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")  # the same weights under another digest

    refused = run(state, "p1", "--rescore", "--bundle", str(other))
    assert isinstance(refused.exception, InputError)
    assert f"the bundle must be the one that judged the item, {kept['model']['digest']}, was sha256:" in str(
        refused.exception
    )
    assert refused.stdout == ""

    policy = tmp_path / "policy.toml"
    policy.write_bytes((resources.files("tocsin.policy") / "default.toml").read_bytes() + b"# ours\n")
    refused = run(state, "p1", "--rescore", "--bundle", str(toy_bundle), "--policy", str(policy))
    assert isinstance(refused.exception, InputError)
    assert f"the policy file must be the one that judged the item, {kept['policy']['digest']}, was" in str(
        refused.exception
    )


def test_wrong_calls_are_told(state: Path, story: Desk) -> None:
    assert run(state, "p\n1").exit_code == 2
    (state / "log.key").unlink()
    assert isinstance(run(state, "p1").exception, SettingsError)


def test_tables_of_another_version_are_told(state: Path, desk: Desk) -> None:
    downgrade(desk.store, "0002")

    assert isinstance(run(state, "p1").exception, StoreVersionError)
