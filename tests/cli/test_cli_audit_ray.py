"""The engine of an audit, asked for on the command line."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer

from tocsin.cli.audit.engines import EngineName, EnginePlan
from tocsin.cli.scan_run import EXIT_INTERRUPTED
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.local_engine import LocalEngine, cores
from tocsin.service.audit.ray import RayEngine

pytest.importorskip("ray", reason="needs Ray: pip install 'tocsin[ray]'")

PARTS = 40
PART_ROWS = 50


@pytest.fixture
def command(toy_bundle: Path, tmp_path: Path) -> list[str]:
    """Return the command that audits posts which make forty parts, all but its folder and engine."""
    posts = tmp_path / "posts.jsonl"
    line = json.dumps({"text": "whisk the butter and simmer the garlic"}) + "\n"
    posts.write_text(line * PARTS * PART_ROWS, encoding="utf-8")
    tocsin = [sys.executable, "-m", "tocsin.cli", "audit", "run", str(posts), "--bundle", str(toy_bundle)]
    return [*tocsin, "--workers", "1", "--part-rows", str(PART_ROWS)]


def session(leader: int) -> list[str]:
    """Return the live processes of a session, by what the system says of them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, number, *_ = path.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(number) == leader and state != "Z":
            found.append(path.parent.name)
    return found


def test_interrupted_under_ray_the_same_command_goes_on_with_either_engine(
    command: list[str], tmp_path: Path
) -> None:
    out, whole = tmp_path / "out", tmp_path / "whole"
    process = subprocess.Popen(
        [*command, "--out", str(out), "--engine", "ray"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 240
    while not AuditLayout(out).scored_parts() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does
    _, said = process.communicate(timeout=120)

    assert process.returncode == EXIT_INTERRUPTED
    assert "rows are done, and the same command goes on" in said
    assert len(said.splitlines()) == 1  # Ray has nothing to say
    done = len(AuditLayout(out).scored_parts())
    assert 0 < done < PARTS
    while session(process.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert session(process.pid) == []

    for folder in (out, whole):
        subprocess.run([*command, "--out", str(folder), "--engine", "local", "--quiet"], check=True)
    ours, theirs = AuditLayout(out).scored_parts(), AuditLayout(whole).scored_parts()
    assert [path.read_bytes() for path in ours] == [path.read_bytes() for path in theirs]
    assert len(ours) == PARTS


def test_each_engine_is_made_from_what_was_asked_for() -> None:
    assert isinstance(EnginePlan(EngineName.LOCAL, None, None, None).make(), LocalEngine)
    assert isinstance(EnginePlan(EngineName.RAY, None, "head:6379", 9).make(), RayEngine)
    assert EnginePlan(EngineName.LOCAL, None, None, None).processes() == cores()
    assert EnginePlan(EngineName.LOCAL, 3, None, None).processes() == 3


@pytest.mark.parametrize(
    ("address", "timeout", "option"),
    [("head:6379", None, "--ray-address"), (None, 9, "--ray-timeout")],
    ids=["an address", "a time-out"],
)
def test_what_only_ray_needs_is_refused_without_it(
    address: str | None, timeout: int | None, option: str
) -> None:
    with pytest.raises(typer.BadParameter, match=f"{option} needs --engine ray, was local"):
        EnginePlan(EngineName.LOCAL, None, address, timeout)
