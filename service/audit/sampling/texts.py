"""The texts of a sample, read again from the inputs that were audited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from tocsin.errors import InputError
from tocsin.service.audit.inputs import find_again
from tocsin.service.audit.manifest import InputRecord, Manifest
from tocsin.service.audit.schema import columns_of
from tocsin.service.scan.limits import Limits
from tocsin.service.scan.placed import Placed
from tocsin.service.scan.reader import read_rows

__all__ = ["Located", "texts_of"]


class Located(Protocol):
    """Say where a row came from: the number of its input, and its place within it."""

    @property
    def source(self) -> int:
        """Return the input's number."""
        ...

    @property
    def place(self) -> int:
        """Return its row or line, from 1."""
        ...


def texts_of(manifest: Manifest, rows: Iterable[Located]) -> Mapping[tuple[int, int], str]:
    """Return the text of each row by its source and place.

    Raises InputError where an input is gone, or is not what it was when it was audited.
    """
    wanted: dict[int, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.source, set()).add(row.place)
    found: dict[tuple[int, int], str] = {}
    for source, places in sorted(wanted.items()):
        read = _read(manifest, manifest.inputs[source], places)
        found |= {(source, place): text for place, text in read.items()}
    return found


def _read(manifest: Manifest, record: InputRecord, places: set[int]) -> Mapping[int, str]:
    one = find_again(record)
    limits = Limits(manifest.settings.record_bytes, manifest.settings.expansion)
    found: dict[int, str] = {}
    for row in read_rows([one.source], columns_of(manifest.columns), limits):
        if isinstance(row, Placed) and row.place in places:
            found[row.place] = row.text
            if len(found) == len(places):
                return found
    raise InputError(f"{record.name}: must have every row of the sample, lacks {len(places) - len(found)}")
