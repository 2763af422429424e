from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("core", "models", "training", "eval", "service", "cli")

UPWARD = [
    pytest.param("core", "models", id="core knows nothing above it"),
    pytest.param("models", "training", id="models know nothing of training"),
    pytest.param("models", "cli", id="models know nothing of the command line"),
    pytest.param("training", "eval", id="training and eval meet in files"),
    pytest.param("eval", "training", id="eval and training meet in files"),
    pytest.param("service", "training", id="service and training meet in files"),
    pytest.param("service", "eval", id="service and eval meet in files"),
    pytest.param("service", "cli", id="only the command line is on top"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the project's own contracts on a made-up package."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    return subprocess.run(
        [*command, "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(folder)},
    )


def house(folder: Path) -> Path:
    """Lay out an empty package with our names and our contracts."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = [name for line in contracts["contracts"][0]["layers"] for name in line.split(" | ")]
    package = folder / "tocsin"
    rooms = ["service/audit", "service/audit/reporting", "service/api", "cli/audit"]  # that contracts name
    for name in (*layers, *rooms):
        (package / name).mkdir(parents=True)
        (package / name / "__init__.py").touch()
    (package / "__init__.py").touch()
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(text[text.index("[tool.importlinter]") :], encoding="utf-8")
    return package


def test_the_contracts_hold_for_a_house_without_imports(tmp_path: Path) -> None:
    house(tmp_path)
    linted = lint(tmp_path)

    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(("importer", "imported"), UPWARD)
def test_an_import_against_the_direction_breaks_the_contracts(
    tmp_path: Path, importer: str, imported: str
) -> None:
    package = house(tmp_path)
    home = "signals" if importer == "core" else importer
    (package / home / "__init__.py").write_text(f"import tocsin.{imported}\n", encoding="utf-8")

    assert lint(tmp_path).returncode == 1


@pytest.mark.parametrize("room", ["models", "service"])
def test_scoring_and_serving_may_not_import_what_training_needs(tmp_path: Path, room: str) -> None:
    package = house(tmp_path)
    (package / room / "__init__.py").write_text("import sklearn\n", encoding="utf-8")

    assert lint(tmp_path).returncode == 1


@pytest.mark.parametrize(
    ("importer", "imported", "holds"),
    [
        pytest.param("service/api", "matplotlib", False, id="the server draws nothing"),
        pytest.param("service/api", "tocsin.page.svg", False, id="nor by way of a page"),
        pytest.param("service/audit", "tocsin.page.svg", False, id="nor does the rest of an audit"),
        pytest.param("models", "tocsin.page.svg", False, id="nor a scorer"),
        pytest.param("service/audit/reporting", "tocsin.page.svg", True, id="an audit's report does"),
        pytest.param("service/audit", "tocsin.service.audit.reporting", False, id="audits know no report"),
        pytest.param("service/api", "tocsin.service.audit.reporting", False, id="the server writes none"),
        pytest.param("cli/audit", "tocsin.service.audit.reporting", True, id="the command line does"),
    ],
)
def test_matplotlib_is_for_an_audits_report_alone(
    tmp_path: Path, importer: str, imported: str, holds: bool
) -> None:
    package = house(tmp_path)
    (package / "page" / "svg.py").write_text("import matplotlib\n", encoding="utf-8")
    (package / "service/audit/reporting/pictures.py").write_text("import tocsin.page.svg\n", "utf-8")
    (package / importer / "drawing.py").write_text(f"import {imported}\n", encoding="utf-8")

    linted = lint(tmp_path)

    assert (linted.returncode == 0) is holds, linted.stdout


def test_a_module_that_no_layer_names_breaks_the_contracts(tmp_path: Path) -> None:
    package = house(tmp_path)
    (package / "stray.py").touch()

    assert lint(tmp_path).returncode == 1
