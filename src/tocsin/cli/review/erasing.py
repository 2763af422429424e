"""`tocsin review erase`: an item, gone."""

from __future__ import annotations

from typing import Annotated

import typer

from tocsin.cli.review.opening import ConfigOption, DatabaseOption, StateOption, open_desk

__all__ = ["erase_item"]


def erase_item(
    item: Annotated[str, typer.Argument(help="The platform's id of the item.")],
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Erase an item everywhere but in the log, or once no hold keeps it; prints erased or held.

    Texts, ids, notes and scores go; numbers, times, queues and verdicts stay.
    """
    if not item.isprintable():
        raise typer.BadParameter("an id must hold printable characters alone")
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.log import OPERATOR
        from tocsin.service.review.records import erase

        done = desk.write(erase, item, OPERATOR)
    typer.echo(done.value)
