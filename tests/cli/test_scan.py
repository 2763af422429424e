import csv
import gzip
import inspect
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner, Result

from tocsin.assessment import Tier
from tocsin.cli import scan as command
from tocsin.service.scan.testing import WordAssessor

POSTS = b"id,text\np-1,plain bread\np-2,hot soup\np-3,\np-4,come to the rugby\n"
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


def test_a_language_column_that_holds_no_tags_can_be_left_unread(tmp_path: Path) -> None:
    (tmp_path / "posts.csv").write_bytes(b"text,language\nsoup,English\n")

    assert run(tmp_path / "posts.csv", "--json").exit_code == command.EXIT_REJECTED
    (row,) = lines_of(run(tmp_path / "posts.csv", "--json", "--language-column", "").stdout)
    assert row["priority"] == 0.9


def test_rows_of_several_inputs_are_told_apart(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(b"soup\n")
    result = run(tmp_path / "a.txt", tmp_path / "b.txt", "--json")

    assert [row["id"] for row in lines_of(result.stdout)] == [
        f"{tmp_path}/{name}:1" for name in ("a.txt", "b.txt")
    ]


def test_an_empty_input_gives_a_valid_output(tmp_path: Path) -> None:
    assert run("--json").stdout == ""
    assert run("--csv").stdout.startswith("id,status,reason,language,level,priority,")
    assert run("--parquet", tmp_path / "out.parquet").exit_code == 0
    assert pq.read_table(tmp_path / "out.parquet").num_rows == 0
    assert "0 rows read" in run().stdout


def test_the_model_is_loaded_as_asked(scorer: list[tuple[Any, ...]]) -> None:
    run("--bundle", "b", "--policy", "p.toml", "--bundle-digest", "sha256:0", "--assume-language", "en")
    run("--tier", "encoder")

    assert scorer == [
        (Path("b"), Path("p.toml"), None, "sha256:0", "en"),
        (None, None, Tier.ENCODER, None, None),
    ]


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
