"""What the cells of each column say: numbers, names and labels, in every spelling that is allowed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from tocsin.example import Label, Split
from tocsin.language import primary_subtag
from tocsin.signals import Signal
from tocsin.text import normalise
from tocsin.training.own_rows.faults import Fault, told

__all__ = ["SPELLINGS", "Parser", "is_blank", "parse_name", "parsers"]

Parser = Callable[[Any], Any]

SPELLINGS: Final[Mapping[str, Label]] = MappingProxyType(
    {
        **dict.fromkeys(("1", "1.0", "true", "yes", "positive", "+"), Label.POSITIVE),
        **dict.fromkeys(("0", "0.0", "false", "no", "negative", "-", "−"), Label.NEGATIVE),
        **dict.fromkeys(("presumed_negative", "~"), Label.PRESUMED_NEGATIVE),
        **dict.fromkeys(("unknown", "?"), Label.UNKNOWN),
    }
)
LONGEST_NAME: Final = 200
_FLAGS: Final = {0: Label.NEGATIVE, 1: Label.POSITIVE}  # false and true too: Python holds them equal
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def parsers(max_characters: int) -> Mapping[str, Parser]:
    """Return what reads a cell of each known column; each raises Fault for a value it does not allow.

    Blank cells are not for them: they say nothing.
    """
    return {
        "text": partial(_text, max_characters=max_characters),
        "id": parse_name,
        "language": _language,
        "weight": _weight,
        "inclusion_probability": _inclusion,
        "group": parse_name,
        "split": _split,
        "licence": parse_name,
        **dict.fromkeys((signal.value for signal in Signal), _label),
    }


def is_blank(value: object) -> bool:
    """Say whether a cell is null, empty or white space."""
    return value is None or (isinstance(value, str) and not value.strip())


def parse_name(value: object) -> str:
    """Return a short string that reports may show: an id, a group, a licence or an attribute."""
    if not isinstance(value, str | bool | int | float) or not _is_finite(value):
        raise Fault(f"must be a string, a finite number or a boolean, was {told(value)}")
    name = str(value).strip() if not isinstance(value, bool) else str(value).lower()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Fault(f"must be at most {LONGEST_NAME} printable characters, was {len(name)} characters")
    return name


def _text(value: object, max_characters: int) -> str:
    if not isinstance(value, str):
        raise Fault(f"must be a string, was {told(value)}")
    if "\0" in value:
        raise Fault("must not hold a NUL character")
    if not _is_unicode(value):
        raise Fault("must be valid Unicode, has a lone surrogate")
    if len(value) > max_characters:
        raise Fault(f"must be at most {max_characters} characters, was {len(value)}")
    if not normalise(value):
        raise Fault("must not be empty")
    return value


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _label(value: object) -> Label:
    known: Mapping[Any, Label] = SPELLINGS if isinstance(value, str) else _FLAGS
    spelled = value.strip().casefold() if isinstance(value, str) else value
    label = known.get(spelled) if isinstance(spelled, str | bool | int | float) else None
    if label is None:
        raise Fault(f"must be one of {' '.join(SPELLINGS)} or empty, was {told(value)}")
    return label


def _language(value: object) -> str:
    tag = primary_subtag(value.strip()) if isinstance(value, str) else None
    if tag is None:
        raise Fault(f"must be a BCP-47 tag such as 'en' or 'de-AT', was {told(value)}")
    return tag


def _weight(value: object) -> float:
    number = _number(value)
    if not 0 < number < math.inf:
        raise Fault(f"must be a finite number above 0, was {told(value)}")
    return number


def _inclusion(value: object) -> float:
    number = _number(value)
    if not 0 < number <= 1:
        raise Fault(f"must be a number above 0 and at most 1, was {told(value)}")
    return number


def _number(value: object) -> float:
    """Return a number as it is written in digits, NaN for all else."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _as_float(value)
    return math.nan


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _is_finite(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _split(value: object) -> Split:
    name = value.strip().casefold() if isinstance(value, str) else ""
    if name not in set(Split):
        raise Fault(f"must be one of {', '.join(Split)} or empty, was {told(value)}")
    return Split(name)
