"""JSON Lines: every line is one object (RFC 8259)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NoReturn

from tocsin.training.own_rows.columns import check_columns
from tocsin.training.own_rows.faults import Fault, told
from tocsin.training.own_rows.lines import decode, open_lines
from tocsin.training.own_rows.record import Record
from tocsin.training.own_rows.terms import Terms

__all__ = ["read_jsonl"]


def read_jsonl(file: BinaryIO, packing: str | None, terms: Terms) -> Iterator[Record]:
    """Yield one record for every line that is not blank."""
    for row, line in open_lines(file, packing, terms.record_bytes):
        if line.strip():
            yield row, _record(line, terms)


def _record(line: bytes, terms: Terms) -> Mapping[str, object] | Fault:
    try:
        value = _json(decode(line))
        if not isinstance(value, dict):
            return Fault(f"a record must be a JSON object, was {told(value)}")
        fields = {name: cell for name, cell in value.items() if name not in terms.ignore}
        check_columns(fields)
    except Fault as fault:
        return fault
    return fields


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise Fault(f"a record must be valid JSON: {error.msg}") from None
    except RecursionError:
        raise Fault("a record must be valid JSON: nested too deeply") from None
    except ValueError:
        # Python refuses to turn thousands of digits into an integer.
        raise Fault("a record must be valid JSON: a number has too many digits") from None


def _refuse_constant(name: str) -> NoReturn:
    raise Fault(f"a number must be finite, was {name}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise Fault(f"keys of an object must differ, {told(twice)} stands more than once")
    return dict(pairs)
