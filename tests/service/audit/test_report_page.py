"""The page: whole for every audit, the same to the byte, and without a text or a script in it."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.service.audit import AuditLayout
from tocsin.service.audit.known.testing import CHOIR, find
from tocsin.service.audit.manifest import read_manifest
from tocsin.service.audit.reporting import ReportRecord, report_of
from tocsin.service.audit.reporting.page import render_report
from tocsin.service.audit.reporting.testing import audit_posts, label, timed_posts
from tocsin.service.audit.sampling.testing import write_audit
from tocsin.service.audit.testing import PLAIN

HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;$x {{ 7 * 7 }} `<b>` **<u>** </style>"
)
WORDS = (
    "html head meta title style body header main section footer nav h1 h2 h3 p a ul ol li dl dt dd div span"
    " code em strong small i wbr figure figcaption details summary table caption thead tbody tr th td svg g"
    " path use defs clippath rect text"
)
ALLOWED = set(WORDS.split())


class Parser(HTMLParser):
    """Collect what a browser would see: elements, attributes, text, ids and where links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links |= {value or "" for name, value in attrs if name == "href" and tag == "a"}

    def handle_data(self, data: str) -> None:
        self.text += data


def posts(count: int) -> list[dict[str, Any]]:
    return timed_posts(count) + [{"id": f"k-{n}", "text": CHOIR.format(n)} for n in range(25)]


def built(folder: Path, kind: str) -> AuditLayout:
    """Return one kind of audit."""
    if kind == "no rows":
        return audit_posts(folder, [], slices=())[0]
    if kind == "all rejected":
        return audit_posts(folder, [{"id": n} for n in range(30)], slices=())[0]
    if kind == "all unscorable":
        return audit_posts(folder, [{"id": n, "text": " ", "place": "here"} for n in range(30)])[0]
    layout, manifest = audit_posts(folder, posts(400), time="at", weight="views")
    if kind != "nothing beside":
        label(layout, manifest, lambda _, place: "yes" if place % 9 == 0 else "no", labels=150)
    if kind == "everything":
        find(layout)
    return layout


KINDS = ["no rows", "all rejected", "all unscorable", "nothing beside", "estimates", "everything"]


@dataclass(frozen=True)
class Made:
    layout: AuditLayout
    report: ReportRecord
    page: str


@pytest.fixture(scope="module", params=KINDS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    layout = built(tmp_path_factory.mktemp("audit"), request.param)
    report = report_of(layout, read_manifest(layout))
    return Made(layout, report, render_report(report))


def test_every_kind_of_audit_has_a_whole_page(made: Made) -> None:
    page = Parser(made.page)

    assert page.tags <= ALLOWED, page.tags - ALLOWED
    assert len(page.ids) == len(set(page.ids))
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert "How much, where, how sure" in page.text
    assert "What an audit cannot say" in page.text
    assert all(one in made.page for one in (made.report.audit, made.report.model.digest))
    assert "nan" not in re.findall(r"\w+", page.text.lower())


def test_it_asks_for_nothing_from_anywhere(made: Made) -> None:
    assert "default-src 'none'" in made.page
    assert not re.search(r"(?:https?:)?//(?!www\.w3\.org)[\w.]", made.page)
    assert "<script" not in made.page
    assert "@import" not in made.page


def test_the_same_folder_gives_the_same_bytes_wherever_it_lies(made: Made, tmp_path: Path) -> None:
    other = AuditLayout(Path(shutil.copytree(made.layout.root, tmp_path / "copy")))

    again = report_of(other, read_manifest(other))

    assert again.to_json() == made.report.to_json()
    assert render_report(again) == made.page


def test_what_is_read_back_is_what_was_written(made: Made) -> None:
    assert ReportRecord.model_validate_json(made.report.to_json()) == made.report


def test_no_text_of_a_post_is_in_it(made: Made) -> None:
    words = {*PLAIN, "Zorbian", "leek"} - {"and", "the", "with"}

    found = set(re.findall(r"\w+", made.page + made.report.to_json().decode()))

    assert not words & found


def test_without_labels_the_first_screen_says_so_and_what_to_do(tmp_path: Path) -> None:
    layout = built(tmp_path, "nothing beside")

    page = Parser(render_report(report_of(layout, read_manifest(layout)))).text
    first = page[: page.index("Contents")]

    assert "is not known: no labels" in first
    assert "Scores cannot count" in first
    assert "tocsin audit sample OUT --labels 1000 --with-text" in first


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a report as JSON in which every name and value from outside is a word of its own."""
    rows = 60
    layout, manifest = write_audit(
        tmp_path_factory.mktemp("plain") / "out",
        {"POLICY": np.linspace(0.2, 0.9, rows)},
        slices={"COLUMN": [("VALUE", None)[row % 2] for row in range(rows)]},
        inputs=[Path("/nowhere/INPUT")],
    )
    label(layout, manifest, lambda _, place: "yes" if place % 3 else "no", labels=60)
    return json.loads(report_of(layout, manifest).to_json())


def hostile(part: Any, words: str) -> Any:
    """Return JSON with other words wherever there was one from outside."""
    if isinstance(part, dict):
        return {hostile(key, words): hostile(value, words) for key, value in part.items()}
    if isinstance(part, list):
        return [hostile(one, words) for one in part]
    if not isinstance(part, str):
        return part
    for name in ("POLICY", "COLUMN", "VALUE", "INPUT"):
        part = part.replace(name, words)
    return part


def parsed(plain: Any, words: str) -> Parser:
    told = hostile(plain, words)
    told |= {"tocsin": words, "scored_by": words, "model": told["model"] | {"name": words, "version": words}}
    told["policy"] |= {"version": words}
    return Parser(render_report(ReportRecord.model_validate_json(json.dumps(told))))


def test_whatever_a_report_holds_is_text_markup_in_it_survives_nowhere(plain: Any) -> None:
    page = parsed(plain, HOSTILE)

    assert page.tags <= ALLOWED, page.tags - ALLOWED
    assert not {name for name in page.attributes if name.startswith("on") or name == "src"}
    assert page.text.count("<script>alert(1)") > 20
    assert page.text.count("{{ 7 * 7 }}") > 20


MARKUP = st.text(st.sampled_from("<>&\"'`*_/{}%#=;:!-$\\ab1\n\t\u202e\x00\ud7ff 汤"), max_size=24)


@settings(max_examples=6)
@given(words=MARKUP)
def test_no_value_name_or_version_becomes_markup(plain: Any, words: str) -> None:
    page = parsed(plain, words)

    assert page.tags <= ALLOWED, page.tags - ALLOWED
    assert not {one for one in page.attributes if one.startswith("on") or one == "src"}
    assert "\u202e" not in page.text
    assert "\x00" not in page.text
