from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / "src" / "tocsin" / "page"
CSS = (SHARED / "templates" / "page.css").read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, after WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("place", [0, 1, 2], ids=["light", "dark", "print"])
def test_every_colour_of_words_contrasts_with_what_it_stands_on(place: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", CSS, flags=re.DOTALL)
    assert len(blocks) == 3
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[place]))

    for words, ground in [
        *((one, on) for one in ("ink", "muted", "accent", "mark") for on in ("paper", "panel")),
        ("mark", "mark-paper"),
    ]:
        light, dark = sorted((luminance(colours[words]), luminance(colours[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{words} on {ground}"


def test_every_colour_that_is_used_is_declared_for_light_dark_and_print() -> None:
    used = set(re.findall(r"var\(--([a-z-]{3,})\)", CSS)) - {"tone"}

    for block in re.findall(r":root \{(.*?)\}", CSS, flags=re.DOTALL):
        assert used <= set(re.findall(r"--([\w-]+):", block))


@pytest.mark.parametrize(
    ("package", "room", "template"),
    [
        ("tocsin.page", SHARED, "page.css"),
        ("tocsin.eval.page", ROOT / "eval" / "page", "page.html"),
        ("tocsin.service.audit.reporting", ROOT / "service" / "audit" / "reporting", "report.html"),
    ],
)
def test_every_template_is_declared_so_that_none_vanishes_from_the_wheel(
    package: str, room: Path, template: str
) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"][package]
    beside_code = {
        path.relative_to(room).as_posix()
        for path in room.rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }

    assert f"templates/{template}" in beside_code
    assert {path for path in beside_code if not any(fnmatch(path, one) for one in patterns)} == set()
