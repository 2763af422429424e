"""Text that others wrote, made fit for the page: cleaned, escaped, a little Markdown understood."""

from __future__ import annotations

import re
from typing import Any, Final

from markupsafe import Markup, escape

__all__ = ["Ids", "breakable", "clean", "cleaned", "prose", "slug"]

_UNFIT: Final = re.compile(  # control characters, halves of pairs, what turns the order of reading round
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_SPAN: Final = re.compile(r"`(?P<code>[^`]+)`|\*\*(?P<strong>.+?)\*\*|\*(?P<em>[^*\s](?:[^*]*[^*\s])?)\*")


def clean(text: str) -> str:
    """Return text that stands in HTML and SVG as it reads, what does not replaced by �."""
    return _UNFIT.sub("\ufffd", text)


def cleaned(value: Any) -> Any:
    """Return a value with its text cleaned; markup of ours stays as it is."""
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def prose(text: str) -> Markup:
    """Return a paragraph as HTML: `code`, *emphasis* and **strong**, all else escaped."""
    return _spans(clean(text))


def breakable(text: str) -> Markup:
    """Return text, escaped, that may break after its underscores: names are longer than a phone's column."""
    return escape(clean(text)).replace("_", Markup("_<wbr>"))


def _spans(text: str) -> Markup:
    parts, at = [], 0
    for found in _SPAN.finditer(text):
        tag = str(found.lastgroup)
        inner = escape(found[tag]) if tag == "code" else _spans(found[tag])
        parts += [escape(text[at : found.start()]), Markup("<{0}>{1}</{0}>").format(Markup(tag), inner)]  # noqa: S704 - a name of ours
        at = found.end()
    return Markup().join([*parts, escape(text[at:])])


def slug(text: str) -> str:
    """Return a name of letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "part"


class Ids:
    """Hand out ids, none of them twice."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, *names: str) -> str:
        """Return an id that tells the names, with a number where they are taken."""
        wanted = "-".join(slug(name) for name in names)
        found, number = wanted, 1
        while found in self._taken:
            number += 1
            found = f"{wanted}-{number}"
        self._taken.add(found)
        return found
