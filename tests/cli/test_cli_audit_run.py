import io
import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.cli.audit.progress import Counter, watched
from tocsin.cli.scan_run import EXIT_INTERRUPTED, EXIT_REJECTED
from tocsin.errors import BundleError, InputError
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.local_engine import LocalEngine
from tocsin.service.audit.manifest import read_manifest

POSTS = [
    {"key": f"p-{number}", "body": body, "place": place, "views": number}
    for number, (body, place) in enumerate(
        [
            ("whisk the butter and simmer the garlic", "Quell"),
            ("the keeper of the league", None),
            ("", "Zorbia"),
        ]
        * 4
    )
]
COLUMNS = ["--text-column", "body", "--id-column", "key"]


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """Return a file of twelve posts."""
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps(post) + "\n" for post in POSTS), encoding="utf-8")
    return path


@pytest.fixture
def audit(toy_bundle: Path, tmp_path: Path) -> Callable[..., Result]:
    """Return what audits with the toy bundle into a folder."""

    def run_with(*arguments: str | Path) -> Result:
        shared: list[str | Path] = [
            "--out",
            tmp_path / "out",
            "--bundle",
            toy_bundle,
            "--workers",
            "1",
            "--part-rows",
            "5",
        ]
        return run("audit", "run", *shared, *arguments)

    return run_with


def test_what_comes_out_is_what_a_scan_says_beside_what_travels(
    audit: Callable[..., Result], posts: Path, toy_bundle: Path, tmp_path: Path
) -> None:
    scanned = tmp_path / "scan.parquet"
    run("scan", posts, *COLUMNS, "--bundle", toy_bundle, "--parquet", scanned)

    result = audit(posts, *COLUMNS, "--slice", "place", "--weight", "views")

    assert result.exit_code == 0
    assert result.stdout == ""
    assert "tocsin: 12 rows read in" in result.stderr
    assert f"4 unscorable; 0 rejected; all of it is in {tmp_path / 'out'}" in result.stderr
    parts = AuditLayout(tmp_path / "out").scored_parts()
    rows = [row for part in parts for row in pq.read_table(part).to_pylist()]
    assert len(parts) == 3
    beside = [(row.pop("source"), row.pop("place"), row.pop("slice_place"), row.pop("views")) for row in rows]
    assert rows == pq.read_table(scanned).to_pylist()
    assert beside == [(0, place, post["place"], post["views"]) for place, post in enumerate(POSTS, start=1)]


def test_the_manifest_says_by_what_it_was_audited(
    audit: Callable[..., Result], posts: Path, toy_bundle: Path, tmp_path: Path
) -> None:
    audit(posts, *COLUMNS, "--assume-language", "none", "--max-expansion", "7", "--tier", "screen")

    manifest = read_manifest(AuditLayout(tmp_path / "out"))
    told = json.loads((toy_bundle / "bundle.json").read_text("utf-8"))
    assert (manifest.model.name, manifest.model.version) == (told["name"], told["version"])
    assert manifest.model.digest.startswith("sha256:")
    assert manifest.policy.names == ("incitement", "recruitment", "extremist_promotion", "hate")
    assert manifest.tier == "screen"
    assert manifest.settings.model_dump() == {
        "assume_language": "none",
        "max_characters": 20_480,
        "loss": None,
        "check": 0.01,
        "refit": None,
        "spans": False,
        "record_bytes": 1024 * 1024,
        "expansion": 7,
        "part_rows": 5,
    }
    assert manifest.counts.read == 12


def test_a_summary_in_json_is_one_object_and_rejected_rows_have_an_exit_code(
    audit: Callable[..., Result], posts: Path
) -> None:
    with posts.open("a", encoding="utf-8") as file:
        file.write("{\n")

    result = audit(posts, *COLUMNS, "--json")

    assert result.exit_code == EXIT_REJECTED
    summary = json.loads(result.stdout)
    assert summary["counts"]["rejected"] == 1
    assert summary["counts"]["read"] == summary["rows_this_run"] == 13
    assert result.stderr == ""


def test_a_complete_audit_says_the_same_again_and_has_nothing_to_do(
    audit: Callable[..., Result], posts: Path
) -> None:
    first = audit(posts, *COLUMNS)

    again = audit(posts, *COLUMNS)

    assert (again.exit_code, again.stderr) == (0, first.stderr)
    assert json.loads(audit(posts, *COLUMNS, "--json").stdout)["rows_this_run"] == 0


def test_quiet_is_quiet(audit: Callable[..., Result], posts: Path) -> None:
    result = audit(posts, *COLUMNS, "--quiet")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_a_schema_may_come_from_a_file(audit: Callable[..., Result], posts: Path, tmp_path: Path) -> None:
    schema = tmp_path / "schema.toml"
    schema.write_text('text = "nothing"\nid = "key"\n[slices]\nviews = "string"\n', encoding="utf-8")

    assert audit(posts, "--schema", schema, "--text-column", "body").exit_code == 0

    (_, kind), *_ = [
        (one.column, one.kind) for one in read_manifest(AuditLayout(tmp_path / "out")).columns.slices
    ]
    assert kind == "string"


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        pytest.param(["--tier", "screen", "--slice", "place"], "columns slices was", id="slices"),
        pytest.param(
            ["--assume-language", "none"], "settings assume_language was en, is none", id="a setting"
        ),
        pytest.param(["--max-record-bytes", "99"], "settings record_bytes was 1048576, is 99", id="a limit"),
    ],
)
def test_another_command_in_the_same_folder_is_refused(
    audit: Callable[..., Result], posts: Path, changed: list[str], why: str
) -> None:
    audit(posts, *COLUMNS)

    with pytest.raises(InputError, match=why):
        audit(posts, *COLUMNS, *changed)


def test_a_bundle_that_is_not_the_one_that_was_pinned_is_refused(
    audit: Callable[..., Result], posts: Path
) -> None:
    with pytest.raises(BundleError):
        audit(posts, *COLUMNS, "--bundle-digest", "sha256:" + "0" * 64)


def test_an_interrupted_run_says_that_the_same_command_goes_on(
    audit: Callable[..., Result], posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: LocalEngine, units: Any, scoring: Any) -> Generator[Any, None, None]:
        score = scoring.open()
        yield scoring.keep(score(next(units)))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(LocalEngine, "run", interrupted)
        result = audit(posts, *COLUMNS)
    assert result.exit_code == EXIT_INTERRUPTED
    assert "tocsin: interrupted; 5 rows are done, and the same command goes on" in result.stderr

    summary = json.loads(audit(posts, *COLUMNS, "--json").stdout)
    assert (summary["rows_this_run"], summary["counts"]["read"]) == (7, 12)


def test_progress_is_drawn_on_a_terminal_only_and_tells_rate_and_time_left() -> None:
    drawn: dict[bool, str] = {}
    for terminal in (True, False):
        stream = io.StringIO()
        with watched(1000, Console(file=stream, force_terminal=terminal, width=120), quiet=False) as counter:
            counter.skipped(100)
            counter.done(50, 450)
        drawn[terminal] = stream.getvalue()

    assert "auditing" in drawn[True]
    assert drawn[False] == ""


def test_the_time_left_counts_what_this_run_has_read_of_what_there_is() -> None:
    seconds = iter([0.0, 0.0, 10.0, 10.0, 90.0, 9000.0])
    counter = Counter(lambda: next(seconds))

    assert counter.told(10_000) == "starting"
    counter.skipped(5_000)
    counter.done(2_000, 1_000)
    assert counter.told(10_000) == "2,000 rows, 200 a second, 40 s left"
    assert counter.told(8_000) == "2,000 rows, 200 a second, 20 s left"
    assert counter.told(10_000) == "2,000 rows, 22 a second, 6 min left"
    assert counter.told(10_000) == "2,000 rows, 0 a second, 10.0 h left"
