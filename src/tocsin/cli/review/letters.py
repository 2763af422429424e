"""`tocsin review dead-letters`, `resend`: messages that could not be delivered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tocsin.cli.review.opening import (
    MOST,
    ConfigOption,
    DatabaseOption,
    JsonOption,
    StateOption,
    chosen,
    open_desk,
    shown_time,
)
from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from tocsin.service.review.webhooks.delivering import Letter

__all__ = ["dead_letters", "resend_letters"]

_HEADINGS: Final = ("number", "message", "endpoint", "event", "attempts", "created", "fault")


def dead_letters(
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """List the messages that could not be delivered, oldest first, the first thousand of them."""
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.webhooks.delivering import list_dead

        dead = list(map(_record, desk.read(list_dead)))
    if as_json:
        typer.echo(json.dumps(dead))
        return
    rows = [["–" if value is None else value for value in one.values()] for one in dead]
    print_table("Messages that could not be delivered", _HEADINGS, rows)


def resend_letters(
    numbers: Annotated[
        list[int] | None,
        typer.Argument(
            min=1, max=MOST, help="Numbers of dead messages, as the list shows them.", show_default=False
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Send all of them again.")] = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Have messages that could not be delivered sent again by the server, from the first attempt on."""
    wanted = chosen(numbers, everything=everything)
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.webhooks.delivering import resend

        count = desk.write(resend, wanted)
    typer.echo(f"{count:,} will be sent again")


def _record(letter: Letter) -> dict[str, Any]:
    return {
        "number": letter.number,
        "message": letter.message,
        "endpoint": letter.endpoint,
        "event": letter.event,
        "attempts": letter.attempts,
        "created": shown_time(letter.created_at),
        "fault": letter.fault,
    }
