"""The options that say which rows are meant become one selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tocsin.cli.data.options import data_folder
from tocsin.cli.extras import needs
from tocsin.licences import Licences

if TYPE_CHECKING:
    from tocsin.training.build import Selection

__all__ = ["Own", "selected"]


@dataclass(frozen=True, slots=True)
class Own:
    """Hold what the options say of rows of one's own; `alone`: they are all there is."""

    files: Sequence[Path]
    language: str
    ignore: Sequence[str]
    alone: bool


def selected(
    data: Path | None, corpus: Sequence[str] | None, licences: Licences, own: Own, *, available: bool
) -> Selection:
    """Return the selection that the options name; refuse those that contradict each other."""
    with needs("train", "building the corpora"):
        from tocsin.training.build import Selection
    if own.alone and (corpus or data or available or licences is not Licences.ALL or not own.files):
        raise typer.BadParameter("--own-only goes with --add, and with no option that chooses corpora")
    if own.ignore and not own.files:
        raise typer.BadParameter("--ignore goes with --add")
    return Selection(
        data=None if own.alone else data_folder(data),
        corpora=tuple(corpus) if corpus else None,
        licences=licences,
        own=tuple(own.files),
        language=own.language,
        ignore=tuple(own.ignore),
        available=available,
    )
