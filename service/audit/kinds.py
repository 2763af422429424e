"""What the cells of a column hold, told from its first values where nobody said so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from tocsin.errors import InputError, MalformedRowError
from tocsin.service.scan.arrow import import_arrow
from tocsin.service.scan.carried import CellKind
from tocsin.service.scan.columns import Columns
from tocsin.service.scan.format import Format
from tocsin.service.scan.read_jsonl import read_objects
from tocsin.service.scan.read_parquet import read_schema

if TYPE_CHECKING:
    from tocsin.service.scan.input import Input
    from tocsin.service.scan.limits import Limits

__all__ = ["ROWS_LOOKED_AT", "find_kinds"]

ROWS_LOOKED_AT: Final = 1000

_JSON_KINDS: Final[Mapping[frozenset[type], CellKind]] = {
    frozenset({bool}): CellKind.BOOLEAN,
    frozenset({int}): CellKind.INTEGER,
    frozenset({float}): CellKind.NUMBER,
    frozenset({int, float}): CellKind.NUMBER,
}


def find_kinds(names: Sequence[str], inputs: Sequence[Input], limits: Limits) -> Mapping[str, CellKind]:
    """Return the kind of each column, as the first input tells that knows the column.

    The cells of CSV and TSV are strings, Parquet says what they are, and of JSON Lines the first 1,000
    records do: what is mixed, or null throughout, is strings. Raises InputError for a column that is in none
    of these records, and where a table lacks one.
    """
    found: dict[str, CellKind] = {}
    for source in inputs:
        missing = [name for name in names if name not in found]
        if not missing:
            break
        found |= _KINDS[source.format](missing, source, limits)
    for name in names:
        if name not in found:
            raise InputError(
                f"{inputs[0].name}: must have a column {name!r},"
                f" none of its first {ROWS_LOOKED_AT:,} records has"
            )
    return found


def _strings(names: Sequence[str], source: Input, limits: Limits) -> Mapping[str, CellKind]:
    del source, limits  # the header is checked when it is read
    return dict.fromkeys(names, CellKind.STRING)


def _from_json(names: Sequence[str], source: Input, limits: Limits) -> Mapping[str, CellKind]:
    seen: dict[str, set[type]] = {}
    for read in islice(read_objects(source, limits, lambda _: None), ROWS_LOOKED_AT):
        if not isinstance(read, MalformedRowError):
            for name in names:
                if name in read[1]:
                    seen.setdefault(name, set()).add(type(read[1][name]))
    nothing = type(None)
    return {
        name: _JSON_KINDS.get(frozenset(types - {nothing}), CellKind.STRING) for name, types in seen.items()
    }


def _from_parquet(names: Sequence[str], source: Input, limits: Limits) -> Mapping[str, CellKind]:
    del limits  # a schema is short
    types = import_arrow()[0].types
    told: Sequence[tuple[Callable[[Any], bool], CellKind]] = (
        (types.is_boolean, CellKind.BOOLEAN),
        (types.is_integer, CellKind.INTEGER),
        (types.is_floating, CellKind.NUMBER),
        (types.is_date, CellKind.DATE),
        (types.is_timestamp, CellKind.TIMESTAMP),
    )
    schema = read_schema(source)
    found = {}
    for name in names:
        Columns(name).check_header(source.name, schema.names)
        kind = schema.field(name).type
        plain = kind.value_type if types.is_dictionary(kind) else kind
        found[name] = next((kind for is_one, kind in told if is_one(plain)), CellKind.STRING)
    return found


_KINDS: Final[Mapping[Format, Callable[[Sequence[str], Input, Limits], Mapping[str, CellKind]]]] = {
    Format.JSONL: _from_json,
    Format.CSV: _strings,
    Format.TSV: _strings,
    Format.PARQUET: _from_parquet,
}
