"""The columns that a file may have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from tocsin.signals import Signal
from tocsin.training.own_rows.faults import Fault, told

__all__ = ["ATTRIBUTE", "KNOWN", "SIGNALS", "TEXT", "check_columns", "check_header"]

TEXT: Final = "text"
ATTRIBUTE: Final = "x_"
SIGNALS: Final = tuple(signal.value for signal in Signal)
KNOWN: Final = (
    TEXT,
    *SIGNALS,
    "id",
    "language",
    "weight",
    "inclusion_probability",
    "group",
    "split",
    "licence",
)
_SHOWN: Final = 20


def check_header(names: Sequence[str]) -> None:
    """Refuse a header that lacks a text or any signal, or has an unknown column or two alike."""
    if TEXT not in names:
        raise Fault(f"must have a column 'text', has {_listed(names)}")
    check_columns(names)
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise Fault(f"columns must have different names, {_listed(twice)} stands more than once")
    if not set(names) & set(SIGNALS):
        raise Fault(
            f"must have a column for at least one signal ({', '.join(SIGNALS)}), has {_listed(names)}"
        )


def check_columns(names: Iterable[str]) -> None:
    """Refuse a column that is not known: it may be a signal with a slip in its name."""
    unknown = [name for name in names if name not in KNOWN and not _is_attribute(name)]
    if unknown:
        raise Fault(f"a column must be one of {', '.join(KNOWN)}, or begin with x_, was {_listed(unknown)}")


def _is_attribute(name: str) -> bool:
    return name.startswith(ATTRIBUTE) and name != ATTRIBUTE


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return (", ".join(map(told, names[:_SHOWN])) or "none") + (f" and {more} more" if more > 0 else "")
