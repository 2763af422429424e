"""Spellings that hide a word from a filter: s p a c e d, r3spelled, stretchhhed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from tocsin.text.edits import Edit

__all__ = ["DOUBLED", "LEET", "has_one_at_an_edge", "has_two_at_an_edge", "respelled", "spaced", "stretched"]

# The tables here were counted on the corpora: docs/decisions/0008-normaliser.md.
_ANY: Final = 1 << 30
LEET: Final = {  # what it stands for; how many letters may stand before it, unless just one follows
    "0": ("o", _ANY),
    "3": ("e", _ANY),
    "5": ("s", _ANY),
    "7": ("t", _ANY),
    "$": ("s", _ANY),
    "1": ("i", 2),
    "4": ("a", 2),
    "@": ("a", 2),
    "!": ("i", 1),
}
DOUBLED: Final = frozenset("flmnpsz")  # one in 25 of these or more is doubled in English or German

_L: Final = "a-zäöü"
_SIGN: Final = "".join(LEET)
_AMONG: Final = f"{_L}013457@$"  # "!" ends sentences, among single letters too
_GAP: Final = " ._*·-"

_SPACED_SOMEWHERE: Final = re.compile(rf"([{_GAP}])(?<=[{_L}].)\1*+[{_AMONG}]\1+[{_AMONG}](?![^\W_])")
_ONE: Final = rf"[{_AMONG}](?![^\W_]|'[^\W_])"
_BY_BLANKS: Final = rf"(?: ++{_ONE}){{2,}}"
_BY_SIGNS: Final = rf"(?P<gap>[{_GAP[1:]}])[{_AMONG}](?:(?P=gap){_ONE})+"
_SPACED: Final = re.compile(rf"(?<![^\W_])(?<![^\W_]')[{_L}](?:{_BY_BLANKS}|{_BY_SIGNS})")
_ONE_AT_AN_EDGE: Final = re.compile(rf"\A *{_ONE}|(?:(?<![^\W_])(?<![^\W_]')[{_L}]|(?<![^ ])[{_AMONG}]) *\Z")
_TWO_AT_AN_EDGE: Final = re.compile(rf"\A *[{_AMONG}] +[{_AMONG}]|[{_AMONG}] +[{_AMONG}] *\Z")
_RESPELLED_SOMEWHERE: Final = re.compile(rf"[{_SIGN}](?<=[{_L}].)[{_SIGN}]*+[{_L}]")
_TOKEN: Final = re.compile(
    rf"#\w++|(?<![^\W_])(?<![{_SIGN}])(?P<word>[{_L}][{_L}0-9{_SIGN}]*+)(?![^\W_])"  # a hashtag's words stay
)
_RUN: Final = re.compile(rf"(?<=[{_L}])(?:([013457@$])\1*+|!)(?=[{_L}])")
_NO_LETTER: Final = re.compile(rf"([^{_L}])\1*+")
_STRETCHED: Final = re.compile(rf"([{_L}])\1\1+")


def spaced(text: str) -> Sequence[Edit]:
    """Return the edits that join three or more single letters with the same sign between them.

    More blanks than stand between most of them part words: "h o t  s o u p".
    """
    if not _SPACED_SOMEWHERE.search(text):
        return ()
    return [edit for match in _SPACED.finditer(text) for edit in _joined(match)]


def has_one_at_an_edge(text: str) -> bool:
    """Say whether `spaced` may join what `text` starts or ends with to what follows or goes before."""
    return _ONE_AT_AN_EDGE.search(text) is not None


def has_two_at_an_edge(text: str) -> bool:
    """Say whether it may join two or more at that edge; if not, it takes three texts to make a word."""
    return _TWO_AT_AN_EDGE.search(text) is not None


def _joined(match: re.Match[str]) -> Iterator[Edit]:
    text = match.string
    places = [place for place in range(*match.span()) if text[place] not in _GAP]
    while not text[places[-1]].isalpha():
        places.pop()
    alphabetic = sum(text[place].isalpha() for place in places)
    if alphabetic < 3 or 2 * alphabetic < len(places):
        return
    for (before, after), joins in zip(pairwise(places), _joins(places), strict=True):
        if joins:
            yield before + 1, after, ""


def _joins(places: Sequence[int]) -> list[bool]:
    """Say of each gap between letters whether it is within a word: the least are, and those of a rest."""
    gaps = [after - before for before, after in pairwise(places)]
    least = min(gaps)
    joins = [gap == least for gap in gaps]
    alone = [not (left or right) for left, right in pairwise([False, *joins, False])]
    for is_alone, group in groupby(range(len(places)), key=alone.__getitem__):
        *letters, last = group
        if is_alone and len(letters) > 1:
            joins[letters[0] : last] = [True] * len(letters)
    return joins


def respelled(text: str) -> Sequence[Edit]:
    """Return the edits that put letters for the digits and signs that stand for them within words.

    Codes stay, which have no more letters than digits, and hashtags; so do digits at either end of a word.
    """
    if not _RESPELLED_SOMEWHERE.search(text):
        return ()
    return [edit for token in _TOKEN.finditer(text) for edit in _letters_for(token)]


def _letters_for(token: re.Match[str]) -> list[Edit]:
    word = (token["word"] or "").rstrip("!@$")
    runs = list(_RUN.finditer(word))
    sure = [_stands_for_a_letter(run) for run in runs]
    if not any(sure) or _is_code(word) or _is_address(token):
        return []
    first = token.start()
    return [
        (first + run.start(), first + run.end(), LEET[run[0][0]][0] * len(run[0]))
        for run, is_sure in zip(runs, sure, strict=True)
        if is_sure or run[0] != "!"
    ]


def _stands_for_a_letter(run: re.Match[str]) -> bool:
    _, most_before = LEET[run[0][0]]
    return run.start() <= most_before or run.end() == len(run.string) - 1


def _is_code(word: str) -> bool:
    return sum(map(str.isalpha, word)) <= len(_NO_LETTER.findall(word))


def _is_address(token: re.Match[str]) -> bool:
    after = token.string[token.end() : token.end() + 2]
    return "@" in token[0] and after[:1] in {".", "-"} and after[1:].isalnum()


def stretched(text: str) -> Sequence[Edit]:
    """Return the edits that leave two of three or more same letters where words have two, else one.

    A word of one letter keeps three: kkk is no stretched k.
    """
    if not _STRETCHED.search(text):
        return ()
    found = ((match, _unstretched(match)) for match in _STRETCHED.finditer(text))
    return [(match.start(), match.end(), short) for match, short in found if short != match[0]]


def _unstretched(match: re.Match[str]) -> str:
    text, letter = match.string, match[1]
    around = text[max(match.start() - 1, 0) : match.start()] + text[match.end() : match.end() + 1]
    if not any(map(str.isalnum, around)):
        return letter * 3
    return letter * (1 + (letter in DOUBLED))
