"""Which columns an audit was told to read: by options, or by a small TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError, field_validator

from tocsin.errors import InputError
from tocsin.service.audit.columns import ColumnRecord, SchemaRecord
from tocsin.service.audit.kinds import find_kinds
from tocsin.service.audit.record import Record
from tocsin.service.audit.slicing import check_slice_names
from tocsin.service.scan.carried import Carried, CellKind
from tocsin.service.scan.columns import Columns
from tocsin.service.scan.display import cut, reveal
from tocsin.service.scan.flat import Layout

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.service.scan.input import Input
    from tocsin.service.scan.limits import Limits

__all__ = ["OWN_COLUMNS", "AskedSchema", "columns_of", "read_schema", "settle"]

OWN_COLUMNS: Final = ("source", "place")  # what an audit's rows have beside an assessment's
TAKEN: Final = (*OWN_COLUMNS, "text")
PREFIX: Final = "slice_"
MAX_BYTES: Final = 1 << 20
SHOWN: Final = 60


class AskedSchema(Record):
    """Hold what was asked for; a slice without a kind gets that of its first values."""

    text: str = "text"
    id: str | None = None
    language: str | None = None
    time: str | None = None
    community: str | None = None
    weight: str | None = None
    slices: Mapping[str, CellKind | None] = {}

    @field_validator("slices", mode="before")
    @classmethod
    def _listed(cls, slices: object) -> object:
        """Take a list of names, too: none of them has a kind then."""
        if not isinstance(slices, (list, tuple)):
            return slices
        if len(set(map(str, slices))) < len(slices):
            raise ValueError("slices must be columns that differ")
        return dict.fromkeys(map(str, slices))

    def with_options(self, slices: Sequence[str] = (), **given: str | None) -> AskedSchema:
        """Return the schema as options change it: what is given wins, and slices take the place of all."""
        changed: dict[str, object] = {name: value for name, value in given.items() if value is not None}
        if slices:
            changed["slices"] = tuple(slices)
        try:
            return AskedSchema.model_validate(self.model_dump() | changed)
        except ValidationError as error:
            raise InputError(str(error.errors(include_url=False)[0]["msg"])) from error


@dataclass(frozen=True, slots=True)
class _Asked:
    """Hold one column that travels with its row, and its kind where that is clear beforehand."""

    name: str
    kind: CellKind | None


def read_schema(path: Path) -> AskedSchema:
    """Return the schema of a TOML file; raise InputError, naming the file and the key, where it has none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: must be readable: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise InputError(f"{path}: must be at most {MAX_BYTES} bytes, was {len(content)}")
    try:
        return AskedSchema.model_validate(tomllib.loads(content.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path}: must be TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = reveal(cut(".".join(map(str, first["loc"])), SHOWN))
        raise InputError(f"{path}: {key}: {first['msg']}; keys are {_keys()}") from error


def settle(
    asked: AskedSchema,
    inputs: Sequence[Input],
    limits: Limits,
    policies: tuple[str, ...],
    recorded: SchemaRecord | None = None,
) -> SchemaRecord:
    """Return the schema with a kind for every column, and a name that no field of an assessment has.

    A kind that was not asked for is that of `recorded`, the schema of an audit that goes on, else that of the
    first values. Raises InputError where one column is to have two uses, where a slice is a person's by its
    name, and where a column is nowhere.
    """
    slices = [_Asked(name, kind) for name, kind in asked.slices.items()]
    check_slice_names(one.name for one in slices)
    time, community = _one(asked.time, CellKind.TIMESTAMP), _one(asked.community, CellKind.STRING)
    weight = _one(asked.weight, CellKind.NUMBER)
    carried = [one for one in (*slices, time, community, weight) if one is not None]
    _check_uses(asked, [one.name for one in carried])
    known = {one.name: one.kind for one in recorded.carried} if recorded else {}
    unknown = [one.name for one in carried if one.kind is None and one.name not in known]
    kinds = known | {one.name: one.kind for one in carried if one.kind is not None}
    kinds |= find_kinds(unknown, inputs, limits)
    taken = {column.name for column in Layout(policies).columns}.union(TAKEN)
    told = {}
    for one in carried:
        told[one.name] = ColumnRecord(name=one.name, column=_free(one.name, taken), kind=kinds[one.name])
        taken.add(told[one.name].column)
    return SchemaRecord(
        text=asked.text,
        id=asked.id,
        language=asked.language,
        slices=tuple(told[one.name] for one in slices),
        time=told[time.name] if time else None,
        community=told[community.name] if community else None,
        weight=told[weight.name] if weight else None,
    )


def columns_of(schema: SchemaRecord) -> Columns:
    """Return what a reader must know of a schema."""
    carried = [
        Carried(one.name, one.kind, least=0 if one is schema.weight else None) for one in schema.carried
    ]
    return Columns(schema.text, schema.id, schema.language, tuple(carried))


def _one(name: str | None, kind: CellKind) -> _Asked | None:
    return None if name is None else _Asked(name, kind)


def _check_uses(asked: AskedSchema, carried: Sequence[str]) -> None:
    for place, name in enumerate(carried):
        if not name or name == asked.text or name in carried[:place]:
            raise InputError(
                "slices, time, community and weight must be columns that differ, none of them the text's,"
                f" was {reveal(cut(name, SHOWN))!r}"
            )


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name = PREFIX + name
    return name


def _keys() -> str:
    return ", ".join(AskedSchema.model_fields)
