"""Whether a screen or a teacher was trained on the rows at hand: what trained one would test the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tocsin.errors import CorpusError
from tocsin.models import layout
from tocsin.training.build import Build

__all__ = ["ROWS", "check_same_rows", "check_teacher", "record_of", "rows_of"]

ROWS: Final = "rows.json"  # beside an encoder that training left: what it was trained on


def record_of(bundle: Path) -> dict[str, Any]:
    """Return a bundle's training record."""
    found: dict[str, Any] = json.loads((bundle / layout.TRAINING).read_text(encoding="utf-8"))
    return found


def rows_of(built: Build) -> dict[str, Any]:
    """Return what tells the rows at hand from others: every file's checksum, and counts by split."""
    kept = {place.value: count for place, count in built.splits.report.kept.items()}
    return {"files": built.files, "kept": kept}


def check_teacher(folder: Path, built: Build) -> None:
    """Raise CorpusError where the encoder in a folder does not say that it was trained on the same rows."""
    rule = f"{folder}: a teacher must have been trained on the same rows, and its {ROWS} say so"
    try:
        told = json.loads((folder / ROWS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CorpusError(f"{rule}, it has none") from None
    except (OSError, ValueError) as error:
        raise CorpusError(f"{rule}, it cannot be read: {error}") from error
    if told != rows_of(built):
        raise CorpusError(f"{rule}, was not")


def check_same_rows(beside: Path, record: Mapping[str, Any], built: Build) -> None:
    """Raise CorpusError where the screen of the bundle `beside` was trained on other rows."""
    if any(record.get(name) != told for name, told in rows_of(built).items()):
        raise CorpusError(
            f"{beside}: its screen must have been trained on the same rows, was not:"
            " train one on them with `tocsin train --recipe screen`, and name it by --beside"
        )
