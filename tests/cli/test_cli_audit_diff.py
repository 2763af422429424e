import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError
from tocsin.service.audit.engine import SerialEngine
from tocsin.service.audit.run import Scorer, run_audit
from tocsin.service.audit.schema import AskedSchema
from tocsin.service.audit.scoring import Ready
from tocsin.service.audit.testing import Silent, Toy, toy_plan, toy_posts, write_posts
from tocsin.service.scan.testing import WordAssessor

WORDS = {"recipe": 0.9, "kitchen": 0.6}
OTHER_WORDS = {"recipe": 0.6, "kitchen": 0.6, "whisk": 0.9}


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def audited(
    out: Path, posts: Path, words: dict[str, float], version: str, part_rows: int, limit: int = 1024
) -> Path:
    """Audit posts in earnest, with a scorer of words."""
    toy = Toy(AskedSchema(slices={"place": None}), part_rows, version, record_bytes=limit)
    plan = toy_plan(out, [posts], toy, WordAssessor(words))
    scorer = Scorer(plan.scorer.model, plan.scorer.policy, plan.scorer.tier, Ready(WordAssessor(words)))
    run_audit(replace(plan, scorer=scorer), SerialEngine(), Silent())
    return out


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = write_posts(tmp_path / "posts.jsonl", toy_posts(300))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[50] = "soup that is no JSON\n"
    lines[100] = json.dumps({"id": "long", "text": "whisk " * 150, "place": "Quell"}) + "\n"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def audits(tmp_path: Path, posts: Path) -> Sequence[Path]:
    """Return two audits of the same posts: other words, other parts, and one line that is too long for A."""
    return (
        audited(tmp_path / "a", posts, WORDS, "1", 70, limit=700),
        audited(tmp_path / "b", posts, OTHER_WORDS, "2", 45),
    )


def expected(posts: Path) -> dict[str, int]:
    """Count, word by word, whose level rises and falls: 0.9 is urgent, 0.6 is up for review."""
    counts = {"raised": 0, "lowered": 0}
    for post in map(_read, posts.read_text("utf-8").splitlines()):
        if post and post["id"] != "long":
            words = post["text"].split()
            was, now = (max([0.0, *(known.get(word, 0) for word in words)]) for known in (WORDS, OTHER_WORDS))
            counts["raised"] += now > was
            counts["lowered"] += now < was
    return counts


def test_what_flips_between_two_runs_is_counted_and_drawn(
    audits: Sequence[Path], posts: Path, tmp_path: Path
) -> None:
    out = tmp_path / "diff"
    result = run("audit", "diff", *audits, "--out", out, "--sample", "30", "--seed", "7", "--with-text")

    told = json.loads((out / "diff.json").read_text())
    (appeal,) = told["policies"]
    assert {key: appeal[key] for key in ("raised", "lowered")} == expected(posts)
    assert appeal["gained"] == 1
    assert (told["rows"], told["only_a"], told["only_b"]) == (300, 0, 0)
    statuses = {(one["a"], one["b"]): one["rows"] for one in told["statuses"]}
    assert statuses["rejected", "rejected"] == statuses["rejected", "scored"] == 1
    assert {one["what"] for one in told["differences"]} == {"bundle version", "settings record_bytes"}
    with (out / "flips.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    texts = {post["id"]: post["text"] for post in map(_read, posts.read_text("utf-8").splitlines()) if post}
    assert len(rows) == 30
    assert all(row["text"] == texts[row["id"]] for row in rows)
    for heading in (
        "What differs",
        "bundle version",
        "What flips",
        "Levels in A",
        "How far scores moved",
        "By place",
        "By language",
        "Flips to look at",
        "have no intervals",
        "1 rows were rejected in A and are scored in B",
    ):
        assert heading in result.stdout
    assert all(text not in result.stdout for text in texts.values() if len(text) > 10)


def _read(line: str) -> dict[str, str] | None:
    try:
        return json.loads(line)  # type: ignore[no-any-return]
    except ValueError:
        return None


def test_no_text_is_written_unless_asked_for(audits: Sequence[Path], tmp_path: Path) -> None:
    run("audit", "diff", *audits, "--out", tmp_path / "diff", "--quiet")

    assert "text" not in (tmp_path / "diff" / "flips.csv").read_text("utf-8-sig").splitlines()[0].split(",")
    assert all("garlic" not in path.read_text("utf-8-sig") for path in (tmp_path / "diff").iterdir())


def test_json_is_what_is_in_the_file(audits: Sequence[Path], tmp_path: Path) -> None:
    out = tmp_path / "diff"
    result = run("audit", "diff", *audits, "--out", out, "--seed", "1", "--slice", "place", "--json")

    assert result.stdout.encode() == (out / "diff.json").read_bytes()
    assert list(json.loads(result.stdout)["policies"][0]["cuts"]) == ["place"]


def test_without_out_nothing_is_written_and_nothing_drawn(audits: Sequence[Path], tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    result = run("audit", "diff", *audits, "--json")

    assert json.loads(result.stdout)["sample"] is None
    assert sorted(tmp_path.rglob("*")) == before


def test_rows_of_a_file_that_moved_are_matched_by_id(
    audits: Sequence[Path], posts: Path, tmp_path: Path
) -> None:
    moved = posts.rename(tmp_path / "moved.jsonl")
    lines = moved.read_text("utf-8").splitlines(keepends=True)
    moved.write_text("".join(lines[::-1]), "utf-8")
    other = audited(tmp_path / "c", moved, OTHER_WORDS, "2", 45)
    with pytest.raises(InputError, match="must be of the same inputs"):
        run("audit", "diff", audits[0], other)
    out = tmp_path / "diff"
    result = run("audit", "diff", audits[0], other, "--by-id", "--out", out, "--with-text")

    (appeal,) = json.loads((out / "diff.json").read_text())["policies"]
    assert {key: appeal[key] for key in ("raised", "lowered")} == expected(moved)
    assert "Rejected rows have no id and are in no figure: 2 of A, 1 of B." in result.stdout


def test_a_sample_that_may_be_filled_in_is_not_replaced(audits: Sequence[Path], tmp_path: Path) -> None:
    out = tmp_path / "diff"
    run("audit", "diff", *audits, "--out", out, "--seed", "1", "--quiet")
    before = (out / "flips.csv").read_bytes()

    with pytest.raises(InputError, match=r"must not be there yet \(--force replaces it\)"):
        run("audit", "diff", *audits, "--out", out, "--seed", "2")
    assert (out / "flips.csv").read_bytes() == before
    run("audit", "diff", *audits, "--out", out, "--seed", "2", "--sample", "5", "--force", "--quiet")
    assert (out / "flips.csv").read_bytes() != before


def test_texts_without_a_file_to_put_them_into_are_wrong_usage(
    audits: Sequence[Path], tmp_path: Path
) -> None:
    assert run("audit", "diff", *audits, "--with-text").exit_code == 2
    nothing = ("--sample", "0", "--with-text")
    assert run("audit", "diff", *audits, "--out", tmp_path / "diff", *nothing).exit_code == 2


def test_texts_that_have_changed_since_are_refused_and_nothing_is_written(
    audits: Sequence[Path], posts: Path, tmp_path: Path
) -> None:
    with posts.open("a") as stream:
        stream.write("{}\n")

    with pytest.raises(InputError, match="must be what was audited, has changed since"):
        run("audit", "diff", *audits, "--out", tmp_path / "diff", "--with-text")
    assert not (tmp_path / "diff").exists()


def test_the_same_audit_twice_says_that_nothing_differs(posts: Path, tmp_path: Path) -> None:
    one = audited(tmp_path / "a", posts, WORDS, "1", 70)
    other = audited(tmp_path / "b", posts, WORDS, "1", 33)
    result = run("audit", "diff", one, other, "--json")

    told = json.loads(result.stdout)
    assert told["differences"] == []
    assert [(one["share"], one["kappa"]) for one in told["policies"]] == [(0, 1)]
    assert told["policies"][0]["scores"]["rank_correlation"] == pytest.approx(1)
    assert "nothing" in run("audit", "diff", one, other).stdout


def test_a_folder_that_is_no_complete_audit_is_refused(audits: Sequence[Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be a folder that 'tocsin audit run' wrote"):
        run("audit", "diff", audits[0], tmp_path)
