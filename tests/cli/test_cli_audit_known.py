import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.estimating import read_estimates
from tocsin.service.audit.known.testing import CHOIR, audited, known_cells
from tocsin.service.audit.schema import AskedSchema

FRIDAY, SUNDAY = CHOIR.format("Friday"), CHOIR.format("Sunday")
UNLIKE = [hashlib.sha256(bytes([row])).hexdigest() for row in range(160)]
TEXTS = [(FRIDAY, SUNDAY, "lol", UNLIKE[row])[row % 4] for row in range(160)]


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def layout(tmp_path: Path) -> AuditLayout:
    posts: list[dict[str, Any]] = [
        {"id": f"p-{row}", "text": text, "when": f"2031-05-{1 + row % 9:02}"}
        for row, text in enumerate(TEXTS)
    ]
    return audited(tmp_path, posts, AskedSchema(time="when"), part_rows=50)


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def fill(layout: AuditLayout, path: Path) -> Path:
    """Fill the sample in: choirs on Fridays break the policy."""
    rows = lines(layout.sample_csv)
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        for row in rows:
            told = "yes" if TEXTS[int(row["place"]) - 1] == FRIDAY else "no"
            writer.writerow(row | {"label_appeal": told})
    return path


def test_the_table_says_what_came_again_and_when_and_no_text(layout: AuditLayout) -> None:
    result = run("audit", "known", layout.root)

    assert "2031-05-01 to 2031-05-09" in result.stdout
    assert "p-0" in result.stdout
    assert "80 rows are in clusters: 1 of them, 1 of 20 rows or more" in result.stdout
    assert "40 rows are too short to have near copies" in result.stdout
    assert "choir" not in result.stdout + result.stderr
    assert len(known_cells(layout, "near")) == 160


def test_json_is_what_is_in_the_file_and_quiet_says_nothing(layout: AuditLayout) -> None:
    result = run("audit", "known", layout.root, "--json", "--quiet")
    assert json.loads(result.stdout) == json.loads(layout.known_record.read_text())

    assert run("audit", "known", layout.root, "--quiet").stdout == ""


def test_a_list_goes_out_and_is_known_again(layout: AuditLayout, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    out = run("audit", "known", layout.root, "--write-hashes", path, "--least", "30", "--bands")
    assert f"2 digests are in {path}" in out.stderr.replace("\n", "")

    result = run("audit", "known", layout.root, "--hashes", path)

    assert "What lists knew" in result.stdout
    assert "list.csv: 2 digests, 2 with bands." in result.stdout
    assert known_cells(layout, "known")[:4] == ["cluster", "cluster", None, None]


def test_labels_go_out_as_a_keyed_list(layout: AuditLayout, tmp_path: Path) -> None:
    key, path = tmp_path / "key", tmp_path / "list.csv"
    key.write_text("a key that only the Zorbians know, all of them")
    run("audit", "known", layout.root, "--quiet")
    run("audit", "sample", layout.root, "--labels", "60", "--seed", "3", "--quiet")
    labels = fill(layout, tmp_path / "labels.csv")

    run(
        "audit", "known", layout.root, "--key", key, "--write-hashes", path, "--from-labels", labels,
        "--policy", "appeal",
    )  # fmt: skip

    assert path.read_text().count(",appeal,") == 1
    assert "# algorithm: hmac-sha256" in path.read_text()
    with pytest.raises(InputError, match="the algorithm of a hash list must be 'sha256'"):
        run("audit", "known", layout.root, "--hashes", path)
    assert "appeal" in run("audit", "known", layout.root, "--hashes", path, "--key", key).stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ["--from-labels", "labels.csv"],
        ["--policy", "appeal"],
        ["--from-labels", "labels.csv", "--policy", "appeal"],
        ["--bands"],
        ["--least", "1"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_wrong_usage(layout: AuditLayout, wrong: list[str]) -> None:
    assert run("audit", "known", layout.root, *wrong).exit_code == 2


def test_a_policy_that_the_audit_has_not_is_refused(layout: AuditLayout, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a policy must be one of appeal, was 'soup'"):
        run(
            "audit", "known", layout.root, "--write-hashes", tmp_path / "list.csv", "--from-labels",
            tmp_path / "labels.csv", "--policy", "soup",
        )  # fmt: skip


def test_copies_are_labelled_once_where_they_are_known(layout: AuditLayout, tmp_path: Path) -> None:
    draw = ("audit", "sample", layout.root, "--labels", "80", "--seed", "3", "--force", "--with-text")
    each = json.loads(run(*draw, "--json").stdout)
    assert (each["lines"], "copies" in lines(layout.sample_csv)[0]) == (80, False)
    run("audit", "estimate", layout.root, "--labels", fill(layout, tmp_path / "each.csv"), "--quiet")
    before = read_estimates(layout)
    run("audit", "known", layout.root, "--quiet")

    result = run(*draw)
    rows = lines(layout.sample_csv)
    run("audit", "estimate", layout.root, "--labels", fill(layout, tmp_path / "once.csv"), "--quiet")

    assert f"(copies once: {len(rows)} lines)" in result.stderr.replace("\n", " ")
    assert len({row["text"] for row in rows}) == len(rows) < 40
    assert sum(int(row["copies"]) for row in rows) == 80
    assert read_estimates(layout).policies == before.policies


def test_each_copy_is_labelled_where_that_is_asked_for(layout: AuditLayout) -> None:
    run("audit", "known", layout.root, "--quiet")
    run("audit", "sample", layout.root, "--labels", "80", "--seed", "3", "--each", "--quiet")

    assert len(lines(layout.sample_csv)) == 80
    assert json.loads(layout.sample_design.read_text())["copies"] is None


def test_near_copies_are_labelled_once_only_where_they_are_known_and_asked_for(layout: AuditLayout) -> None:
    with pytest.raises(InputError, match="--near needs to know copies"):
        run("audit", "sample", layout.root, "--near")
    run("audit", "known", layout.root, "--quiet")
    assert run("audit", "sample", layout.root, "--near", "--each").exit_code == 2

    run("audit", "sample", layout.root, "--labels", "80", "--seed", "3", "--near", "--quiet")

    choirs = [row for row in lines(layout.sample_csv) if TEXTS[int(row["place"]) - 1] in {FRIDAY, SUNDAY}]
    assert len(choirs) == 1


def test_an_audit_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be a folder that 'tocsin audit run' wrote"):
        run("audit", "known", tmp_path)
