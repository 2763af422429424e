"""What the documentation names is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
        ROOT / "samples" / "README.md",
        *(ROOT / "docs").rglob("*.md"),
    ]
)
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
MAKE = re.compile(r"(?:`|\$ (?:\w+=\S+ )?)make ([a-z]+)")
ESTIMATE = re.compile(r"\d[\d.]*%? \[[^\]]+\]")
ROOMS = ("src", "models", "training", "eval", "service", "tests", "docs", "samples", ".ci")
TOP_FILES = re.compile(r"(?:[A-Z]+\.md|LICENSE|Makefile|pyproject\.toml|constraints\.txt)")
MADE = {"build", "dist", "out", "__pycache__"}
HOSTS = tuple(
    ".".join(parts).encode()
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("anaconda", "org"),
        ("crates", "io"),
        ("golang", "org"),
    )
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    titles = HEADING.findall(prose(path))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def repository_paths(path: Path) -> Iterator[str]:
    for code in CODE.findall(prose(path)):
        first, slash, _ = code.partition("/")
        if " " not in code and ((slash and first in ROOMS) or TOP_FILES.fullmatch(code)):
            yield code


def repository_files() -> Iterator[Path]:
    for top in ROOT.iterdir():
        if (top.name.startswith(".") and top.name != ".ci") or top.name in MADE or top.suffix == ".egg-info":
            continue
        for path in [top] if top.is_file() else top.rglob("*"):
            if path.is_file() and not MADE & set(path.parts[len(ROOT.parts) :]):
                yield path


@pytest.mark.parametrize("page", DOCS, ids=name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), f"{name(page)} links to {target}"
        assert linked.is_relative_to(ROOT), f"{name(page)} links out of the repository: {target}"
        assert not anchor or anchor in anchors(linked), f"{name(page)} links to no heading: {target}"


@pytest.mark.parametrize("page", DOCS, ids=name)
def test_every_repository_path_in_backticks_exists(page: Path) -> None:
    for path in repository_paths(page):
        found = any(ROOT.glob(path)) if "*" in path else (ROOT / path).exists()
        assert found, f"{name(page)} names {path}"


@pytest.mark.parametrize("page", DOCS, ids=name)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(MAKE.findall(page.read_text(encoding="utf-8")))
    assert named <= targets, f"{name(page)} names {sorted(named - targets)}"


def test_the_readme_gives_the_two_commands_that_a_newcomer_needs() -> None:
    named = MAKE.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"run", "test"} <= set(named)


def test_every_page_below_docs_is_on_the_map() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(index.parent / target.partition("#")[0]).resolve() for target in LINK.findall(prose(index))}
    assert {path for path in (ROOT / "docs").rglob("*.md") if path != index} <= linked


def test_the_figures_in_the_readme_are_those_of_the_card() -> None:
    parts = (ROOT / "README.md").read_text(encoding="utf-8").split("<!-- figures -->")
    assert len(parts) == 3
    shown = ESTIMATE.findall(parts[1])
    measured = set(
        ESTIMATE.findall((ROOT / "models" / "default" / "cascade-card.md").read_text(encoding="utf-8"))
    )
    assert shown
    assert set(shown) <= measured


def test_the_sample_queue_has_sixty_posts_with_ids_of_their_own() -> None:
    lines = (ROOT / "samples" / "queue.jsonl").read_text(encoding="utf-8").splitlines()
    posts = [json.loads(line) for line in lines]
    assert len(posts) == 60
    assert all(isinstance(post["text"], str) for post in posts)
    assert {post["id"] for post in posts} == {f"q-{number:03d}" for number in range(1, 61)}
    assert set().union(*posts) == {"id", "text", "language", "community"}


def test_no_file_names_the_host_of_a_package_registry() -> None:
    for path in repository_files():
        content = path.read_bytes()
        assert not any(host in content for host in HOSTS), name(path)
