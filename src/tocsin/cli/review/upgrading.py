"""`tocsin review upgrade`: the tables of this version."""

from __future__ import annotations

import typer

from tocsin.cli.review.opening import ConfigOption, DatabaseOption, StateOption, open_tables

__all__ = ["upgrade_tables"]


def upgrade_tables(
    database: DatabaseOption = None, state: StateOption = None, config: ConfigOption = None
) -> None:
    """Give the queue's database the tables of this version, and begin its log where it has not begun.

    Does nothing where they are there. Take a backup first: there is no way back without one.
    """
    with open_tables(database, state, config) as desk:
        from tocsin.service.review.making import bring_up_to_date
        from tocsin.service.review.store import shown_url

        bring_up_to_date(desk)
        typer.echo(f"{shown_url(desk.store.url)} has this version's tables")
