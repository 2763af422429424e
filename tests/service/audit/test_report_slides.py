"""Plots by themselves, as a slide takes them."""

from __future__ import annotations

import struct
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tocsin.errors import InputError
from tocsin.page.dot_figure import Dot
from tocsin.service.audit.manifest import read_manifest
from tocsin.service.audit.reporting import ReportRecord, report_of
from tocsin.service.audit.reporting.slides import pages, write_slides
from tocsin.service.audit.reporting.testing import audit_posts, label, timed_posts
from tocsin.service.audit.sampling.testing import write_audit


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> ReportRecord:
    layout, manifest = audit_posts(
        tmp_path_factory.mktemp("audit"), timed_posts(600), time="at", weight="views"
    )
    label(layout, manifest, lambda _, place: "yes" if place % 9 == 0 else "no", labels=200)
    return report_of(layout, read_manifest(layout))


@pytest.fixture(scope="module")
def written(report: ReportRecord, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_slides(report, tmp_path_factory.mktemp("plots") / "new")


def test_there_is_one_for_each_plot_in_both_formats(written: list[Path]) -> None:
    names = {path.stem for path in written}

    assert {"prevalence", "prevalence-appeal-by-place", "scores-appeal", "flagged-appeal-over-time"} <= names
    assert {path.name for path in written} == {f"{name}.{end}" for name in names for end in ("png", "svg")}
    assert sorted(written) == sorted(written[0].parent.iterdir())


def test_a_picture_is_as_large_as_a_slide(written: list[Path]) -> None:
    for path in written:
        if path.suffix == ".png":
            assert struct.unpack(">II", path.read_bytes()[16:24]) == (1920, 1080)


def test_an_svg_needs_no_font_and_has_colours_of_its_own(written: list[Path]) -> None:
    for path in written:
        if path.suffix == ".svg":
            root = ET.parse(path).getroot()  # noqa: S314 - written here
            assert not list(root.iter("{http://www.w3.org/2000/svg}text"))
            assert "#0b57a4" in path.read_text("utf-8")
            assert "var(" not in path.read_text("utf-8")


def test_the_same_report_gives_the_same_files(
    report: ReportRecord, written: list[Path], tmp_path: Path
) -> None:
    again = write_slides(report, tmp_path)

    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in written]


def test_a_name_makes_no_path(tmp_path: Path) -> None:
    layout, manifest = write_audit(tmp_path / "out", {"soup": np.linspace(0, 1, 60)})
    report = report_of(layout, manifest)
    (scores,) = report.scores
    odd = [scores.model_copy(update={"name": name}) for name in ("../../up", "../../up", "/", "汤")]

    written = write_slides(report.model_copy(update={"scores": tuple(odd)}), tmp_path / "plots")

    assert len({path.name for path in written}) == 8
    assert {path.parent for path in written} == {tmp_path / "plots"}
    assert not (tmp_path / "up").exists()


def test_a_folder_that_cannot_be_made_is_named(report: ReportRecord, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(InputError, match="file/plots: must be a folder that can be written"):
        write_slides(report, tmp_path / "file" / "plots")


@pytest.mark.parametrize(
    ("groups", "sizes"),
    [
        pytest.param([("", 11)], [11], id="as many as fit"),
        pytest.param([("", 25)], [11, 11, 3], id="more"),
        pytest.param([("a", 2), ("b", 2), ("c", 2), ("d", 2)], [6, 2], id="a group stays together"),
        pytest.param([("a", 14)], [10, 4], id="a group that fits on none"),
    ],
)
def test_many_dots_take_several_slides(groups: list[tuple[str, int]], sizes: list[int]) -> None:
    dots = [Dot(name, str(n), "", 0.1, 0.1, 0.1) for name, count in groups for n in range(count)]

    found = list(pages(dots))

    assert [len(page) for page in found] == sizes
    assert [dot for page in found for dot in page] == dots
