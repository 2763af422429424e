"""The harness of the speed benchmark, without its peers: toy workers, toy posts about cooking and sport."""

from __future__ import annotations

import json
import locale
import random
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tocsin.errors import InputError
from tocsin.example import Example, Label, Split
from tocsin.example_file import write_examples
from tocsin.signals import Signal

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.append(str(BENCH))

import throughput_peers as peers  # noqa: E402
from throughput_commands import CommandError, Taken, starts, take  # noqa: E402
from throughput_peers import Candidate, MissingError, Prepared, prepare  # noqa: E402
from throughput_posts import Pool, word, write_queue  # noqa: E402
from throughput_rounds import Run, WorkerError, measure  # noqa: E402
from throughput_table import markdown, memory_cells, ratio, speed_cells, start_cells  # noqa: E402
from throughput_worker import Role, answer  # noqa: E402

TOY = Prepared((sys.executable, "-S", str(BENCH / "throughput_worker.py"), "toy"))
ROUNDS = [(["soup", "goal", "bread"], ["oven"]), (["medal", "pan"], ["salt"])]


def run(*fresh: float, peak: float = 100.0) -> Run:
    return Run(0.5, 50.0, peak, fresh=list(fresh), seen=[8.0], alone=[2.0])


def quiet(_: str) -> None:
    """Say nothing."""


def post(number: int, corpus: str = "davidson", text: str | None = None) -> Example:
    draw = random.Random(number)  # noqa: S311 - reproducible toy data
    words = draw.choices(["soup", "bread", "goal", "medal", "oven", "referee"], k=6)
    labels = {Signal.HATE: Label.POSITIVE if "soup" in words else Label.NEGATIVE}
    return Example(str(number), text or f"{' '.join(words)} {number}", "en", corpus, "CC0-1.0", labels)


def test_every_worker_is_asked_once_in_every_round_and_keeps_its_own_account() -> None:
    runs = measure({"one": TOY, "two": TOY}, ROUNDS, 2, quiet)

    assert list(runs) == ["one", "two"]
    for found in runs.values():
        assert [len(found.fresh), len(found.seen), len(found.alone)] == [2, 2, 2]
        assert min(found.fresh + found.seen + found.alone) > 0
        assert 0 < found.load_mb <= found.peak_mb


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count a parent's memory")
def test_the_memory_of_whoever_starts_a_process_is_not_counted_as_its_own() -> None:
    held = bytearray(b"x" * 2**27)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    (found,) = measure({"toy": TOY}, ROUNDS, 2, quiet).values()
    nothing = take(Prepared((sys.executable, "-S", "-c", "pass")))
    something = take(Prepared((sys.executable, "-S", "-c", "held = b'x' * 2**26")))

    assert own > len(held) / 2**20
    assert found.peak_mb < 64
    assert nothing.peak_mb < 64
    assert 48 < something.peak_mb - nothing.peak_mb < 80


def test_a_worker_that_does_not_answer_is_an_error_that_says_its_last_words() -> None:
    with pytest.raises(WorkerError, match="the worker of 'x' must answer, did not: KeyError: 'nobody'"):
        measure({"x": Prepared((*TOY.command[:3], "nobody"))}, ROUNDS, 2, quiet)


def test_posts_are_scored_in_batches_as_they_were_posted(tmp_path: Path) -> None:
    posts = tmp_path / "posts.json"
    posts.write_text(json.dumps(["SOUP", "goal", "pan", "cup", "oven"]))
    seen: list[list[str]] = []

    def score(texts: Sequence[str]) -> int:
        seen.append(list(texts))
        return len(texts)

    found = answer(Role(score), {"posts": str(posts), "batch": 2})

    assert seen == [["SOUP", "goal"], ["pan", "cup"], ["oven"]]
    assert found["posts"] == 5
    assert found["seconds"] >= 0


def test_a_classifier_that_leaves_posts_out_is_not_measured(tmp_path: Path) -> None:
    posts = tmp_path / "posts.json"
    posts.write_text(json.dumps(["soup", "goal"]))

    with pytest.raises(ValueError, match="every post must be scored, was 1 of 2"):
        answer(Role(lambda _: 1), {"posts": str(posts), "batch": 2})


def test_a_ratio_is_the_median_of_the_ratios_of_rounds() -> None:
    # Ratios of 2, 1 and 3: that of the medians would be 1, that of the best 3.
    assert ratio([10.0, 20.0, 90.0], [5.0, 20.0, 30.0]) == 2.0


def test_the_table_compares_with_the_peers_that_were_measured() -> None:
    runs = {"mine": run(30.0, 60.0, 90.0), "a": run(10.0, 10.0, 10.0, peak=200.0)}
    titles = {"mine": "tocsin", "a": "(a) peer"}

    speed, memory = (cells(runs, titles, ("a", "b")) for cells in (speed_cells, memory_cells))

    assert speed.header == ("", "fresh", "times (a)", "best", "first round", "seen before", "one a call")
    assert speed.rows[0] == ("tocsin", "60", "6.00", "90", "30", "8", "2")
    assert speed.rows[1][2] == "1.00"
    assert memory.rows[0] == ("tocsin", "100", "0.50", "50", "0.50")
    assert markdown(memory).splitlines()[1:3] == [
        "| --- | ---: | ---: | ---: | ---: |",
        "| tocsin | 100 | 0.50 | 50 | 0.50 |",
    ]


def test_starts_are_compared_by_what_they_used_of_the_processor() -> None:
    cells = start_cells(
        {"mine": Taken(9.0, 1.0, 30.0), "peer": Taken(3.0, 2.0, 40.0)}, {"a": "peer", "b": "gone"}
    )

    assert cells.header[1:] == ("seconds", "times (a)", "seconds passed", "MB at most")
    assert cells.rows[0] == ("mine", "1.00", "0.50", "9.00", "30")


def test_the_first_start_of_a_command_does_not_count(tmp_path: Path) -> None:
    text, log = tmp_path / "one.txt", tmp_path / "log"
    text.write_text("soup\n")
    # The first start holds 64 MiB, the others nothing.
    code = f"import sys; from pathlib import Path as P; f = P({str(log)!r}); n = f.exists()"
    code += (
        "; held = b'' if n else b'x' * 2**26; assert sys.stdin.read() == 'soup\\n'; f.open('a').write('.')"
    )

    found = starts({"x": Prepared((sys.executable, "-S", "-c", code))}, text, 2)

    assert log.read_text() == "..."
    assert found["x"].peak_mb < 60


def test_a_command_that_fails_is_an_error_and_no_figure() -> None:
    with pytest.raises(CommandError, match="must end with 0, was 1: ValueError: no flour"):
        take(Prepared((sys.executable, "-S", "-c", "raise ValueError('no flour')")))


def test_the_pool_holds_distinct_held_out_posts_of_the_corpora_of_short_ones() -> None:
    splits = {
        Split.TRAIN: [post(1), post(2)],
        Split.TEST: [post(3), post(4, "muc"), post(5, text=post(1).text)],
        Split.DEV: [post(6), post(7, text=post(3).text)],
    }

    assert sorted(Pool.of(splits).posts) == sorted([post(3).text, post(6).text])


def test_rounds_share_no_post() -> None:
    pool = Pool(tuple(f"soup {number}" for number in range(100)))

    rounds = pool.rounds(4, 15, 5)

    assert [(len(posts), len(alone)) for posts, alone in rounds] == [(15, 5)] * 4
    assert len({text for posts, alone in rounds for text in posts + alone}) == 80


def test_too_few_posts_for_the_rounds_are_an_error() -> None:
    with pytest.raises(InputError, match="2 rounds must have 10 posts each or more, was 12 in all"):
        Pool(tuple(f"soup {number}" for number in range(12))).rounds(2, None, 5)


def test_no_two_rows_of_the_queue_are_alike_though_posts_come_again(tmp_path: Path) -> None:
    write_queue(tmp_path / "queue.jsonl", ["hot soup", "late goal"], 500)

    rows = [json.loads(line) for line in (tmp_path / "queue.jsonl").read_text().splitlines()]
    assert len({row["text"] for row in rows}) == len({row["id"] for row in rows}) == 500
    assert rows[498]["text"] == f"hot soup {word(498)}"


def test_made_up_words_differ() -> None:
    assert len({word(number) for number in range(0, 40_960_000, 4_093)}) == len(range(0, 40_960_000, 4_093))


def test_the_peers_that_are_no_package_are_trained_and_answer(tmp_path: Path) -> None:
    write_examples(tmp_path / "rows.jsonl", [post(number) for number in range(60)])
    trainer = (sys.executable, BENCH / "throughput_train.py", tmp_path / "rows.jsonl", tmp_path)

    told = json.loads(subprocess.run(trainer, check=True, capture_output=True).stdout)

    assert (told["rows"], told["signals"]) == (60, ["hate"])
    assert (tmp_path / peers.CANDIDATES["a"].model).is_file()
    (found,) = measure({"a8": prepare(peers.CANDIDATES["a8"], tmp_path, quiet)}, ROUNDS, 2, quiet).values()
    assert min(found.fresh) > 0


def test_a_peer_that_cannot_be_installed_is_missing_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []

    def refuse(command: tuple[str, ...], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, int("pip" in command), "", "trying\nno such thing\n")

    monkeypatch.setattr(subprocess, "run", refuse)
    peer = Candidate("toy", "toy", 1, requirements=("soup==1", "pan==2"))

    for _ in range(2):
        with pytest.raises(MissingError, match="it cannot be installed: no such thing"):
            prepare(peer, tmp_path, quiet)

    assert [command[-2:] for command in asked if "pip" in command] == [("soup==1", "pan==2")] * 2


def test_a_peer_is_installed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def install(command: tuple[str, ...], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir(parents=True)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", install)
    peer = Candidate("toy", "toy", 1, requirements=("soup==1",))

    first, second = (prepare(peer, tmp_path, quiet) for _ in range(2))

    assert first == second
    assert len(asked) == 2
    assert Path(first.command[0]).is_relative_to(tmp_path)


@pytest.mark.parametrize("there", [True, False], ids=["C.UTF-8 stands in", "nothing can"])
def test_a_locale_that_the_machine_lacks_is_lent_or_named(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def setlocale(_: int, name: str | None = None) -> str:
        if name == peers.LOCALE:
            raise locale.Error
        return "C"

    monkeypatch.setattr(locale, "setlocale", setlocale)
    monkeypatch.setattr(peers, "C_LOCALE", tmp_path if there else tmp_path / "gone")
    peer = Candidate("toy", "toy", 1, locale=True)

    if there:
        folder = Path(prepare(peer, tmp_path / "work", quiet).environment["LOCPATH"])
        assert (folder / "en_US.UTF-8").resolve() == tmp_path
    else:
        with pytest.raises(MissingError, match="locale-gen en_US"):
            prepare(peer, tmp_path / "work", quiet)
