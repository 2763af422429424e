"""What the commands on corpora have in common: their options, and the folder that they read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.extras import needs
from tocsin.errors import CorpusError
from tocsin.licences import Licences
from tocsin.settings import settings

__all__ = [
    "AddOption",
    "AvailableOption",
    "CorpusOption",
    "DataOption",
    "IgnoreOption",
    "JsonOption",
    "LanguageOption",
    "LicencesOption",
    "OwnOnlyOption",
    "builds_home",
    "corpora_home",
    "data_folder",
]

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
LicencesOption = Annotated[
    Licences,
    typer.Option("--licences", help="permissive: leave out corpora under copyleft and share-alike licences."),
]
AddOption = Annotated[
    list[Path] | None,
    typer.Option("--add", help="File of labelled rows of your own, repeatable: csv, tsv, jsonl, parquet."),
]
LanguageOption = Annotated[
    str, typer.Option("--language", help="Language of the rows of your own that name none.")
]
IgnoreOption = Annotated[
    list[str] | None,
    typer.Option("--ignore", help="Column of the rows of your own to leave out, repeatable."),
]
OwnOnlyOption = Annotated[
    bool, typer.Option("--own-only", help="Read the files of --add alone, none of the corpora.")
]
AvailableOption = Annotated[
    bool, typer.Option("--available", help="Leave out corpora that are not there instead of failing.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def corpora_home(given: Path | None) -> Path:
    """Return where the corpora belong: as given, as set, or in the platform's cache folder."""
    with needs("train", "reading corpora"):
        from platformdirs import user_cache_path
    return given or settings().data or user_cache_path("tocsin", appauthor=False) / "corpora"


def builds_home() -> Path:
    """Return where builds of the corpora are kept: the platform's cache folder."""
    with needs("train", "building the corpora"):
        from platformdirs import user_cache_path
    return user_cache_path("tocsin", appauthor=False) / "builds"


def data_folder(given: Path | None) -> Path:
    """Return the folder of the corpora; raise CorpusError where it is not there."""
    folder = corpora_home(given)
    if not folder.is_dir():
        raise CorpusError(
            f"the folder of the corpora must exist, was {folder}:"
            " name another by --data or TOCSIN_DATA, or fill it by `tocsin data fetch`"
        )
    return folder
