"""The tutorial of audits runs from nothing, and its estimates hold the truth that was planted."""

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "audit-tutorial.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"<!-- runs -->\n```console\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line[2:] for block in BLOCKS for line in block.splitlines() if line.startswith("$ ")]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, str]]:
    """Run every command of the page, as it stands there; return the folder and what each printed."""
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "samples").symlink_to(ROOT / "samples")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    printed = {}
    for command in COMMANDS:
        done = subprocess.run(  # noqa: S602 - as a reader's shell would
            command,
            shell=True,
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=1800,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        printed[command] = done.stdout
    return folder, printed


def test_every_command_of_the_page_but_those_that_set_up_is_run() -> None:
    shown = re.findall(r"^\$ (.*)$", PAGE, re.MULTILINE)

    assert [one for one in shown if not one.startswith(("source", "pip"))] == COMMANDS
    assert len(COMMANDS) == 10


def test_the_truth_lies_in_every_interval(ran: tuple[Path, Mapping[str, str]]) -> None:
    folder, _ = ran
    posts, calls = Counter[str](), Counter[str]()
    with (folder / "out/platform/truth.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            for part in ("all", row["country"]):
                posts[part] += 1
                calls[part] += row["label_calls"] == "yes"
    told = json.loads((folder / "out/audit/estimates.json").read_text("utf-8"))
    (policy,) = told["policies"]
    figures: dict[str, Mapping[str, Any]] = {"all": policy["prevalence"]} | {
        one["value"]: one["prevalence"] for one in policy["cuts"]["country"]["slices"]
    }

    assert figures.keys() == posts.keys()
    for part, figure in figures.items():
        for kind in ("powered", "classical"):
            assert figure[kind]["low"] <= calls[part] / posts[part] <= figure[kind]["high"], (part, kind)


def test_the_page_tells_the_truth_that_was_planted(ran: tuple[Path, Mapping[str, str]]) -> None:
    (truth,) = [said for command, said in ran[1].items() if " truth " in command]

    assert truth.splitlines()
    assert truth in PAGE


def test_the_report_and_the_flips_are_there_and_the_report_holds_no_post(
    ran: tuple[Path, Mapping[str, str]],
) -> None:
    folder, _ = ran
    report = (folder / "out/audit/report.html").read_text("utf-8")
    with (folder / "out/platform/posts.jsonl").open(encoding="utf-8") as posts:
        texts = [json.loads(next(posts))["text"] for _ in range(200)]

    assert "of posts break" in report
    assert not any(sentence in report for text in texts for sentence in text.split(". "))
    assert (folder / "out/diff/flips.csv").read_text("utf-8-sig").startswith("id,")
