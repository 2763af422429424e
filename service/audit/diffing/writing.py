"""A diff on the disk: its figures, and its flips for people to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from tocsin.errors import InputError
from tocsin.service.audit.diffing.flips import Flip
from tocsin.service.audit.diffing.layout import DiffLayout
from tocsin.service.audit.diffing.records import DiffRecord
from tocsin.service.audit.durable import write_durably
from tocsin.service.audit.record import read_record
from tocsin.service.audit.sampling.writing import as_csv

__all__ = ["read_diff", "write_diff", "write_flips"]

_COLUMNS: Final = ("id", "source", "place", "policy", "from", "to", "probability")
_LABEL: Final = "label"


def read_diff(layout: DiffLayout) -> DiffRecord:
    """Return the figures of a diff; raise InputError, naming the file, where it has none."""
    return read_record(layout.diff, DiffRecord)


def write_diff(layout: DiffLayout, record: DiffRecord) -> None:
    """Write the figures, or replace them; the folder is made where it is not there."""
    try:
        layout.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{layout.root}: must be a folder that can be written: {error.strerror}") from error
    write_durably(layout.diff, record.to_json())


def write_flips(
    path: Path, flips: Iterable[Flip], texts: Mapping[tuple[int, int], str] | None = None
) -> None:
    """Write the sample of flips, with the texts where there are any, and an empty column for the answer."""
    text = () if texts is None else ("text",)
    rows = [
        (
            *(one.id, one.source, one.place, one.policy, one.before.value, one.after.value, one.probability),
            *(() if texts is None else (texts[one.source, one.place],)),
            None,
        )
        for one in flips
    ]
    write_durably(path, as_csv((*_COLUMNS, *text, _LABEL), rows).encode())
