import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError, MalformedRowError
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.estimating import read_estimates
from tocsin.service.audit.sampling.testing import write_audit

ROWS = 600
RANDOM = np.random.default_rng(7)
TRUTH = (RANDOM.random(ROWS) < 0.2).astype(float)
SCORES = np.clip(0.1 + 0.6 * TRUTH + 0.2 * RANDOM.random(ROWS), 0, 1)
TOWNS = RANDOM.choice(["north", "south", "isle"], ROWS, p=[0.6, 0.39, 0.01]).tolist()


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def layout(tmp_path: Path) -> AuditLayout:
    posts = tmp_path / "posts.csv"
    with posts.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "text", "town"])
        writer.writerows([f"p-{row + 1}", f"soup number {row + 1}", TOWNS[row]] for row in range(ROWS))
    found, _ = write_audit(
        tmp_path / "out", {"soup": SCORES}, slices={"town": TOWNS}, inputs=[posts], first=2
    )
    return found


@pytest.fixture
def labelled(layout: AuditLayout, tmp_path: Path) -> Callable[..., Path]:
    """Return what draws a sample and fills it in by the truth."""

    def fill(*options: str, delimiter: str = ",") -> Path:
        run("audit", "sample", layout.root, "--labels", "200", "--seed", "3", "--quiet", *options)
        with layout.sample_csv.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            row["label_soup"] = "yes" if TRUTH[int(row["place"]) - 2] else "no"
        path = tmp_path / "labels.csv"
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
            writer.writeheader()
            writer.writerows(rows)
        return path

    return fill


def test_a_sample_says_how_it_was_drawn(layout: AuditLayout) -> None:
    result = run("audit", "sample", layout.root, "--labels", "100", "--seed", "3", "--json")

    told = json.loads(result.stdout)
    assert (told["labels"], told["rows"], told["seed"]) == (100, ROWS, 3)
    assert 0.75 * 100 / ROWS * 0.8 < told["lowest_probability"] < told["highest_probability"] <= 1
    assert json.loads(layout.sample_design.read_text())["seed"] == 3
    assert "soup number" not in layout.sample_csv.read_text(encoding="utf-8-sig")


def test_without_a_seed_each_sample_is_another_and_says_its_own(layout: AuditLayout) -> None:
    seeds = set()
    for _ in range(3):
        result = run("audit", "sample", layout.root, "--labels", "50", "--force")
        seeds.add(result.stderr.rpartition("seed ")[2].strip())

    assert len(seeds) == 3


@pytest.mark.parametrize("kind", [[], ["--jsonl"]], ids=["csv", "jsonl"])
def test_texts_are_put_in_where_asked_for(layout: AuditLayout, kind: list[str]) -> None:
    run("audit", "sample", layout.root, "--labels", "50", "--seed", "1", "--with-text", *kind)

    if kind:
        rows = [json.loads(line) for line in layout.sample_jsonl.read_text().splitlines()]
    else:
        with layout.sample_csv.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    assert len(rows) == 50
    assert all(row["text"] == f"soup number {row['id'].removeprefix('p-')}" for row in rows)


def test_texts_of_an_input_that_has_changed_are_refused(layout: AuditLayout, tmp_path: Path) -> None:
    with (tmp_path / "posts.csv").open("a") as stream:
        stream.write("p-x,another soup,north\n")

    with pytest.raises(InputError, match="must be what was audited, has changed since"):
        run("audit", "sample", layout.root, "--labels", "50", "--with-text")
    assert not layout.sample_csv.exists()


def test_a_sample_that_may_be_filled_in_is_not_replaced(layout: AuditLayout) -> None:
    run("audit", "sample", layout.root, "--labels", "50", "--seed", "1")
    before = layout.sample_csv.read_bytes()

    with pytest.raises(InputError, match="must not be there yet"):
        run("audit", "sample", layout.root, "--labels", "50", "--seed", "2")
    assert layout.sample_csv.read_bytes() == before
    run("audit", "sample", layout.root, "--labels", "50", "--seed", "2", "--force")
    assert layout.sample_csv.read_bytes() != before


def test_each_value_of_a_column_gets_its_least(layout: AuditLayout) -> None:
    run("audit", "sample", layout.root, "--labels", "100", "--seed", "1", "--by", "town", "--least", "40")

    groups = json.loads(layout.sample_design.read_text())["groups"]
    told = {
        group["value"]: sum(one["labels"] for one in group["strata"]) for group in groups if group["value"]
    }
    assert set(told) == {"north", "south"}
    assert min(told.values()) >= 40


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_tables_have_every_figure(layout: AuditLayout, labelled: Callable[..., Path], delimiter: str) -> None:
    result = run("audit", "estimate", layout.root, "--labels", labelled(delimiter=delimiter))

    (soup,) = read_estimates(layout).policies
    assert soup.prevalence.powered is not None
    assert f"{100 * soup.prevalence.powered.value:.3g}%" in result.stdout
    for heading in (
        "How common it is",
        "How the levels do",
        "By town",
        "By language",
        "at most",
        "more labels",
    ):
        assert heading in result.stdout
    assert "isle" not in result.stdout
    assert "Not shown: 1 values with fewer than 20 rows" in result.stdout


def test_json_is_what_is_in_the_file(layout: AuditLayout, labelled: Callable[..., Path]) -> None:
    result = run("audit", "estimate", layout.root, "--labels", labelled(), "--json", "--slice", "town")

    assert json.loads(result.stdout) == json.loads(layout.estimates.read_text())
    assert list(json.loads(result.stdout)["policies"][0]["cuts"]) == ["town"]


def test_nothing_is_told_apart_where_nothing_should_be(
    layout: AuditLayout, labelled: Callable[..., Path]
) -> None:
    result = run("audit", "estimate", layout.root, "--labels", labelled(), "--no-slices", "--quiet")

    assert result.stdout == ""
    assert read_estimates(layout).policies[0].cuts == {}


def test_both_slices_and_none_are_wrong_usage(layout: AuditLayout, labelled: Callable[..., Path]) -> None:
    both = ["--slice", "town", "--no-slices"]

    assert run("audit", "estimate", layout.root, "--labels", labelled(), *both).exit_code == 2


def test_rows_without_a_label_are_counted_aloud(layout: AuditLayout, labelled: Callable[..., Path]) -> None:
    path = labelled()
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:151]))
    result = run("audit", "estimate", layout.root, "--labels", path, "--no-slices")

    assert "of 200 rows drawn 50 have no label and 0 are unsure" in result.stdout


def test_a_label_that_cannot_be_used_names_its_row(
    layout: AuditLayout, labelled: Callable[..., Path]
) -> None:
    path = labelled()
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines, lines[1]]))

    with pytest.raises(MalformedRowError, match=r"labels\.csv, row 202: .* must come once, came in row 2"):
        run("audit", "estimate", layout.root, "--labels", path)
    assert not layout.estimates.exists()


def test_an_audit_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be a folder that 'tocsin audit run' wrote"):
        run("audit", "sample", tmp_path)
