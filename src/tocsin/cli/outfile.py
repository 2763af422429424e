"""An output file is refused before hours are spent on what it is for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tocsin.errors import InputError
from tocsin.service.scan import find_overwritten, reveal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["check_target"]


def check_target(target: Path, kept: Sequence[Path], *, force: bool) -> None:
    """Raise BadParameter or InputError where an output cannot be written, or must not be."""
    if find_overwritten([target], kept) is not None:
        raise typer.BadParameter(
            f"an output must not be an input or a file of the bundle, was {reveal(str(target))}"
        )
    if target.exists() and not force:
        raise InputError(f"an output must not be there yet (--force replaces it), was {target}")
    if not target.parent.is_dir():
        raise InputError(f"an output must be in a folder that exists, was {target}")
