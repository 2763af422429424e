import csv
import errno
import gzip
import inspect
import io
import json
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner, Result

from tocsin.assessment import Assessment
from tocsin.cli import scan as command
from tocsin.errors import InputError, LimitError, MalformedRowError
from tocsin.item import Item
from tocsin.service.scan import JsonLinesSink
from tocsin.service.scan.testing import WordAssessor

POSTS = b"id,text\np-1,plain bread\np-2,hot soup\np-3,\np-4,come to the rugby\n"
MIXED = b'{"text": "hot soup"}\n{"text": 5}\n{"text": "plain bread"}\n'
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


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    path = tmp_path / "posts.csv"
    path.write_bytes(POSTS)
    return path


def test_a_file_becomes_a_ranked_table_of_masked_texts(posts: Path) -> None:
    result = run(posts)

    assert result.exit_code == 0
    assert "soup" not in result.stdout
    assert [line.split()[1] for line in result.stdout.splitlines() if " p-" in line][:3] == [
        "p-2",
        "p-4",
        "p-1",
    ]
    assert "4 rows read: 1 urgent, 1 review, 1 none; 1 unscorable (1 empty); 0 rejected" in result.stdout
    assert "Scores order the work; a person decides." in result.stdout
    assert result.stderr == ""


def test_top_limits_the_table(posts: Path) -> None:
    assert "Ranked: 1 of 3 rows" in run(posts, "--top", "1").stdout


def test_texts_are_shown_on_request(posts: Path) -> None:
    assert "hot soup" in run(posts, "--show-text").stdout


def test_quiet_leaves_the_summary_out_but_not_who_decides(posts: Path) -> None:
    result = run(posts, "-q")

    assert "rows read" not in result.stdout
    assert "a person decides" in result.stdout
    assert run(posts, "--json", "--quiet").stderr == ""


def test_standard_input_is_lines_of_text() -> None:
    result = run("--json", stdin=b"hot soup\n\nbread")

    assert [row["id"] for row in lines_of(result.stdout)] == ["1", "2", "3"]
    assert [row["reason"] for row in lines_of(result.stdout)] == [None, "empty", None]


def test_standard_input_can_be_another_format_and_packed() -> None:
    result = run("-", "--format", "csv", "--json", stdin=gzip.compress(POSTS))

    assert [row["id"] for row in lines_of(result.stdout)] == ["p-1", "p-2", "p-3", "p-4"]


def test_json_keeps_the_input_order_and_sums_up_on_standard_error(posts: Path) -> None:
    result = run(posts, "--json")

    assert [row["id"] for row in lines_of(result.stdout)] == ["p-1", "p-2", "p-3", "p-4"]
    assert "text" not in lines_of(result.stdout)[0]
    assert result.stderr.startswith("tocsin: 4 rows read: 1 urgent")


def test_csv_and_parquet_hold_the_same_rows(posts: Path, tmp_path: Path) -> None:
    flat = list(csv.DictReader(io.StringIO(run(posts, "--csv", "--show-text").stdout, newline="")))
    result = run(posts, "--parquet", tmp_path / "out.parquet", "--show-text")
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()

    assert result.exit_code == 0
    assert result.stdout == ""
    assert list(flat[0]) == list(table[0])
    assert [row["text"] for row in flat] == [row["text"] for row in table]


def test_out_takes_json_or_csv(posts: Path, tmp_path: Path) -> None:
    result = run(posts, "--json", "--out", tmp_path / "out.jsonl")

    assert (result.exit_code, result.stdout) == (0, "")
    assert len(lines_of((tmp_path / "out.jsonl").read_text())) == 4


def test_spans_are_added_on_request(posts: Path) -> None:
    assert not any(row["spans"] for row in lines_of(run(posts, "--json").stdout))
    assert any(row["spans"] for row in lines_of(run(posts, "--json", "--spans").stdout))


def test_columns_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "posts.jsonl").write_bytes(b'{"post": "soup", "key": 9, "lang": "fr"}')
    names = ("--text-column", "post", "--id-column", "key", "--language-column", "lang")
    (row,) = lines_of(run(tmp_path / "posts.jsonl", "--json", *names).stdout)

    assert (row["id"], row["language"], row["priority"]) == ("9", "fr", 0.9)


def test_rows_of_several_inputs_are_told_apart(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(b"soup\n")
    result = run(tmp_path / "a.txt", tmp_path / "b.txt", "--json")

    assert [row["id"] for row in lines_of(result.stdout)] == [
        f"{tmp_path}/{name}:1" for name in ("a.txt", "b.txt")
    ]


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


def test_a_file_of_rejects_is_empty_where_there_are_none(posts: Path, tmp_path: Path) -> None:
    (tmp_path / "rejects.jsonl").write_text("stale")
    run(posts, "--rejects", tmp_path / "rejects.jsonl")

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


def test_an_empty_input_gives_a_valid_output(tmp_path: Path) -> None:
    assert run("--json").stdout == ""
    assert run("--csv").stdout.startswith("id,status,reason,language,level,priority,")
    assert run("--parquet", tmp_path / "out.parquet").exit_code == 0
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 0
    assert "0 rows read" in run().stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        pytest.param(["--json", "--csv"], "at most one of --json, --csv", id="two formats"),
        pytest.param(["--csv", "--parquet", "x"], "at most one of --json, --csv", id="a format and a file"),
        pytest.param(["--out", "x"], "--out needs --json or --csv", id="a table has no file"),
        pytest.param(["--parquet", "x", "--out", "y"], "--out needs --json or --csv", id="two files"),
        pytest.param(["--json", "--out", "x", "--rejects", "x"], "named once", id="one file twice"),
        pytest.param(["in.txt", "--json", "--out", "./in.txt"], "named once", id="the input itself"),
        pytest.param(["in.txt", "--rejects", "in.txt"], "named once", id="rejects onto the input"),
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


def test_inputs_are_checked_before_the_model_is_loaded(scorer: list[tuple[Any, ...]]) -> None:
    assert isinstance(run("none.txt").exception, InputError)
    assert scorer == []


def test_the_model_is_loaded_as_asked(scorer: list[tuple[Any, ...]]) -> None:
    run("--bundle", "b", "--policy", "p.toml", "--bundle-digest", "sha256:0", "--assume-language", "en")
    run()

    assert scorer == [(Path("b"), Path("p.toml"), "sha256:0", "en"), (None, None, None, None)]


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


def test_every_option_explains_itself() -> None:
    for name, parameter in inspect.signature(command.scan, eval_str=True).parameters.items():
        (option,) = parameter.annotation.__metadata__
        assert option.help, name


def test_every_option_is_in_the_guide() -> None:
    guide = (Path(__file__).parents[2] / "docs/how-to/scan.md").read_text()
    options = typer.main.get_command(app).params

    missing = [
        name for option in options for name in option.opts if name.startswith("--") and name not in guide
    ]
    assert set(missing) <= {"--install-completion", "--show-completion"}
