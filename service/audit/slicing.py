"""Which columns an audit may be cut by, and which values of them it may tell: never persons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from tocsin.errors import InputError
from tocsin.service.scan.display import cut, reveal

__all__ = ["LEAST_ROWS", "MOST_VALUES", "check_slice_names", "check_values", "is_person"]

LEAST_ROWS: Final = 20  # rows that a slice must have to be told apart
MOST_VALUES: Final = 500
_SHOWN: Final = 60

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# One a word: a column of a platform that holds who wrote, and how such a thing is called.
_PERSON_WORDS: Final = (
    "account actor alias author contributor creator customer email handle ip login member nick nickname owner"
    " person phone poster profile screenname sender speaker subscriber uploader user username visitor"
    " writer"
)
_NAMING_WORDS: Final = (
    "address by digest guid hash hashed id identifier key link md name no nr num number oid permalink pk ref"
    " sha slug str string token uid url uuid"
)
_PERSONS: Final = frozenset(_PERSON_WORDS.split())
_NAMING: Final = frozenset(_NAMING_WORDS.split())
_JOINED: Final = frozenset(("screen", "nick", "user"))  # make a person with the word after them


def check_slice_names(names: Iterable[str]) -> None:
    """Raise InputError where a column is to be cut by whose name says that its values are persons."""
    for name in names:
        if is_person(name):
            raise InputError(
                f"a slice must not be a person's: no aggregates by author, was {reveal(cut(name, _SHOWN))!r}"
            )


def is_person(name: str) -> bool:
    """Say whether a column's name says that its values are persons: `author`, `user_id`, `accountHash`.

    It does if it has nothing but words for persons and for what names things. A property of persons is
    neither: `account_type`, `author_country`.
    """
    words = [_singular(word.lower()) for word in _WORD.findall(name)]
    told = {"".join(words), *words} & _PERSONS
    return bool(told) and {*words} <= _PERSONS | _NAMING | _JOINED


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and word[:-1] in _PERSONS | _NAMING else word


def check_values(name: str, values: int) -> None:
    """Raise InputError where a column has too many values: it may well name persons."""
    if values > MOST_VALUES:
        raise InputError(
            f"a slice must have at most {MOST_VALUES} values, {reveal(cut(name, _SHOWN))!r} has more"
        )
