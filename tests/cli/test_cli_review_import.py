from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tocsin.assessment import Assessment, Tier
from tocsin.cli.app import app
from tocsin.errors import InputError, ScoringError
from tocsin.item import Item
from tocsin.service.api.openai import moderation_policies
from tocsin.service.review.contract_testing import rows
from tocsin.service.review.desk import Desk
from tocsin.service.review.errors import StoreAwayError
from tocsin.service.review.intake import importing
from tocsin.service.review.making import open_desk
from tocsin.service.review.settings import review_settings
from tocsin.service.review.store.tables import items, log, notices, tasks
from tocsin.service.scan.testing import WordAssessor

SOUP = {"id": "p-1", "text": "hot soup"}
BREAD = {"id": "p-2", "text": "plain bread"}


class Kitchen(WordAssessor):
    """Know two words; fail where it is told to, and remember what it explained."""

    def __init__(self) -> None:
        super().__init__({"soup": 0.9, "rugby": 0.6})
        self.explained: list[str] = []
        self.fails_at: int | None = None
        self.asked: tuple[Any, Any] = ((), {})

    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        if self.fails_at is not None and len(self.batches) >= self.fails_at:
            raise ScoringError("the kitchen is closed")
        self.explained += [item.id for item in items] if explain else []
        return super().assess(items, explain=explain)


@pytest.fixture(autouse=True)
def kitchen(monkeypatch: pytest.MonkeyPatch) -> Kitchen:
    """Put a scorer that knows two words in the place of the real one."""
    made = Kitchen()

    def load(*given: object, **options: object) -> Kitchen:
        made.asked = (given, options)
        return made

    monkeypatch.setenv("TOCSIN_REVIEW_AUDIT_SHARE", "0")
    monkeypatch.setattr("tocsin.service.serving.loading.load", load)
    return made


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def desk(state: Path) -> Any:
    """Yield the desk over what was imported."""
    state.mkdir(mode=0o700)
    made = open_desk(review_settings(), state)
    yield made
    made.close()


def file_of(tmp_path: Path, *records: Any) -> Path:
    path = tmp_path / "posts.jsonl"
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def run(state: Path, *arguments: object, stdin: bytes = b"") -> Result:
    typed = ["review", "import", *map(str, arguments), "--state", str(state)]
    return CliRunner().invoke(app, typed, input=stdin)


def counts(state: Path, *arguments: object) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(state, *arguments, "--json").stdout)
    return told


def test_each_text_goes_where_it_would_over_http(state: Path, tmp_path: Path, desk: Desk) -> None:
    order = {"id": "o", "kind": "order", "source": "authority", "received": "2026-03-02T09:00:00Z"}
    whole = {
        "id": "p-3",
        "text": "rugby at noon",
        "language": "en",
        "time": "2026-03-02T08:00:00+01:00",
        "community": "kitchen",
        "reach": 12,
        "thread": ["what is for lunch?"],
        "notice": {**order, "statement": "remove it", "threat_to_life": False},
    }
    golden = {"id": "p-4", "text": "bread and soup", "expected": {"policy": None}}
    done = run(state, file_of(tmp_path, SOUP, BREAD, whole, golden))

    assert done.exit_code == 0, done.stderr
    assert done.stdout == ""
    assert done.stderr == (
        "tocsin: 4 new (1 golden, 1 orders, 1 passed, 1 urgent), 0 known, 0 conflicting, 0 malformed\n"
    )
    kept = {row.platform_id: row for row in rows(desk, items)}
    assert [kept[name].text for name in ("p-1", "p-2", "p-3")] == ["hot soup", None, "rugby at noon"]
    assert (kept["p-3"].reach, kept["p-3"].thread) == (12, ["what is for lunch?"])
    assert [row.statement for row in rows(desk, notices)] == ["remove it"]
    assert [row.actor for row in rows(desk, log)] == ["key:import"]


@pytest.mark.parametrize(("share", "asked"), [("0", False), ("0.5", True)])
def test_the_scorer_is_asked_how_near_texts_come_where_some_are_learnt_from(
    state: Path, tmp_path: Path, kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch, share: str, asked: bool
) -> None:
    monkeypatch.setenv("TOCSIN_REVIEW_LEARNING_SHARE", share)
    assert run(state, file_of(tmp_path, BREAD)).exit_code == 0
    assert kitchen.asked[1]["standings"] is asked


def test_the_same_file_again_changes_nothing(state: Path, tmp_path: Path, desk: Desk) -> None:
    file = file_of(tmp_path, SOUP, BREAD, SOUP)
    first, again = counts(state, file), counts(state, file)

    assert first == {
        "rows": 3,
        "new": 2,
        "known": 1,
        "conflicting": 0,
        "malformed": 0,
        "queues": {"passed": 1, "urgent": 1},
    }
    assert again == {**first, "new": 0, "known": 3, "queues": {}}
    assert len(rows(desk, tasks)) == 1


def test_what_cannot_be_taken_is_said_by_its_place_and_kept_in_a_file(state: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    broken = [
        "soup",
        "[]",
        {"id": "p-5"},
        {"id": "", "text": "x"},
        {"id": "p-6", "text": "a\0b"},
        '{"id": "p-7", "text": "\\ud800"}',
        {"id": "p-8", "text": "x", "time": "2026-03-02T08:00:00"},
        {"id": "p-9", "text": "x", "colour": "red"},
        {"id": "p-1", "text": "another soup"},
        {"id": "p-10", "text": "x", "notice": {"id": "n", "kind": "wish", "source": "user"}},
    ]
    done = run(state, file_of(tmp_path, SOUP, *broken, BREAD), "--rejects", rejects)

    assert done.exit_code == 3
    assert "2 new (1 passed, 1 urgent), 0 known, 1 conflicting, 9 malformed" in done.stderr
    assert "another soup" not in done.stderr
    written = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert [one["row"] for one in written] == list(range(2, 12))
    assert [line for line in done.stderr.splitlines() if "rejected: " in line] == [
        f"tocsin: rejected: {one['source']}, row {one['row']}: {one['why']}" for one in written
    ]


def test_a_golden_file_holds_known_answers_alone(state: Path, tmp_path: Path) -> None:
    known = {"id": "p-4", "text": "bread", "expected": {"policy": "soup"}}
    done = run(state, file_of(tmp_path, SOUP, known), "--golden")

    assert done.exit_code == 3
    assert "row 1: a golden item must have a field 'expected'" in done.stderr
    assert "1 new (1 golden)" in done.stderr


def test_what_reached_a_level_is_explained(state: Path, tmp_path: Path, kitchen: Kitchen, desk: Desk) -> None:
    run(state, file_of(tmp_path, BREAD, SOUP))

    assert kitchen.explained == ["p-1"]
    assert {row.platform_id: bool(row.assessment["spans"]) for row in rows(desk, items)} == {
        "p-1": True,
        "p-2": False,
    }


def test_many_rows_are_taken_a_batch_at_a_time(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kitchen: Kitchen
) -> None:
    monkeypatch.setattr(importing, "_MOST", 2)
    told = counts(state, file_of(tmp_path, *({**BREAD, "id": f"p-{number}"} for number in range(5))))

    assert told["new"] == 5
    assert kitchen.batches == [2, 2, 1]


def test_long_texts_fill_a_batch(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kitchen: Kitchen
) -> None:
    monkeypatch.setattr(importing, "_MOST_CHARACTERS", 20)
    counts(state, file_of(tmp_path, *({**BREAD, "id": f"p-{number}"} for number in range(5))))

    assert kitchen.batches == [2, 2, 1]


def test_what_was_taken_before_a_failure_stays_and_is_counted(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kitchen: Kitchen
) -> None:
    monkeypatch.setattr(importing, "_MOST", 2)
    file = file_of(tmp_path, *({**BREAD, "id": f"p-{number}"} for number in range(5)))
    kitchen.fails_at = 1
    done = run(state, file)

    assert isinstance(done.exception, ScoringError)
    assert "2 new (2 passed)" in done.stderr
    kitchen.fails_at = None
    assert counts(state, file) | {"queues": {}} == {
        "rows": 5,
        "new": 3,
        "known": 2,
        "conflicting": 0,
        "malformed": 0,
        "queues": {},
    }


def test_a_database_that_goes_away_is_an_error(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*given: Any) -> None:
        raise StoreAwayError("the database is away or restarting: come back")

    monkeypatch.setattr(importing, "take_in", away)
    done = run(state, file_of(tmp_path, SOUP))

    assert isinstance(done.exception, StoreAwayError)
    assert "0 new" in done.stderr


def test_an_interrupted_import_says_how_far_it_came(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*given: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, "take_in", interrupt)
    done = run(state, file_of(tmp_path, SOUP))

    assert done.exit_code == 130
    assert "interrupted: what was taken by then stays" in done.stderr
    assert done.stderr.count("0 new") == 1


def test_quiet_says_only_what_was_rejected(state: Path, tmp_path: Path) -> None:
    done = run(state, file_of(tmp_path, SOUP, "soup"), "--quiet")

    assert done.exit_code == 3
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_standard_input_and_packed_files_are_read(state: Path, tmp_path: Path) -> None:
    line = json.dumps(SOUP).encode() + b"\n"
    packed = tmp_path / "posts.jsonl.gz"
    packed.write_bytes(gzip.compress(line))

    assert "1 new" in run(state, "-", stdin=line).stderr
    assert "1 known" in run(state, packed).stderr


def test_a_damaged_file_is_an_error_after_what_was_sound(state: Path, tmp_path: Path) -> None:
    packed = tmp_path / "posts.jsonl.gz"
    line = json.dumps(SOUP).encode() + b"\n"
    packed.write_bytes(gzip.compress(line) + gzip.compress(line * 2000)[:-9])
    done = run(state, packed)

    assert isinstance(done.exception, InputError)
    assert "1 new (1 urgent)" in done.stderr


def test_a_file_that_is_not_there_is_an_error(state: Path, tmp_path: Path) -> None:
    assert isinstance(run(state, tmp_path / "none.jsonl").exception, InputError)


def test_rejects_must_not_be_the_file_that_is_read(state: Path, tmp_path: Path) -> None:
    file = file_of(tmp_path, SOUP)

    assert run(state, file, "--rejects", file).exit_code == 2
    assert file.read_text(encoding="utf-8")


@pytest.mark.parametrize("packed", [".txt", ".csv", ".parquet"])
def test_whatever_its_name_a_file_holds_json_lines(state: Path, tmp_path: Path, packed: str) -> None:
    path = tmp_path / f"posts{packed}"
    path.write_text(json.dumps(SOUP), encoding="utf-8")

    assert run(state, path).exit_code == 0


def test_it_is_judged_as_the_server_would(state: Path, tmp_path: Path, kitchen: Kitchen) -> None:
    config = tmp_path / "serve.toml"
    config.write_text('bundle = "one"\ntier = "screen"\nassume_language = "en"\n', encoding="utf-8")
    run(state, file_of(tmp_path, SOUP), "--config", config, "--bundle", "two", "--policy", "p.toml")
    (bundle,), options = kitchen.asked
    (categories,) = options.pop("beside")

    assert categories.policies == moderation_policies(None).policies
    assert bundle == Path("two")
    assert options == {
        "tier": Tier.SCREEN,
        "processes": 1,
        "policy": Path("p.toml"),
        "digest": None,
        "clearing": None,
        "assume_language": "en",
        "max_characters": None,
        "standings": False,
    }
