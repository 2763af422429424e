"""One record of a file, and the example that it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from tocsin.example import Example, Label
from tocsin.signals import Signal
from tocsin.training.own_rows.cells import Parser, is_blank, parse_name
from tocsin.training.own_rows.columns import ATTRIBUTE, TEXT
from tocsin.training.own_rows.faults import Fault

__all__ = ["NOT_STATED", "Record", "to_example"]

NOT_STATED = "not stated"

Record: TypeAlias = tuple[int, Mapping[str, object] | Fault]


def to_example(
    corpus: str, row: int, fields: Mapping[str, object] | Fault, parse: Mapping[str, Parser], language: str
) -> Example:
    """Return the example that the cells of a row make; raise Fault with all that is wrong with them.

    A blank cell says nothing. Neither does a label that is unknown.
    """
    if isinstance(fields, Fault):
        raise fields
    said = _said(fields, parse)
    labels = {signal: said[signal] for signal in Signal if said.get(signal, Label.UNKNOWN) != Label.UNKNOWN}
    return Example(
        id=f"{corpus}:{said.get('id', row)}",
        text=said[TEXT],
        language=said.get("language", language),
        corpus=corpus,
        licence=said.get("licence", NOT_STATED),
        labels=labels,
        group=said.get("group"),
        split=said.get("split"),
        weight=said.get("weight", 1.0),
        inclusion=said.get("inclusion_probability", 1.0),
        attributes={
            name.removeprefix(ATTRIBUTE): value for name, value in said.items() if name.startswith(ATTRIBUTE)
        },
    )


def _said(fields: Mapping[str, object], parse: Mapping[str, Parser]) -> Mapping[str, Any]:
    said: dict[str, Any] = {}
    wrong: list[str] = []
    for column, value in fields.items():
        if is_blank(value):
            continue
        try:
            said[column] = parse.get(column, parse_name)(value)
        except Fault as fault:
            wrong += [f"{column} {why}" for why in fault.args]
    if is_blank(fields.get(TEXT)):
        wrong.append("text must not be empty")
    if wrong:
        raise Fault(*wrong)
    return said
