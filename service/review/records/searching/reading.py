"""One filter's value, read from an address; each raises InputError that names the filter and its rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from tocsin.errors import InputError

__all__ = ["read_date", "read_flag", "read_name", "read_number", "read_one_of", "read_policy"]

_LONGEST_NAME: Final = 512
_LONGEST_POLICY: Final = 256
_DIGITS: Final = 18  # what a database's numbers hold
_YEARS: Final = range(1970, 3000)


def read_one_of(known: Mapping[str, Any]) -> Callable[[str, str], Any]:
    """Return what reads one of the values `known`, by their words."""

    def read(name: str, given: str) -> Any:
        if given not in known:
            raise InputError(f"{name} must be one of {', '.join(known)}, was {given[:40]!r}")
        return known[given]

    return read


def read_name(name: str, given: str) -> str:
    """Return a name of the platform's: an id, a community, a language."""
    return _read_words(name, given, _LONGEST_NAME)


def read_policy(name: str, given: str) -> str:
    """Return the name of a policy, which need not be one of those in use: decisions outlive them."""
    return _read_words(name, given, _LONGEST_POLICY)


def _read_words(name: str, given: str, longest: int) -> str:
    if len(given) > longest or not given.isprintable():
        raise InputError(f"{name} must have at most {longest} printable characters, had {len(given):,}")
    return given


def read_number(name: str, given: str) -> int:
    """Return the number of a row."""
    if not (given.isascii() and given.isdecimal() and len(given) <= _DIGITS):
        raise InputError(f"{name} must be a number, was {given[:40]!r}")
    return int(given)


def read_flag(name: str, given: str) -> bool:
    """Return True: who asks for it says yes, who does not says nothing."""
    if given != "yes":
        raise InputError(f"{name} must be yes or nothing, was {given[:40]!r}")
    return True


def read_date(name: str, given: str) -> date:
    """Return a day."""
    try:
        read = date.fromisoformat(given)
    except ValueError:
        raise InputError(f"{name} must be a day like 2031-05-17, was {given[:40]!r}") from None
    if read.year not in _YEARS:
        raise InputError(f"{name} must lie in the years {_YEARS.start} to {_YEARS.stop - 1}, was {given}")
    return read
