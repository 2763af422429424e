"""One record's fields turned into an item."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tocsin.item import Item
from tocsin.service.scan.placed import Placed
from tocsin.service.scan.row import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.service.scan.columns import Columns
    from tocsin.service.scan.input import Input

__all__ = ["to_item"]

# The wrong column may stand in for the hint: a message must not carry a text.
SHOWN_HINT: Final = re.compile(r"[A-Za-z0-9_-]{1,20}")


def to_item(source: Input, row: int, fields: Mapping[str, object], columns: Columns) -> Item:
    """Return the item that `fields` describe; raise Fault where they break a rule.

    A null text is an empty one: the scorer answers it, it is not malformed.
    """
    id_ = _id(fields, columns) or source.row_id(row)
    text, language = _text(fields, columns), _language(fields, columns)
    if columns.carried is None:
        return Item(id_, text, language)
    cells = tuple([one.cell(fields.get(one.name)) for one in columns.carried])
    return Placed(id_, text, language, place=row, carried=cells)


def _text(fields: Mapping[str, object], columns: Columns) -> str:
    if columns.text not in fields:
        raise Fault(f"a record must have a field {columns.text!r}")
    value = fields[columns.text]
    return "" if value is None else _string(value, columns.text)


def _id(fields: Mapping[str, object], columns: Columns) -> str | None:
    value = fields.get(columns.id_name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        _check_id_is_optional(columns)
        return None
    return _string(value, columns.id_name, allowed="a string or an integer")


def _check_id_is_optional(columns: Columns) -> None:
    # Whoever names the id column wants to find these rows again: a row number would mislead.
    if columns.id is not None:
        raise Fault(f"a record must have an id in {columns.id!r}")


def _language(fields: Mapping[str, object], columns: Columns) -> str | None:
    value = fields.get(columns.language_name)
    hint = "" if value is None else _string(value, columns.language_name).strip()
    if hint and not _is_tag(hint):
        # Passed on, it would be ignored without a word.
        was = f", was {hint!r}" if SHOWN_HINT.fullmatch(hint) else ""
        raise Fault(f"{columns.language_name!r} must be a language tag such as 'en' or 'en-GB'{was}")
    return hint or None


def _is_tag(hint: str) -> bool:
    # Loading a language model takes longer than showing the help.
    from tocsin.language import UNDETERMINED, primary_subtag

    return primary_subtag(hint) is not None or hint.replace("_", "-").lower().split("-")[0] == UNDETERMINED


def _string(value: object, name: str, allowed: str = "a string") -> str:
    if not isinstance(value, str):
        raise Fault(f"{name!r} must be {allowed}, was {type(value).__name__}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Fault(f"{name!r} must be valid Unicode, has a lone surrogate") from None
    return value
