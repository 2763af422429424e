import json
import pkgutil
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

import tocsin

MODULES = [
    "tocsin",
    *sorted(module.name for module in pkgutil.walk_packages(tocsin.__path__, "tocsin.")),
]
ROOMS = ("cli", "eval", "models", "policy", "service", "training")
HEAVY = ("numpy", "scipy", "sklearn", "pyarrow", "safetensors", "py3langid", "datasets", "torch")


def loaded_by(statement: str) -> set[str]:
    """Return which modules a fresh interpreter has loaded after one statement."""
    script = f"{statement}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def module(name: str) -> ModuleType:
    return import_module(name)


def test_every_room_is_looked_into() -> None:
    assert {f"tocsin.{room}" for room in ROOMS} <= set(MODULES)
    assert {"tocsin.errors", "tocsin.models.scorer", "tocsin.service.scan.sink"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_lists_its_public_names(name: str) -> None:
    listed = getattr(module(name), "__all__", None)

    assert listed is not None or name in BARE, f"{name} must have __all__, had none"
    assert len(set(listed or ())) == len(listed or ())


@pytest.mark.parametrize("name", MODULES)
def test_every_listed_name_exists(name: str) -> None:
    for public in getattr(module(name), "__all__", ()):
        assert hasattr(module(name), public), f"{name}.__all__ names {public}, which does not exist"


@pytest.mark.parametrize("name", MODULES)
def test_a_listed_name_is_public(name: str) -> None:
    assert [public for public in getattr(module(name), "__all__", ()) if public[0] == "_"] in (
        [],
        ["__version__"],
    )


# Rooms and folders that hand out nothing.
BARE = {"tocsin.training", "tocsin.service"}


def test_a_room_that_hands_out_nothing_defines_nothing() -> None:
    for name in BARE:
        assert not hasattr(module(name), "__all__"), f"{name} hands out names now: take it from BARE"
        own = {
            public
            for public, value in vars(module(name)).items()
            if not public.startswith("_") and not isinstance(value, ModuleType)
        }
        assert own - {"annotations"} == set()


def test_a_name_of_the_package_is_the_one_that_its_home_defines() -> None:
    homes = {name: module(home) for name, home in tocsin._HOMES.items()}

    assert {*homes, "__version__"} == set(tocsin.__all__)
    for name, home in homes.items():
        assert getattr(tocsin, name) is getattr(home, name)
        assert name in home.__all__


def test_the_version_is_that_of_the_package() -> None:
    assert tocsin.__version__ == version("tocsin")


def test_an_unknown_name_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(AttributeError) as caught:
        _ = tocsin.soup

    assert str(caught.value) == (
        "module 'tocsin' has no attribute 'soup'; it has Assessment, Item, Scorer, Signal, TocsinError,"
        " __version__, load"
    )


def test_the_package_alone_loads_nothing_heavy() -> None:
    loaded = loaded_by("import tocsin")

    assert not loaded & {*HEAVY, "pydantic", "rich", "typer"}
    assert [name for name in loaded if name.startswith("tocsin")] == ["tocsin"]


@pytest.mark.parametrize("name", ["tocsin.cli", "tocsin.cli.app"])
def test_the_command_line_answers_before_anything_heavy_is_loaded(name: str) -> None:
    loaded = loaded_by(f"import {name}")

    assert name in loaded
    assert not loaded & {*HEAVY, "tocsin.models", "tocsin.training", "tocsin.eval"}


def test_scoring_loads_nothing_that_only_training_needs(toy_bundle: Path) -> None:
    loaded = loaded_by(f"import tocsin; tocsin.load({str(toy_bundle)!r}).assess(['hot soup'])")

    assert "tocsin.models.scorer" in loaded
    assert not loaded & {"scipy", "sklearn", "torch", "datasets", "transformers", "pandas", "tocsin.training"}
