"""What the commands that read and score files have in common: options, and the files not to overwrite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from tocsin.assessment import Tier
from tocsin.service.scan import STDIN, Format
from tocsin.settings import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

__all__ = [
    "AssumeLanguageOption",
    "BundleDigestOption",
    "BundleOption",
    "FormatOption",
    "IdColumnOption",
    "LanguageColumnOption",
    "MaxExpansionOption",
    "MaxRecordBytesOption",
    "PolicyOption",
    "StrictOption",
    "TextColumnOption",
    "TierOption",
    "files_read",
    "say",
]

MAX_RECORD_BYTES: Final = 1024**3

FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format", help="Format of every input; by default its suffix says it, and standard input is txt."
    ),
]
TextColumnOption = Annotated[str, typer.Option(help="Column that holds the text.")]
IdColumnOption = Annotated[
    str | None,
    typer.Option(
        help="Column that holds the id; by default 'id' where present, otherwise the row number.",
        show_default=False,
    ),
]
LanguageColumnOption = Annotated[
    str | None,
    typer.Option(
        help="Column that holds a language hint such as 'en'; by default 'language' where present;"
        " '' for none.",
        show_default=False,
    ),
]
StrictOption = Annotated[
    bool, typer.Option("--strict", help="Stop at the first malformed row instead of skipping it.")
]
MaxRecordBytesOption = Annotated[
    int, typer.Option(min=1, max=MAX_RECORD_BYTES, help="Longest record to accept, in bytes.")
]
MaxExpansionOption = Annotated[
    int, typer.Option(min=1, help="How many times its compressed size an input may unpack to.")
]
BundleOption = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the model bundle; by default that of the settings, then the one that ships.",
        show_default=False,
    ),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option(
        help="Policy file; by default that of the settings, then the one that ships.", show_default=False
    ),
]
TierOption = Annotated[
    Tier | None,
    typer.Option(
        help="What to judge with; by default that of the settings, then the cascade where the bundle has one,"
        " else the screen.",
        show_default=False,
    ),
]
BundleDigestOption = Annotated[
    str | None,
    typer.Option(help="Refuse any bundle but the one with this digest.", show_default=False),
]
AssumeLanguageOption = Annotated[
    str | None,
    typer.Option(
        metavar="CODE",
        help="Language to judge a text in where it cannot be told, such as 'en'; 'none' for none.",
        show_default=False,
    ),
]


def files_read(inputs: Sequence[str], bundle: Path | None) -> list[Path]:
    """Return the files among the inputs, and those of the bundle."""
    bundle = bundle or settings().bundle
    files = [Path(name) for name in inputs if name != STDIN]
    return files + (sorted(bundle.iterdir()) if bundle and bundle.is_dir() else [])


def say(stderr: Console, line: str) -> None:
    """Print one line on standard error."""
    stderr.print(Text(f"tocsin: {line}"), soft_wrap=True)
