"""`tocsin keys`: who may use the server."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tocsin.cli.extras import needs
from tocsin.cli.serve import ConfigOption
from tocsin.cli.table import print_table
from tocsin.service.keys.scope import Scope

if TYPE_CHECKING:
    from tocsin.service.keys import Key, KeyFile

__all__ = ["app"]

app = typer.Typer(help="Make, list, revoke and renew the keys of the server.", no_args_is_help=True)

_DAYS: Final = re.compile(r"[1-9]\d{0,4}")

StateOption = Annotated[
    Path | None,
    typer.Option(
        help="State folder of the server; by default that of its settings, then the user's own.",
        show_default=False,
    ),
]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the key, as the list shows it.")]


@app.callback()
def keys() -> None:
    """Make, list, revoke and renew the keys of the server."""


@app.command()
def create(
    name: Annotated[str, typer.Option(help="Who it is for, as the list shows it.")],
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="What it may be used for, repeatable; score if not given.", show_default=False),
    ] = None,
    per_minute: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Texts a minute, 0 for any number; by default that of the server's settings.",
            show_default=False,
        ),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(
            metavar="DATE|DAYS",
            help="Last day (UTC) on which it is good, or how many days; by default it does not expire.",
            show_default=False,
        ),
    ] = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a key and print its secret, once: nothing can tell it again.

    Servers that use the state folder take it within a second.
    """
    file = _file(state, config)
    from tocsin.service.keys import create_key

    typer.echo(
        create_key(
            file,
            name,
            scope or [Scope.SCORE],
            per_minute=per_minute,
            expires=None if expires is None else _moment(expires),
        )
    )


@app.command("list")
def list_(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """List the keys, never their secrets."""
    file = _file(state, config)
    known = list(file.read().values())
    if as_json:
        typer.echo(json.dumps([_record(key) for key in known]))
        return
    print_table(
        str(file.path),
        ("id", "name", "scopes", "texts a minute", "created", "expires"),
        [_cells(key) for key in known],
    )


@app.command()
def revoke(key_id: IdArgument, state: StateOption = None, config: ConfigOption = None) -> None:
    """Revoke a key: within a second it opens nothing."""
    file = _file(state, config)
    from tocsin.service.keys import revoke_key

    revoke_key(file, key_id)


@app.command()
def rotate(
    key_id: IdArgument,
    grace: Annotated[int, typer.Option(min=0, help="Seconds for which the old secret stays good.")] = 0,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Replace a key by one that may do the same, and print its secret, once.

    The new key has an id of its own.
    """
    file = _file(state, config)
    from tocsin.service.keys import rotate_key

    typer.echo(rotate_key(file, key_id, grace_s=grace))


def _file(state: Path | None, config: Path | None) -> KeyFile:
    from tocsin.service.api.settings import serve_settings

    with needs("service", "tocsin keys"):
        from tocsin.service.keys import KeyFile
        from tocsin.service.serving.state import open_state
    return KeyFile(open_state(serve_settings(config, state=state), _warn))


def _warn(line: str) -> None:
    typer.echo(f"tocsin: {line}", err=True)


def _moment(given: str) -> datetime:
    """Return the first moment at which a key is no longer good."""
    now = datetime.now(UTC)
    if _DAYS.fullmatch(given):
        return now + timedelta(days=int(given))
    try:
        moment = datetime.combine(date.fromisoformat(given) + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"must be a date such as 2031-05-17 or a number of days, was {given!r}", param_hint="--expires"
        ) from error
    if moment <= now:
        raise typer.BadParameter(f"must not have passed, was {given!r}", param_hint="--expires")
    return moment


def _record(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "per_minute": key.per_minute,
        "created": _shown(key.created),
        "expires": _shown(key.expires),
    }


def _cells(key: Key) -> tuple[object, ...]:
    limit = {None: "as the server says", 0: "any number"}.get(key.per_minute, key.per_minute)
    expired = key.expires is not None and key.expires <= datetime.now(UTC)
    return (
        key.id,
        key.name,
        ", ".join(sorted(key.scopes)),
        limit,
        _shown(key.created) or "–",
        f"{_shown(key.expires) or 'never'}{' (expired)' if expired else ''}",
    )


def _shown(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
