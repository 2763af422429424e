"""The soak of audits: what a row costs, whether memory stays as it is, and that small ones run."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.append(str(BENCH))

from audit_process import Watched, watch  # noqa: E402
from audit_rows import toys, written  # noqa: E402
from audit_soak import Soaked, main, verdict  # noqa: E402
from throughput_commands import CommandError  # noqa: E402

SIZES = (10_000, 500_000, 1_000_000)
GOOD = [Soaked(rows, Watched(9, 2 + rows * 1e-4, 100, 300)) for rows in SIZES]


def with_last(**changes: float) -> list[Soaked]:
    return [*GOOD[:-1], replace(GOOD[-1], taken=replace(GOOD[-1].taken, **changes))]


def test_a_soak_in_which_all_held_breaks_nothing_and_tells_the_start_apart() -> None:
    checks = verdict(GOOD)

    assert all(check.held for check in checks)
    assert "100.0 to 100.0 microseconds" in checks[0].words
    assert "starting costs 2.0 s" in checks[0].words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        pytest.param(with_last(processor_seconds=108), "a row costs as much", id="rows-cost-more"),
        pytest.param(with_last(processor_seconds=96), "a row costs as much", id="rows-cost-less"),
        pytest.param(with_last(processor_seconds=1), "a row costs as much", id="rows-cost-nothing"),
        pytest.param(with_last(parent_mb=111), "the process that reads is flat", id="who-reads-grows"),
        pytest.param(with_last(worker_mb=331), "those that score is flat", id="who-scores-grows"),
    ],
)
def test_a_soak_in_which_one_promise_did_not_hold_says_which(found: list[Soaked], words: str) -> None:
    (broken,) = [check.words for check in verdict(found) if not check.held]

    assert words in broken


def test_what_is_within_a_tenth_holds() -> None:
    found = with_last(processor_seconds=2 + 50 + 50 * 1.09, parent_mb=109, worker_mb=329)

    assert all(check.held for check in verdict(found))


def test_memory_of_a_small_size_is_no_measure() -> None:
    small = replace(GOOD[0], taken=replace(GOOD[0].taken, parent_mb=10, worker_mb=10))

    assert all(check.held for check in verdict([small, *GOOD[1:]]))
    assert not all(check.held for check in verdict([small, *GOOD[1:]], flat_from=10_000))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell of other processes' memory")
def test_memory_and_time_of_a_process_and_of_its_workers_are_told_apart(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import multiprocessing, time\n"
        "def work():\n"
        "    held = b'x' * 2**27\n"
        "    until = time.process_time() + 0.3\n"
        "    while time.process_time() < until: pass\n"
        "    time.sleep(1)\n"
        "if __name__ == '__main__':\n"
        "    held = b'x' * 2**25\n"
        "    process = multiprocessing.get_context('spawn').Process(target=work)\n"
        "    process.start(); process.join()\n"
    )
    found = watch((sys.executable, str(script)))

    assert 32 < found.parent_mb < 100
    assert 128 < found.worker_mb < 196
    assert found.processor_seconds >= 0.3
    assert found.seconds >= 1.3


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell of other processes' memory")
def test_a_command_that_fails_is_an_error_and_no_figure() -> None:
    with pytest.raises(CommandError, match="must end with 0, was 3: no soup"):
        watch((sys.executable, "-S", "-c", "import sys; sys.stderr.write('no soup\\n'); sys.exit(3)"))


def test_rows_are_as_many_as_asked_for_and_no_two_are_alike(tmp_path: Path) -> None:
    table = pq.read_table(written(tmp_path / "rows.parquet", toys(), 5_000))

    assert table.num_rows == len(set(table["text"].to_pylist())) == len(set(table["id"].to_pylist())) == 5_000


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell of other processes' memory")
def test_small_audits_are_measured_in_earnest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ("--rows", "100", "200", "400", "--flat-from", "200", "--repeats", "1", "--workers", "1")
    figures = tmp_path / "figures.json"
    main([*sizes, "--work", str(tmp_path), "--json", str(figures)])

    said = capsys.readouterr()
    assert "400" in said.out
    assert "memory of those that score is flat" in said.err
    told = json.loads(figures.read_text())
    assert [one["rows"] for one in told["sizes"]] == [100, 200, 400]
    assert all(one["taken"]["parent_mb"] > 50 and one["taken"]["worker_mb"] > 50 for one in told["sizes"])
    assert all(one["taken"]["processor_seconds"] > 0 for one in told["sizes"])
    assert list(tmp_path.iterdir()) == [figures]


@pytest.mark.parametrize(
    "options",
    [["--rows", "10", "20"], ["--rows", "10", "20", "30"], ["--repeats", "0"]],
    ids=["two sizes tell nothing", "all are small", "measured never"],
)
def test_what_could_not_fail_is_wrong_usage(options: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(options)
