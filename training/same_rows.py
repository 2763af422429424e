"""Whether a bundle's screen was trained on the rows at hand: what trained one tier would test the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocsin.errors import CorpusError
from tocsin.models import layout
from tocsin.training.build import Build

__all__ = ["check_same_rows", "record_of"]


def record_of(bundle: Path) -> dict[str, Any]:
    """Return a bundle's training record."""
    found: dict[str, Any] = json.loads((bundle / layout.TRAINING).read_text(encoding="utf-8"))
    return found


def check_same_rows(beside: Path, record: Mapping[str, Any], built: Build) -> None:
    """Raise CorpusError where the screen of the bundle `beside` was trained on other rows."""
    if record.get("files") != built.files or record.get("kept") != {
        place.value: count for place, count in built.splits.report.kept.items()
    }:
        raise CorpusError(
            f"{beside}: its screen must have been trained on the same rows, was not:"
            " train one on them with `tocsin train --recipe screen`, and name it by --beside"
        )
