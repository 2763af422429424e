"""Files of scores of other classifiers: toy rows about cooking and sport, a toy worker."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

from tocsin.eval.comparison.score_file import read_score_file
from tocsin.example import Example, Label
from tocsin.signals import Signal

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.append(str(BENCH))

import peer_scores  # noqa: E402
from peer_scores import package_scores, tfidf_scores, write_scores  # noqa: E402
from throughput_peers import Candidate, Prepared  # noqa: E402
from throughput_rounds import Worker, WorkerError  # noqa: E402
from throughput_worker import Role, write_values  # noqa: E402

TOY = Prepared((sys.executable, "-S", str(BENCH / "throughput_worker.py"), "toy"))


def quiet(_: str) -> None:
    """Say nothing."""


def post(number: int, language: str = "en") -> Example:
    draw = random.Random(number)  # noqa: S311 - reproducible toy data
    cooking = number % 2 == 0
    words = draw.choices(["soup", "bread", "oven"] if cooking else ["goal", "medal", "referee"], k=5)
    label = Label.POSITIVE if cooking else Label.NEGATIVE
    return Example(f"toy:{number}", " ".join(words), language, "toy", "CC0-1.0", {Signal.HATE: label})


def test_tfidf_scores_every_test_row_for_the_signals_that_rows_teach() -> None:
    test = [post(number) for number in range(100, 140)]
    scores = tfidf_scores([post(number) for number in range(80)], test, quiet)
    assert list(scores) == [Signal.HATE]
    assert list(scores[Signal.HATE]) == [row.id for row in test]
    cooking = [scores[Signal.HATE][row.id] for row in test[::2]]
    assert min(cooking) > max(scores[Signal.HATE][row.id] for row in test[1::2])


def test_what_is_written_is_read_back_and_a_gap_stays_one(tmp_path: Path) -> None:
    path = tmp_path / "peer.csv"
    write_scores(path, ["a", "b"], {Signal.HATE: {"a": 0.1 + 0.2}, Signal.THREAT: {"a": -1.0, "b": 1e-9}})
    found = read_score_file(path)
    assert found.scores[Signal.HATE]["a"] == 0.1 + 0.2
    assert found.scores[Signal.HATE]["b"] != found.scores[Signal.HATE]["b"]
    assert found.scores[Signal.THREAT] == {"a": -1.0, "b": 1e-9}


def test_a_package_scores_the_english_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def toy(_: Candidate, __: Path, ___: object) -> Prepared:
        return TOY

    monkeypatch.setattr(peer_scores, "prepare", toy)
    rows = [post(1), post(2, "de"), post(3)]
    scores = package_scores("hatesonar", rows, tmp_path, quiet)
    assert scores == {Signal.HATE: {"toy:1": len(rows[0].text), "toy:3": len(rows[2].text)}}


def test_a_worker_gives_one_number_for_each_post_in_order(tmp_path: Path) -> None:
    posts = tmp_path / "posts.json"
    posts.write_text(json.dumps(["a" * length for length in (3, 1, 2, 5, 4)]), encoding="utf-8")
    worker = Worker("toy", TOY)
    try:
        assert worker.values(posts, 2, tmp_path / "values.json") == [3, 1, 2, 5, 4]
        assert worker.speed(posts, 2) > 0
    finally:
        worker.close()


def test_a_role_without_one_score_a_text_says_so(tmp_path: Path) -> None:
    posts = tmp_path / "posts.json"
    posts.write_text('["soup"]', encoding="utf-8")
    request = {"posts": str(posts), "batch": 2, "values": str(tmp_path / "values.json")}
    with pytest.raises(ValueError, match="must have one score for a text, has none"):
        write_values(Role(len), request)
    with pytest.raises(ValueError, match="every post must be scored, was 0 of 1"):
        write_values(Role(len, lambda _: []), request)


def test_a_worker_that_fails_is_an_error_that_says_its_last_words(tmp_path: Path) -> None:
    worker = Worker("toy", TOY)
    try:
        with pytest.raises(WorkerError, match="FileNotFoundError"):
            worker.values(tmp_path / "none.json", 2, tmp_path / "values.json")
    finally:
        worker.close()
