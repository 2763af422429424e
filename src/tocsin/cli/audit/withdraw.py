"""`tocsin audit withdraw`: a sample's texts out of the review queue again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.audit.reviewing import withdraw as withdraw_all
from tocsin.cli.review.opening import ConfigOption, DatabaseOption, StateOption, open_desk

__all__ = ["withdraw"]


def withdraw(
    out: Annotated[
        Path, typer.Argument(help="Folder of an audit whose sample is in the queue.", show_default=False)
    ],
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Erase an audit's sampled posts from the review queue, decided or not; prints how many.

    What was decided of them stays, and so does what a legal hold keeps.
    """
    from tocsin.service.audit import AuditLayout
    from tocsin.service.audit.manifest import read_manifest
    from tocsin.service.audit.sampling.designing import audit_digest

    layout = AuditLayout(out)
    read_manifest(layout)
    with open_desk(database, state, config) as desk:
        typer.echo(withdraw_all(desk, audit_digest(layout)))
