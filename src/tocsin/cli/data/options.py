"""What the commands on corpora have in common: their options, and the folder that they read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.extras import needs
from tocsin.errors import CorpusError
from tocsin.settings import settings

__all__ = ["CorpusOption", "DataOption", "JsonOption", "corpora_home", "data_folder"]

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of the corpora; TOCSIN_DATA if not given, else one in the user's cache."
    ),
]
CorpusOption = Annotated[
    list[str] | None,
    typer.Option("--corpus", help="Name of a corpus, repeatable; all but optional ones if not given."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def corpora_home(given: Path | None) -> Path:
    """Return where the corpora belong: as given, as set, or in the platform's cache folder."""
    with needs("train", "reading corpora"):
        from platformdirs import user_cache_path
    return given or settings().data or user_cache_path("tocsin", appauthor=False) / "corpora"


def data_folder(given: Path | None) -> Path:
    """Return the folder of the corpora; raise CorpusError where it is not there."""
    folder = corpora_home(given)
    if not folder.is_dir():
        raise CorpusError(
            f"the folder of the corpora must exist, was {folder}:"
            " name another by --data or TOCSIN_DATA, or fill it by `tocsin data fetch`"
        )
    return folder
