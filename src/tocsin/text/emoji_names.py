"""Emoji as words: their CLDR short names, in English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from tocsin.text.edits import Edit
from tocsin.text.folding import FOLDING, PLACEHOLDERS

__all__ = ["emoji", "names"]

# Whatever may be an emoji, or part of one: a text without any of these does not load the table.
_PICTURE: Final = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23fa\u24c2\u25aa-\u27bf\u2934-\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff"
)
_FLAG_LETTER: Final = "\U0001f1e6-\U0001f1ff"
_STYLED: Final = re.compile("[\U0001f150-\U0001f169\U0001f170-\U0001f189\u24c2]")
_STYLE: Final = "\ufe0e\ufe0f"  # as text, as a picture
_HELD: Final = f"{chr(PLACEHOLDERS[0])}-{chr(PLACEHOLDERS[-1])}"
_PART: Final = rf"[{_PICTURE}][{_STYLE}\U0001f3fb-\U0001f3ff\u20e3]{{0,2}}"
_SEQUENCE: Final = re.compile(
    rf"(?P<flags>[{_FLAG_LETTER}]+)"
    rf"|(?P<key>[0-9#*]\ufe0f?\u20e3)"
    rf"|(?P<region>[{_PICTURE}][\U000e0020-\U000e007e]{{1,16}}\U000e007f)"
    rf"|(?P<picture>{_PART}(?:\u200d{_PART})*)"
    rf"|(?P<held>[{_HELD}])"
)
_ANY: Final = re.compile(rf"[{_PICTURE}{_FLAG_LETTER}\u20e3{_HELD}]")
_PLACEHOLDER: Final = re.compile(f"[{_HELD}]")
_UNSTYLED: Final = dict.fromkeys(map(ord, _STYLE))


def emoji(text: str) -> Sequence[Edit]:
    """Return the edits that make each emoji of an original text one placeholder; see `names`.

    Sequences (joined, coloured, keycaps, flags) are one emoji. Those that are not in the table stay.
    Letters in coloured squares or circles, and regional indicators that make no flag, are letters.
    """
    if text.isascii() or not _ANY.search(text):
        return ()
    return [edit for match in _SEQUENCE.finditer(text) for edit in _held(match, text)]


def names(text: str) -> Sequence[Edit]:
    """Return the edits that write the name of the emoji that each placeholder stands for."""
    if text.isascii():
        return ()
    return [(match.start(), match.end(), f" {_names()[match[0]]} ") for match in _PLACEHOLDER.finditer(text)]


def _held(match: re.Match[str], text: str) -> Iterator[Edit]:
    sequence = match[0]
    if match["held"]:  # a private character of somebody else's
        yield *match.span(), ""
    elif match["flags"]:
        yield from _flags(sequence, match.start())
    elif not (match["picture"] and _is_written(match, text)):
        held = _whole(sequence) or "".join(_whole(part) or part for part in sequence)
        if held != sequence:
            yield *match.span(), held


def _flags(run: str, start: int) -> Iterator[Edit]:
    """Yield the flags of a run of regional indicators, none if it makes anything else."""
    flags = [_whole(run[first : first + 2]) for first in range(0, len(run), 2)]
    if all(flags):
        for place, flag in enumerate(flags):
            yield start + 2 * place, start + 2 * place + 2, flag or ""


def _is_written(match: re.Match[str], text: str) -> bool:
    """Say whether a picture is meant as a letter or a sign (A in a square within a word, ™, ‼)."""
    picture, style = match[0][:1], match[0][1:]
    if _STYLED.match(picture):
        before = text[max(match.start() - 2, 0) : match.start()].rstrip(_STYLE)[-1:]
        after = text[match.end() : match.end() + 1]
        if any(neighbour.isalpha() or _STYLED.match(neighbour) for neighbour in (before, after) if neighbour):
            return True
    return not style and unicodedata.normalize("NFKC", picture) != picture


def _whole(sequence: str) -> str | None:
    return _placeholders().get(sequence.translate(_UNSTYLED))


@cache
def _placeholders() -> Mapping[str, str]:
    """Return a private character for each emoji, written without its style."""
    sequences = {sequence.translate(_UNSTYLED): None for sequence in _table()}
    return dict(zip(sequences, map(chr, PLACEHOLDERS), strict=False))


@cache
def _names() -> Mapping[str, str]:
    """Return the name that each placeholder stands for, in the words of folded text."""
    held = _placeholders()
    return {held[sequence.translate(_UNSTYLED)]: _words(row["en"]) for sequence, row in _table().items()}


def _words(name: str) -> str:
    return " ".join(name.replace("_", " ").replace(":", " ").translate(FOLDING).split())


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    """Return the library's table: read from a file of 500 kB, so only where it is needed."""
    from emoji import EMOJI_DATA

    return EMOJI_DATA
