"""What goes wrong when budgets are fitted: each is one line, and no half file is left."""

import errno
import gzip
import io
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli import thresholds, traffic_run
from tocsin.cli.app import app
from tocsin.errors import BundleError, InputError, MalformedRowError, PolicyError, TocsinError
from tocsin.service.scan import judge_rows, open_outfile
from tocsin.settings import settings

RULES = """version = "7"
[policies.soup]
title = "Cooking"
when = "hate"
severity = "low"
review = "budget 5%"
urgent = "budget 1%"
"""


def jsonl(rows: int) -> bytes:
    records = [{"text": f"hot soup and bread {row}", "language": "en"} for row in range(rows)]
    return "".join(f"{json.dumps(record)}\n" for record in records).encode()


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    path = tmp_path / "soup.toml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture
def traffic(tmp_path: Path) -> Path:
    path = tmp_path / "posts.jsonl"
    path.write_bytes(jsonl(1_000))
    return path


def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    command = ["thresholds", "fit", *map(str, arguments)]
    return CliRunner().invoke(app, command, input=stdin)


def fit(bundle: Path, policy: Path, *arguments: str | Path, stdin: bytes = b"") -> Result:
    return run("--policy", policy, "--bundle", bundle, *arguments, stdin=stdin)


def refused(kind: type[TocsinError], result: Result) -> str:
    assert isinstance(result.exception, kind), result.output
    assert "\n" not in str(result.exception)
    return str(result.exception)


def left(folder: Path) -> list[str]:
    """Return the files in a folder, hidden ones too; the cache is not ours."""
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_file_that_is_there_is_replaced_only_if_asked(
    toy_bundle: Path, policy: Path, traffic: Path, tmp_path: Path
) -> None:
    out = tmp_path / "soup.fitted.toml"
    out.write_text("mine", encoding="utf-8")
    said = refused(InputError, fit(toy_bundle, policy, "--traffic", traffic))

    assert said == f"an output must not be there yet (--force replaces it), was {out}"
    assert out.read_text(encoding="utf-8") == "mine"
    assert fit(toy_bundle, policy, "--traffic", traffic, "--force").exit_code == 0
    assert out.read_text(encoding="utf-8").startswith(RULES)


def test_the_name_of_a_fitted_file_is_kept(
    toy_bundle: Path, policy: Path, traffic: Path, tmp_path: Path
) -> None:
    fitted = policy.rename(tmp_path / "soup.fitted.toml")
    said = refused(InputError, fit(toy_bundle, fitted, "--traffic", traffic))

    assert said.endswith(f"was {fitted}")


@pytest.mark.parametrize("what", ["traffic", "bundle"])
def test_what_is_read_is_never_overwritten(
    what: str, toy_bundle: Path, policy: Path, traffic: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(traffic if what == "traffic" else toy_bundle / "card.md")
    before = (tmp_path / "link").read_bytes()
    result = fit(toy_bundle, policy, "--traffic", traffic, "--out", tmp_path / "link", "--force")

    assert result.exit_code == 2
    assert "an output must not be an input or a file of the bundle" in " ".join(result.stderr.split())
    assert (tmp_path / "link").read_bytes() == before


def test_an_output_in_no_folder_is_refused_before_anything_is_read(
    toy_bundle: Path, policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic_run, "read_rows", None)
    out = tmp_path / "nowhere" / "out.toml"
    said = refused(InputError, fit(toy_bundle, policy, "--traffic", "-", "--out", out))

    assert said == f"an output must be in a folder that exists, was {out}"


def test_without_a_policy_file_there_is_nothing_to_fit(
    toy_bundle: Path, policy: Path, traffic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ("--bundle", toy_bundle, "--traffic", traffic, "--dry-run")
    without = run(*given)
    assert without.exit_code == 2
    assert "--policy must name a file with a budget" in " ".join(without.stderr.split())

    settings.cache_clear()
    monkeypatch.setenv("TOCSIN_POLICY", str(policy))
    assert run(*given).exit_code == 0


def test_without_traffic_the_usage_is_wrong(toy_bundle: Path, policy: Path) -> None:
    assert fit(toy_bundle, policy).exit_code == 2


def test_a_policy_without_a_budget_is_refused(toy_bundle: Path, policy: Path, traffic: Path) -> None:
    policy.write_text(RULES.replace("budget", "fpr"), encoding="utf-8")
    said = refused(PolicyError, fit(toy_bundle, policy, "--traffic", traffic))

    assert said == f'{policy}: policies: must have a target such as "budget 1%", had none'


def test_too_little_traffic_is_refused_with_what_it_takes(
    toy_bundle: Path, policy: Path, tmp_path: Path
) -> None:
    result = fit(toy_bundle, policy, "--traffic", "-", "--format", "jsonl", stdin=jsonl(999))

    assert refused(InputError, result) == (
        "traffic must suffice to fit a budget in one language, did not:"
        " soup in en: 999 rows of traffic, takes 1,000"
    )
    assert left(tmp_path) == ["soup.toml"]


def test_no_traffic_at_all_is_refused_likewise(toy_bundle: Path, policy: Path) -> None:
    result = fit(toy_bundle, policy, "--traffic", "-", "--format", "jsonl")

    assert "soup in en: 0 rows of traffic, takes 1,000" in refused(InputError, result)


def test_a_budget_that_what_is_urgent_uses_up_is_refused(
    toy_bundle: Path, policy: Path, traffic: Path
) -> None:
    policy.write_text(RULES.replace('"budget 1%"', "0.0"), encoding="utf-8")
    said = refused(PolicyError, fit(toy_bundle, policy, "--traffic", traffic))

    assert said == (
        f"{policy}: policies.soup.review: must leave room for what is urgent at 0, 1,000 of 1,000 rows in en;"
        " was budget 0.05"
    )


def test_rejected_rows_are_said_and_the_rest_counts(toy_bundle: Path, policy: Path, tmp_path: Path) -> None:
    stdin = jsonl(600) + b'{"text": 5}\n' + jsonl(600)
    result = fit(toy_bundle, policy, "--traffic", "-", "--format", "jsonl", stdin=stdin)

    assert result.exit_code == 3
    assert "tocsin: rejected: <stdin>, row 601: 'text' must be a string, was int" in result.stderr
    assert "1,200 rows scored" in result.stdout
    assert "rejected: 1 rows could not be read." in result.stdout
    assert left(tmp_path) == ["soup.fitted.toml", "soup.toml"]


def test_strict_stops_at_the_first_malformed_row(toy_bundle: Path, policy: Path, tmp_path: Path) -> None:
    stdin = jsonl(1_200) + b'{"text": 5}\n'
    result = fit(toy_bundle, policy, "--traffic", "-", "--format", "jsonl", "--strict", stdin=stdin)

    refused(MalformedRowError, result)
    assert left(tmp_path) == ["soup.toml"]


def test_a_damaged_input_leaves_no_file_however_much_was_read(
    toy_bundle: Path, policy: Path, tmp_path: Path
) -> None:
    (tmp_path / "posts.jsonl.gz").write_bytes(gzip.compress(jsonl(2_000))[:-4])
    refused(InputError, fit(toy_bundle, policy, "--traffic", tmp_path / "posts.jsonl.gz"))

    assert left(tmp_path) == ["posts.jsonl.gz", "soup.toml"]


class FullDisk(io.BytesIO):
    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_one_line(
    toy_bundle: Path, policy: Path, traffic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def full(path: Path) -> Iterator[BinaryIO]:
        with open_outfile(path) as file:
            file.write(b"half")
            yield FullDisk()

    monkeypatch.setattr(thresholds, "open_outfile", full)
    said = refused(InputError, fit(toy_bundle, policy, "--traffic", traffic))

    assert said == "an output must be writable to its end: No space left on device"
    assert left(tmp_path) == ["posts.jsonl", "soup.toml"]


def test_an_interruption_writes_nothing(
    toy_bundle: Path, policy: Path, traffic: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(traffic_run, "judge_rows", interrupted)
    result = fit(toy_bundle, policy, "--traffic", traffic)

    assert result.exit_code == 130
    assert "tocsin: interrupted; 0 rows scored, nothing written" in result.stderr
    assert left(tmp_path) == ["posts.jsonl", "soup.toml"]


def test_a_policy_that_is_edited_meanwhile_is_not_overwritten(
    toy_bundle: Path, policy: Path, traffic: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit(*arguments: Any) -> Any:
        policy.write_text(RULES + "# edited\n", encoding="utf-8")
        return judge_rows(*arguments)

    monkeypatch.setattr(traffic_run, "judge_rows", edit)
    said = refused(InputError, fit(toy_bundle, policy, "--traffic", traffic, "--out", policy, "--force"))

    assert said == f"a policy file must not change while it is fitted, did: {policy}"
    assert policy.read_text(encoding="utf-8") == RULES + "# edited\n"


def test_a_pinned_bundle_is_heeded(toy_bundle: Path, policy: Path, traffic: Path) -> None:
    result = fit(toy_bundle, policy, "--traffic", traffic, "--bundle-digest", "sha256:00")

    assert "digest must be sha256:00" in refused(BundleError, result)


def test_a_process_that_is_killed_leaves_no_file(toy_bundle: Path, policy: Path, tmp_path: Path) -> None:
    command = [
        "thresholds",
        "fit",
        "--traffic",
        "-",
        "--format",
        "jsonl",
        "--strict",
        "--policy",
        str(policy),
    ]
    fitting = subprocess.Popen(
        [sys.executable, "-c", "from tocsin.cli import main; main()", *command, "--bundle", str(toy_bundle)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert fitting.stdin is not None
    assert fitting.stderr is not None
    # More than a pipe holds: once this is written, rows are being read.
    fitting.stdin.write(jsonl(20_000))
    fitting.send_signal(signal.SIGKILL)
    fitting.stdin.close()
    fitting.stderr.close()

    assert fitting.wait() == -signal.SIGKILL
    assert left(tmp_path) == ["soup.toml"]
