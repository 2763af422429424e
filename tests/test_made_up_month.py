"""The sample of a made-up review queue fills a folder that commands read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[1] / "samples" / "made_up_month.py"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder that a small one fills, and what is printed."""
    made = tmp_path_factory.mktemp("made-up") / "month"
    command = [sys.executable, str(SAMPLE), str(made), "--posts", "2"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return made, done.stdout


def test_what_it_says_to_try_works(folder: tuple[Path, str]) -> None:
    made, printed = folder
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    commands = re.findall(r"^tocsin review (?:rates|transparency|statements) .*$", printed, re.MULTILINE)
    environment = {**os.environ, "PATH": path, "TOCSIN_REVIEW_COMPLIANCE": str(made / "compliance.toml")}

    assert len(commands) == 3
    for command in commands:
        done = subprocess.run(  # noqa: S602 - as a reader's shell would
            command, shell=True, env=environment, capture_output=True, text=True, check=False, timeout=600
        )
        assert (done.returncode, done.stderr) == (0, ""), command
        assert done.stdout
