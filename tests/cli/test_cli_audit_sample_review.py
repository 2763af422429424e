"""`tocsin audit sample --to-review`, `estimate --from-review` and `withdraw`: a sample through the queue."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.estimating import estimate, read_estimates
from tocsin.service.audit.known.testing import audited
from tocsin.service.audit.manifest import read_manifest
from tocsin.service.audit.sampling.testing import write_audit
from tocsin.service.audit.schema import AskedSchema
from tocsin.service.review import make_desk, review_settings
from tocsin.service.review.contract_testing import claimed, reviewer, rows
from tocsin.service.review.decisions import answered, decide
from tocsin.service.review.desk import Desk
from tocsin.service.review.records import Extent, view
from tocsin.service.review.store.sample_tables import sampled
from tocsin.service.review.store.tables import items, tasks
from tocsin.service.review.verdict import Verdict

ROWS = 400
RANDOM = np.random.default_rng(7)
TRUTH = RANDOM.random(ROWS) < 0.3
SCORES = np.clip(0.1 + 0.6 * TRUTH + 0.2 * RANDOM.random(ROWS), 0, 1)
SAMPLE = ("--labels", "60", "--seed", "3", "--to-review")


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def layout(tmp_path: Path) -> AuditLayout:
    posts = tmp_path / "posts.csv"
    with posts.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "text"])
        writer.writerows([f"p-{row + 1}", f"soup number {row + 1}"] for row in range(ROWS))
    found, _ = write_audit(tmp_path / "out", {"soup": SCORES, "stew": 1 - SCORES}, inputs=[posts], first=2)
    return found


def sample(layout: AuditLayout, state: Path, *options: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        run("audit", "sample", layout.root, *SAMPLE, "--state", state, "--json", *options).stdout
    )
    return told


@pytest.fixture
def desk(layout: AuditLayout, state: Path) -> Any:
    """Yield the desk of a queue that the sample was put into."""
    sample(layout, state)
    made = make_desk(review_settings(), state, policies=frozenset({"hate"}))
    yield made
    made.close()


def label_all(desk: Desk, most: int = ROWS) -> None:
    """Decide what waits by the truth: soup breaks the one policy, the rest is left open of the other."""
    alice = reviewer(desk)
    for _ in range(min(most, len(rows(desk, tasks)))):
        task, claim = claimed(desk, alice)
        number = int(desk.write(view, alice, task.number, Extent.WHOLE).text.split()[-1])
        broken = ["soup"] if TRUTH[number - 1] else []
        verdict = Verdict.CONFIRM if broken else Verdict.DISMISS
        desk.write(decide, alice, claim, answered(verdict, broken, ["stew"]))


def test_a_sample_goes_into_the_queue_with_its_texts_and_into_no_file(
    layout: AuditLayout, state: Path, desk: Desk
) -> None:
    told = sample(layout, state)

    assert (told["sample"], told["labels"], told["new"], told["known"]) == (None, 60, 0, 60)
    assert not layout.sample_csv.exists()
    placed = {row.place: row for row in rows(desk, sampled)}
    texts = {row.id: row.text for row in rows(desk, items)}
    assert len(placed) == 60
    assert {texts[row.item] for row in placed.values()} == {f"soup number {place - 1}" for place in placed}
    assert {(row.own_id, row.source) for row in placed.values()} == {
        (f"p-{place - 1}", 0) for place in placed
    }
    strata = json.loads(layout.sample_design.read_text())["groups"][0]["strata"]
    assert {row.probability for row in placed.values()} == {one["probability"] for one in strata}


def test_a_sample_that_a_file_holds_is_put_in_as_it_was_drawn(layout: AuditLayout, state: Path) -> None:
    run("audit", "sample", layout.root, "--labels", "60", "--seed", "3")
    with layout.sample_csv.open(encoding="utf-8-sig", newline="") as stream:
        drawn = [int(row["place"]) for row in csv.DictReader(stream)]

    result = run("audit", "sample", layout.root, *SAMPLE, "--state", state)

    assert "the review queue (60 new, 0 known)" in result.stderr
    made = make_desk(review_settings(), state)
    assert [row.place for row in rows(made, sampled)] == drawn  # in the same order
    made.close()


def test_decisions_come_back_as_the_labels_that_a_file_would_hold(
    layout: AuditLayout, state: Path, desk: Desk
) -> None:
    label_all(desk)
    run("audit", "estimate", layout.root, "--from-review", "--state", state, "--quiet")
    found = read_estimates(layout)

    with layout.labels.open(encoding="utf-8-sig", newline="") as stream:
        kept = list(csv.DictReader(stream))
    assert list(kept[0]) == ["id", "source", "place", "label_soup", "label_stew"]
    assert [row["label_soup"] for row in kept] == [
        "yes" if TRUTH[int(row["place"]) - 2] else "no" for row in kept
    ]
    assert {row["label_stew"] for row in kept} == {"unsure"}
    assert "soup number" not in layout.labels.read_text(encoding="utf-8-sig")
    soup, stew = found.policies
    assert (soup.labelled, soup.unlabelled, stew.labelled, stew.unsure) == (60, 0, 0, 60)
    assert soup.prevalence.powered is not None
    assert soup.prevalence.powered.low <= TRUTH.mean() <= soup.prevalence.powered.high
    assert (
        estimate(layout, read_manifest(layout), layout.labels, ()).policies[0].prevalence == soup.prevalence
    )


def test_what_is_not_decided_is_not_labelled(layout: AuditLayout, state: Path, desk: Desk) -> None:
    label_all(desk, 25)
    run("audit", "estimate", layout.root, "--from-review", "--state", state, "--quiet")
    soup = read_estimates(layout).policies[0]
    assert (soup.labelled, soup.unlabelled) == (25, 35)


def test_another_sample_takes_the_place_of_what_was_not_decided(
    layout: AuditLayout, state: Path, desk: Desk
) -> None:
    label_all(desk, 5)
    with pytest.raises(InputError, match=r"sample.json: labels must be 60 .*--force"):
        run("audit", "sample", layout.root, "--labels", "50", "--to-review", "--state", state)
    result = run("audit", "sample", layout.root, "--labels", "50", "--to-review", "--state", state, "--force")
    assert "50 new, 0 known" in result.stderr
    assert "60 of an earlier sample withdrawn" in result.stderr
    assert [row.state for row in rows(desk, tasks)] == ["done"] * 60 + ["open"] * 50
    assert sum(row.text is not None for row in rows(desk, items)) == 50


def test_a_withdrawn_sample_leaves_labels_and_no_texts(layout: AuditLayout, state: Path, desk: Desk) -> None:
    label_all(desk, 25)
    assert run("audit", "withdraw", layout.root, "--state", state).stdout == "60\n"
    assert run("audit", "withdraw", layout.root, "--state", state).stdout == "0\n"
    assert {row.text for row in rows(desk, items)} == {None}
    run("audit", "estimate", layout.root, "--from-review", "--state", state, "--quiet")
    assert read_estimates(layout).policies[0].labelled == 25
    assert sample(layout, state)["new"] == 0


def test_what_is_not_in_the_queue_cannot_be_read_back(layout: AuditLayout, state: Path) -> None:
    run("audit", "sample", layout.root, "--labels", "60")
    with pytest.raises(InputError, match=r"sample.json: its sample must be in the review queue.*--to-review"):
        run("audit", "estimate", layout.root, "--from-review", "--state", state)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["sample", "OUT", "--to-review", "--with-text"], "writes none"),
        (["sample", "OUT", "--to-review", "--jsonl"], "writes none"),
        (["estimate", "OUT"], "one of --labels and --from-review"),
        (["estimate", "OUT", "--labels", "OUT/l.csv", "--from-review"], "one of --labels and --from-review"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_options_that_exclude_each_other_are_refused(
    layout: AuditLayout, arguments: list[str], why: str
) -> None:
    result = run("audit", *(one.replace("OUT", str(layout.root)) for one in arguments))
    assert result.exit_code == 2
    assert why in " ".join(result.stderr.split())


def test_a_text_that_changed_since_puts_nothing_in(layout: AuditLayout, state: Path, tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_text("id,text\np-1,another soup\n", encoding="utf-8")
    with pytest.raises(InputError, match="changed since"):
        run("audit", "sample", layout.root, *SAMPLE, "--state", state)
    made = make_desk(review_settings(), state)
    assert rows(made, sampled) == []
    made.close()


def test_rows_without_ids_of_their_own_have_none_in_the_queue(tmp_path: Path, state: Path) -> None:
    posts = tmp_path / "plain.csv"
    posts.write_text("text\n" + "".join(f"soup {row}\n" for row in range(4)), encoding="utf-8")
    found, _ = write_audit(
        tmp_path / "plain",
        {"soup": np.array([0.9, 0.1, 0.2, 0.6])},
        ids=[str(row) for row in range(2, 6)],
        inputs=[posts],
        first=2,
    )
    run("audit", "sample", found.root, "--labels", "4", "--to-review", "--state", state)
    made = make_desk(review_settings(), state)
    assert [row.own_id for row in rows(made, sampled)] == [None] * 4
    made.close()


def test_copies_are_labelled_once_in_the_queue_too(tmp_path: Path, state: Path) -> None:
    texts = [
        ("soup on Friday", "soup on Sunday", hashlib.sha256(bytes([row])).hexdigest())[row % 3]
        for row in range(90)
    ]
    posts = [{"id": f"p-{row}", "text": text} for row, text in enumerate(texts)]
    layout = audited(tmp_path, posts, AskedSchema(), part_rows=50)
    run("audit", "known", layout.root, "--quiet")

    result = run(
        "audit", "sample", layout.root, "--labels", "60", "--seed", "3", "--to-review", "--state", state
    )

    assert "60 of 90 rows to label" in result.stderr
    made = make_desk(review_settings(), state)
    put = [row.text for row in rows(made, items)]
    assert len(set(put)) == len(put) < 60
    alice = reviewer(made)
    for _ in put:
        task, claim = claimed(made, alice)
        text = made.write(view, alice, task.number, Extent.WHOLE).text
        broken = ["appeal"] if text == "soup on Friday" else []
        made.write(decide, alice, claim, answered(Verdict.CONFIRM if broken else Verdict.DISMISS, broken))
    made.close()
    run("audit", "estimate", layout.root, "--from-review", "--state", state, "--quiet")
    found = read_estimates(layout).policies[0]
    assert (found.labelled, found.unlabelled) == (60, 0)
    assert found.prevalence.powered is not None
    assert found.prevalence.powered.low <= 1 / 3 <= found.prevalence.powered.high


def test_a_sample_keeps_to_how_its_copies_are_labelled(tmp_path: Path, state: Path) -> None:
    posts = [{"id": f"p-{row}", "text": f"soup on {('Friday', 'Sunday')[row % 2]}"} for row in range(40)]
    layout = audited(tmp_path, posts, AskedSchema(), part_rows=50)
    run("audit", "known", layout.root, "--quiet")
    options = ("--labels", "20", "--seed", "3", "--to-review", "--state", state)
    run("audit", "sample", layout.root, *options)

    for other, asked in (("--each", "each"), ("--near", "once, near ones too")):
        with pytest.raises(InputError, match=rf"copies must be labelled once as .* was {asked}"):
            run("audit", "sample", layout.root, *options, other)
    assert "(0 new, 2 known)" in run("audit", "sample", layout.root, *options).stderr
    assert "(20 new, 0 known)" in run("audit", "sample", layout.root, *options, "--each", "--force").stderr
    with pytest.raises(InputError, match=r"copies must be labelled each as .* was once, near ones too"):
        run("audit", "sample", layout.root, *options, "--near")
