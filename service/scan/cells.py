"""The cells of one Arrow column: measured first, then decoded one at a time."""

from __future__ import annotations

from typing import Any

from tocsin.service.scan.arrow import import_arrow, import_compute

__all__ = ["Cells", "holds_text"]


class Cells:
    """Tell how long each cell of a column is, in bytes, and return single cells.

    A dictionary is never spread out: `encoded` says that a value that many rows share is held once.
    """

    def __init__(self, column: Any) -> None:
        self.encoded = bool(import_arrow()[0].types.is_dictionary(column.type))
        values = _in_microseconds(column.dictionary if self.encoded else column)
        self._slots = column.indices.to_pylist() if self.encoded else range(len(column))
        self._values = _as_bytes(values) if holds_text(values.type) else values
        self.sizes = self._measured(column) if holds_text(values.type) else [0] * len(column)

    def __getitem__(self, row: int) -> object:
        """Return one cell; strings as bytes, for Arrow does not look whether they are UTF-8."""
        slot = self._slots[row]
        return None if slot is None else self._values[slot].as_py()

    def _measured(self, column: Any) -> list[int]:
        sizes = import_compute().binary_length(self._values)
        return [size or 0 for size in (sizes.take(column.indices) if self.encoded else sizes).to_pylist()]


def _in_microseconds(values: Any) -> Any:
    """Return times as Python holds them, in UTC where they have a zone; other values as they are."""
    arrow, _ = import_arrow()
    if not arrow.types.is_timestamp(values.type):
        return values
    return values.cast(arrow.timestamp("us", "UTC" if values.type.tz else None), safe=False)


def holds_text(kind: Any) -> bool:
    """Say whether values of this Arrow type are strings."""
    types = import_arrow()[0].types
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _as_bytes(values: Any) -> Any:
    arrow, _ = import_arrow()
    return values.view(arrow.binary() if arrow.types.is_string(values.type) else arrow.large_binary())
