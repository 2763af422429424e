"""`tocsin review create-admin`, `invite`: the first who signs in to the console, and links for others."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from tocsin.cli.review.opening import MOST, ConfigOption, DatabaseOption, StateOption, open_desk

if TYPE_CHECKING:
    from tocsin.service.review.desk import Desk

__all__ = ["create_admin", "invite_reviewer"]

UrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Address that people reach the server at, put before the link; by default "
        "TOCSIN_REVIEW_CONSOLE_URL, else the link begins with a slash.",
        show_default=False,
    ),
]


def create_admin(
    name: Annotated[
        str, typer.Argument(help="Name that they sign in with, as colleagues and lists show it.")
    ],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
    ] = False,
    invite: Annotated[
        bool, typer.Option("--invite", help="Print a link by which they choose the password, once.")
    ] = False,
    url: UrlOption = None,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a reviewer of the role admin who signs in to the console, and print their number.

    The password is asked for twice, and not shown. With --invite a link is printed in the number's place.
    """
    if password_stdin and invite:
        raise typer.BadParameter("one of --password-stdin and --invite may be given, were both")
    base = _base(url)
    password = None if invite else _password(password_stdin)
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.accounts.administration import add_by_invitation, add_with_password
        from tocsin.service.review.log import OPERATOR
        from tocsin.service.review.role import Role

        if password is None:
            made = desk.write(add_by_invitation, name, Role.ADMIN, by=OPERATOR)
            typer.echo(_link(desk, made.token, base))
        else:
            typer.echo(add_with_password(desk, name, Role.ADMIN, password, by=OPERATOR).number)


def invite_reviewer(
    number: Annotated[
        int, typer.Argument(min=1, max=MOST, help="Number of the reviewer, as the list shows it.")
    ],
    reset: Annotated[
        bool,
        typer.Option("--reset", help="Take back their password at once and sign them out everywhere."),
    ] = False,
    clear_codes: Annotated[
        bool,
        typer.Option("--clear-codes", help="With --reset: ask for no codes any more, for the phone is lost."),
    ] = False,
    url: UrlOption = None,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Print a link by which a reviewer chooses a password: it works once, for a day, and is told only now.

    Until it is taken up nothing changes, but with --reset; earlier links of theirs open nothing more.
    """
    if clear_codes and not reset:
        raise typer.BadParameter("--clear-codes must come with --reset, came alone")
    base = _base(url)
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.accounts.administration import reset as take_back
        from tocsin.service.review.accounts.invitation import invite
        from tocsin.service.review.log import OPERATOR

        if reset:
            token = desk.write(take_back, number, codes=clear_codes, by=OPERATOR).token
        else:
            token = desk.write(invite, number, by=OPERATOR)
        typer.echo(_link(desk, token, base))


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not _is_terminal():
        raise typer.BadParameter("a password must be typed at a terminal, or come with --password-stdin")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return typed


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _base(url: str | None) -> str | None:
    """Return the address that links begin with; raise BadParameter where it is none."""
    if url is None:
        return None
    parts = urlsplit(url)
    whole = parts.scheme in {"http", "https"} and parts.hostname and url.isprintable() and " " not in url
    if not whole or parts.query or parts.fragment or parts.path not in {"", "/"} or "@" in parts.netloc:
        raise typer.BadParameter("--url must be https://HOST, and nothing after host and port")
    return url.removesuffix("/")


def _link(desk: Desk, token: str, base: str | None) -> str:
    from tocsin.service.review.accounts.invitation import path_of

    return f"{base or desk.context.settings.console_url or ''}{path_of(token)}"
