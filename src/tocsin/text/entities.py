"""HTML entities: what they stand for."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from html.entities import html5
from typing import Final

from tocsin.text.edits import Edit

__all__ = ["entities"]

_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

# Posts were put into capitals or out of them with entities in them: &NBSP; is one, too.
_IN_ANY_CASE: Final = {name.lower(): meaning for name, meaning in sorted(html5.items()) if name[-1] == ";"}


def entities(text: str) -> Sequence[Edit]:
    """Return the edits that put what an HTML entity stands for in its place."""
    if "&" not in text:
        return ()
    found = ((match, _meaning(match[0])) for match in _ENTITY.finditer(text))
    return [(match.start(), match.end(), meaning) for match, meaning in found if meaning != match[0]]


def _meaning(entity: str) -> str:
    meaning = html.unescape(entity)
    return meaning if meaning != entity else _IN_ANY_CASE.get(entity[1:].lower(), entity)
