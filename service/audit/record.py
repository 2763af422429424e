"""What the JSON files of an audit have in common: strict, and without a key that nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from tocsin.errors import InputError
from tocsin.service.scan.display import cut, reveal

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Record", "read_record"]

SHOWN: Final = 60


class Record(BaseModel):
    """Hold values that cannot change; refuse keys that are unknown, and numbers that are none."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_json(self) -> bytes:
        """Return the record as indented JSON that ends its last line."""
        return self.model_dump_json(indent=1).encode() + b"\n"


Kind = TypeVar("Kind", bound=Record)


def read_record(path: Path, kind: type[Kind]) -> Kind:
    """Return the record that a file holds; raise InputError, naming the file and the key, where not."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: must be readable: {error.strerror}") from error
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, first["loc"])) or "the file"
        raise InputError(f"{path}: {reveal(cut(key, SHOWN))}: {first['msg']}") from error
