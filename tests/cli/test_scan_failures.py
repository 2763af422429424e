import errno
import gzip
import json
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from tocsin.assessment import Assessment
from tocsin.cli import scan as command
from tocsin.errors import InputError, LimitError, MalformedRowError
from tocsin.item import Item
from tocsin.service.scan import JsonLinesSink
from tocsin.service.scan.testing import WordAssessor

MIXED = b'{"text": "hot soup"}\n{"text": 5}\n{"text": "plain bread"}\n'
TAKEN = "an output must not be an input"
app = typer.Typer()
app.command()(command.scan)


@pytest.fixture(autouse=True)
def scorer(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Put a scorer that knows two words in the place of the real one; return what loads asked for."""
    asked: list[tuple[Any, ...]] = []

    def load(*arguments: Any) -> WordAssessor:
        asked.append(arguments)
        return WordAssessor({"soup": 0.9, "rugby": 0.6})

    monkeypatch.setattr(command, "_scorer", load)
    return asked


def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_rejected_rows_are_reported_and_the_rest_is_complete(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    result = run("--format", "jsonl", "--json", "--rejects", rejects, stdin=MIXED)

    assert result.exit_code == command.EXIT_REJECTED == 3
    assert [row["id"] for row in lines_of(result.stdout)] == ["1", "3"]
    assert "tocsin: rejected: <stdin>, row 2: 'text' must be a string, was int" in result.stderr
    assert "1 rejected" in result.stderr
    why = "'text' must be a string, was int"
    assert lines_of(rejects.read_text()) == [{"source": "<stdin>", "row": 2, "last_row": 2, "why": why}]


def test_rejected_rows_are_reported_even_when_quiet() -> None:
    assert "row 2" in run("--format", "jsonl", "--json", "-q", stdin=MIXED).stderr


def test_a_file_of_rejects_is_empty_where_there_are_none(tmp_path: Path) -> None:
    (tmp_path / "rejects.jsonl").write_text("stale")
    run("--rejects", tmp_path / "rejects.jsonl", stdin=b"soup\n")

    assert (tmp_path / "rejects.jsonl").read_text() == ""


def test_out_is_complete_when_rows_were_rejected(tmp_path: Path) -> None:
    result = run("--format", "jsonl", "--csv", "--out", tmp_path / "out.csv", stdin=MIXED)

    assert result.exit_code == 3
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 3


def test_strict_stops_at_the_first_malformed_row(tmp_path: Path) -> None:
    out, rejects = tmp_path / "out.jsonl", tmp_path / "rejects.jsonl"
    result = run("--format", "jsonl", "--json", "--strict", "--out", out, "--rejects", rejects, stdin=MIXED)

    assert isinstance(result.exception, MalformedRowError)
    assert not out.exists()
    assert len(lines_of(rejects.read_text())) == 1


def test_strict_has_written_the_rows_before() -> None:
    result = run("--format", "jsonl", "--json", "--strict", stdin=MIXED)

    assert [row["id"] for row in lines_of(result.stdout)] == ["1"]


def test_a_damaged_input_is_fatal_after_all_before_it(tmp_path: Path) -> None:
    path = tmp_path / "posts.txt.gz"
    path.write_bytes(gzip.compress(b"hot soup\nplain bread\n") + b"junk")
    result = run(path)

    assert isinstance(result.exception, InputError)
    assert "Ranked: 2 of 2 rows" in result.stdout
    assert len(lines_of(run(path, "--json").stdout)) == 2


def test_a_failed_scan_leaves_no_output_file(tmp_path: Path) -> None:
    path = tmp_path / "posts.txt.gz"
    path.write_bytes(gzip.compress(b"hot soup\n")[:-2])
    for option in (["--parquet"], ["--json", "--out"], ["--csv", "--out"]):
        assert isinstance(run(path, *option, tmp_path / "result").exception, InputError)

    assert list(tmp_path.iterdir()) == [path]


def test_limits_can_be_set(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"x" * 20_000_000))

    assert run("--max-record-bytes", "5", "--json", stdin=b"hot soup\nsoup\n").exit_code == 3
    assert isinstance(run(tmp_path / "a.txt.gz", "--max-expansion", "1", "-q").exception, LimitError)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param(["--json", "--csv"], "at most one of --json, --csv", id="two formats"),
        pytest.param(["--csv", "--parquet", "x"], "at most one of --json, --csv", id="a format and a file"),
        pytest.param(["--out", "x"], "--out needs --json or --csv", id="a table has no file"),
        pytest.param(["--parquet", "x", "--out", "y"], "--out needs --json or --csv", id="two files"),
        pytest.param(["--json", "--out", "x", "--rejects", "x"], TAKEN, id="one file twice"),
        pytest.param(["in.txt", "--json", "--out", "./in.txt"], TAKEN, id="the input itself"),
        pytest.param(["in.txt", "--rejects", "in.txt"], TAKEN, id="rejects onto the input"),
        pytest.param(["--top", "0"], "--top", id="a table of nothing"),
        pytest.param(
            ["--max-record-bytes", "9" * 20], "--max-record-bytes", id="more than memory could hold"
        ),
        pytest.param(["--format", "xml"], "xml", id="an unknown format"),
    ],
)
def test_wrong_usage_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], why: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    Path("in.txt").write_bytes(b"soup\n")
    result = run(*arguments)

    assert result.exit_code == 2
    assert why in result.stderr
    assert Path("in.txt").read_bytes() == b"soup\n"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("option", ["--rejects", "--parquet", "--out"])
@pytest.mark.parametrize("name", ["in.txt", "hard.txt", "soft.txt", "rules.toml", "bundle/model.bin"])
@pytest.mark.parametrize("source", ["options", "settings"])
def test_nothing_that_is_read_can_be_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, name: str, source: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    Path("bundle").mkdir()
    for path in ("in.txt", "rules.toml", "bundle/model.bin"):
        Path(path).write_bytes(b"soup\n")
    Path("hard.txt").hardlink_to("in.txt")
    Path("soft.txt").symlink_to("in.txt")
    read = {"policy": "rules.toml", "bundle": "bundle"}
    if source == "settings":
        for key, value in read.items():
            monkeypatch.setenv(f"TOCSIN_{key.upper()}", value)
    given = [] if source == "settings" else [f"--{key}={value}" for key, value in read.items()]
    result = run("in.txt", *given, *(["--json"] if option == "--out" else []), option, name)

    assert result.exit_code == 2
    assert f"or another output, was {name}" in result.stderr
    assert Path(name).read_bytes() == b"soup\n"


def test_a_refused_path_cannot_steer_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    Path("a\x1b]0;soup.txt").write_bytes(b"soup\n")
    result = run("a\x1b]0;soup.txt", "--rejects", "a\x1b]0;soup.txt")

    assert r"a\x1b]0;soup.txt" in result.stderr
    assert "\x1b]0;" not in result.stderr


def test_an_output_keeps_the_permissions_of_the_file_it_replaces(tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").touch(0o600)
    run("--json", "--show-text", "--out", tmp_path / "out.jsonl", stdin=b"soup\n")

    assert (tmp_path / "out.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_file_without_a_header_does_not_show_its_first_post() -> None:
    result = run("--format", "csv", stdin=b"7,come to the rugby on Sunday\n8,hot soup\n")

    assert isinstance(result.exception, InputError)
    assert not any(word in str(result.exception) for word in ("come", "rugby", "7"))


def test_a_hint_that_is_no_language_tag_rejects_the_row() -> None:
    data = b'{"text": "hot soup", "language": "english"}\n{"text": "bread", "language": "en-GB"}\n'
    result = run("--format", "jsonl", "--json", stdin=data)

    assert result.exit_code == 3
    assert "must be a language tag such as 'en' or 'en-GB', was 'english'" in result.stderr
    assert [row["id"] for row in lines_of(result.stdout)] == ["2"]


def test_inputs_are_checked_before_the_model_is_loaded(scorer: list[tuple[Any, ...]]) -> None:
    assert isinstance(run("none.txt").exception, InputError)
    assert scorer == []


def test_a_full_disk_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def write(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(JsonLinesSink, "write", write)
    result = run("--json", "--out", tmp_path / "out", stdin=b"soup\n")

    assert isinstance(result.exception, InputError)
    assert str(result.exception) == "an output must be writable to its end: No space left on device"
    assert list(tmp_path.iterdir()) == []


class Interrupted(WordAssessor):
    def assess(self, items: Sequence[Item], *, explain: bool = False) -> list[Assessment]:
        if self.batches:
            raise KeyboardInterrupt
        return super().assess(items, explain=explain)


def test_an_interrupted_scan_says_what_was_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_scorer", lambda *_: Interrupted({}))
    result = run("--json", stdin=b"soup\n" * 1000)

    assert result.exit_code == command.EXIT_INTERRUPTED == 130
    assert "tocsin: interrupted; 512 rows read" in result.stderr
    assert len(lines_of(result.stdout)) == 512
    monkeypatch.setattr(command, "_scorer", lambda *_: Interrupted({}))
    assert run("--json", "--out", tmp_path / "out", stdin=b"soup\n" * 1000).exit_code == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--json", "--csv", "--show-text"])
def test_a_closed_pipe_ends_the_scan_quietly(option: str) -> None:
    program = f"""
        import typer
        from tocsin.cli import scan as command
        from tocsin.service.scan.testing import WordAssessor

        command._scorer = lambda *_: WordAssessor({{}})
        app = typer.Typer()
        app.command()(command.scan)
        app(["{option}", "--top", "5000"])
    """
    scan = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert scan.stdout is not None
    scan.stdout.close()
    scan.stdout = None
    _, stderr = scan.communicate(b"plain bread\n" * 5000)

    assert stderr == b""
    assert scan.returncode == 141
