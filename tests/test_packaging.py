from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = {name: ROOT / folder for name, folder in PROJECT["tool"]["setuptools"]["package-dir"].items()}


def packages_on_disk() -> set[str]:
    """Return the dotted name of every folder in the rooms that holds a module."""
    found = set()
    for name, folder in ROOMS.items():
        for module in folder.rglob("*.py"):
            parts = module.parent.relative_to(folder).parts
            found.add(".".join((name, *parts)))
    return found


def test_every_package_on_disk_is_declared_so_that_none_vanishes_from_the_wheel() -> None:
    assert packages_on_disk() == set(PROJECT["tool"]["setuptools"]["packages"])


def test_every_package_has_an_init_that_names_what_it_hands_out() -> None:
    for package in sorted(packages_on_disk()):
        name = next(room for room in sorted(ROOMS, key=len, reverse=True) if package.startswith(room))
        folder = ROOMS[name].joinpath(*package[len(name) :].strip(".").split("."))
        assert (folder / "__init__.py").is_file(), package


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"  # a build in place would leave its traces in the checkout
    for name in ("src", "models", "training", "eval", "service"):
        shutil.copytree(
            ROOT / name, source / name, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(source)], check=True, cwd=folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_module_the_default_bundle_and_the_policy(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    modules = {
        "/".join((*name.split("."), *module.relative_to(folder).parts))
        for name, folder in ROOMS.items()
        for module in folder.rglob("*.py")
    }
    bundle = {f"tocsin/models/default/{path.name}" for path in (ROOT / "models" / "default").iterdir()}

    assert modules | bundle | {"tocsin/policy/default.toml", "tocsin/py.typed"} <= inside
    assert not [name for name in inside if not name.startswith(("tocsin/", "tocsin-"))]


def test_the_base_install_asks_for_no_training_library(wheel: Path) -> None:
    metadata = next(name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("METADATA"))
    lines = zipfile.ZipFile(wheel).read(metadata).decode().splitlines()
    base = [line for line in lines if line.startswith("Requires-Dist") and "extra ==" not in line]

    assert base
    for heavy in ("torch", "transformers", "datasets", "scikit-learn", "scipy", "pyarrow", "pandas"):
        assert not [line for line in base if f" {heavy}" in line]
