from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tocsin.cli.app import app
from tocsin.errors import InputError, MissingExtraError
from tocsin.service.audit import AuditLayout
from tocsin.service.audit.manifest import write_manifest
from tocsin.service.audit.reporting import ReportRecord
from tocsin.service.audit.reporting.testing import audit_posts, label, timed_posts


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def layout(tmp_path: Path) -> AuditLayout:
    found, manifest = audit_posts(tmp_path, timed_posts(300), time="at")
    label(found, manifest, lambda _, place: "yes" if place % 9 == 0 else "no", labels=100)
    return found


def test_it_writes_the_page_and_the_file_and_says_how_much(layout: AuditLayout) -> None:
    result = run("audit", "report", layout.root)

    report = ReportRecord.model_validate_json(layout.report_json.read_bytes())
    assert result.stdout == ""
    assert result.stderr.splitlines()[0] == f"tocsin: {report.findings['appeal'][0]}"
    assert str(layout.report) in result.stderr
    assert "How much, where, how sure" in layout.report.read_text("utf-8")


def test_json_is_what_the_file_has(layout: AuditLayout) -> None:
    result = run("audit", "report", layout.root, "--json")

    assert json.loads(result.stdout) == json.loads(layout.report_json.read_text("utf-8"))


def test_quiet_says_nothing(layout: AuditLayout) -> None:
    result = run("audit", "report", layout.root, "--quiet")

    assert (result.stdout, result.stderr) == ("", "")
    assert layout.report.is_file()


def test_plots_go_into_their_own_folder(layout: AuditLayout, tmp_path: Path) -> None:
    result = run("audit", "report", layout.root, "--plots", tmp_path / "plots")

    drawn = list((tmp_path / "plots").iterdir())
    assert f"{len(drawn)} plots" in result.stderr
    assert {path.suffix for path in drawn} == {".png", ".svg"}


def test_again_it_writes_the_same_bytes(layout: AuditLayout) -> None:
    run("audit", "report", layout.root)
    before = layout.report.read_bytes(), layout.report_json.read_bytes()
    run("audit", "report", layout.root)

    assert (layout.report.read_bytes(), layout.report_json.read_bytes()) == before


def test_an_audit_that_is_not_complete_is_refused(tmp_path: Path) -> None:
    found, manifest = audit_posts(tmp_path, timed_posts(30))
    write_manifest(found, manifest.model_copy(update={"finished": None}))

    with pytest.raises(InputError, match="must be complete"):
        run("audit", "report", found.root)
    assert not found.report.exists()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="must be a folder that 'tocsin audit run' wrote"):
        run("audit", "report", tmp_path)


def test_without_the_extra_the_command_that_installs_it_is_printed(
    layout: AuditLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("matplotlib", "tocsin.page"))]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.startswith("tocsin.service.audit.reporting")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(MissingExtraError, match=r"pip install 'tocsin\[audit\]'"):
        run("audit", "report", layout.root)
