"""A matplotlib figure becomes SVG that stands inside a page and takes its colours and letters."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final
from xml.etree import ElementTree as ET

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

from tocsin.page.look import ACCENT, FAINT, INK, MARK, MUTED, PAPER

__all__ = ["drawing", "inline"]

_COLOURS: Final[Mapping[str, str]] = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    FAINT: "var(--line)",
    ACCENT: "var(--accent)",
    MARK: "var(--mark)",
    PAPER: "var(--paper)",
}
_COLOUR: Final = re.compile(r"#00000[1-6]\b")
_FAMILY: Final = re.compile(r"font-family:[^;]*;?\s*")
_SHORTHAND: Final = re.compile(r"font: (?P<rest>(?:\w+ )*)(?P<size>[\d.]+px) [^;]*")
_LONG: Final = re.compile(r"-?\d+\.\d{2,}")
_POINTER: Final = re.compile(r"(?:url\()?#(?P<id>[\w.-]+)\)?")


@contextmanager
def drawing() -> Iterator[None]:
    """Hold matplotlib to what makes the same figure the same bytes, whatever its user has configured."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # the reader's letters draw it
        mpl.rcdefaults()
        mpl.rcParams["svg.fonttype"] = "none"  # text stays text
        mpl.rcParams["svg.hashsalt"] = "tocsin"
        mpl.rcParams["text.parse_math"] = False  # a name with a dollar sign is no formula
        yield


def inline(figure: Figure, name: str, told: str) -> Markup:
    """Return a figure as an SVG element whose ids start with `name`, read out as `told`."""
    written = io.StringIO()
    figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    root = ET.fromstring(written.getvalue())  # noqa: S314 - written a line ago
    _drop(root)
    pointed = {match["id"] for at in root.iter() for match in _pointers(at)}
    for at in root.iter():
        _tidy(at, name, pointed)
    box = root.get("viewBox", "")
    root.attrib = {"viewBox": box, "role": "img", "aria-label": told}
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - escaped by ElementTree


def _drop(root: ET.Element) -> None:
    """Take out what speaks of the file, and styles that would reach the whole page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) in {"metadata", "style"}:
                parent.remove(child)


def _pointers(at: ET.Element) -> Iterator[re.Match[str]]:
    for name, value in at.attrib.items():
        if _local(name) in {"href", "clip-path"} and (found := _POINTER.fullmatch(value)):
            yield found


def _tidy(at: ET.Element, name: str, pointed: set[str]) -> None:
    at.tag = _local(at.tag)
    told: dict[str, str] = {}
    for key, value in at.attrib.items():
        local = _local(key)
        if local == "id":
            if value in pointed:
                told["id"] = f"{name}-{value}"
        elif found := _POINTER.fullmatch(value) if local in {"href", "clip-path"} else None:
            told[local] = value.replace(f"#{found['id']}", f"#{name}-{found['id']}")
        elif local == "style":
            told[local] = _style(value)
        else:
            told[local] = _LONG.sub(lambda match: f"{float(match[0]):.1f}", value).replace("\n", "")
    at.attrib = told
    if at.text and not at.text.strip():
        at.text = None
    if at.tail and not at.tail.strip():
        at.tail = None


def _style(value: str) -> str:
    lettered = _SHORTHAND.sub(_sized, _FAMILY.sub("", value))
    return _COLOUR.sub(lambda match: _COLOURS[match[0]], lettered).strip("; ")


def _sized(found: re.Match[str]) -> str:
    """Return a font's size and weight, its family left to the page."""
    weight = "; font-weight: bold" if {"bold", "600", "700"} & set(found["rest"].split()) else ""
    return f"font-size: {found['size']}{weight}"


def _local(name: str) -> str:
    return name.rsplit("}", 1)[-1]
