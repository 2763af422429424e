"""`tocsin review add-reviewer`, `list-reviewers`, `set-reviewer`: who reviews, and what they may do."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.review.opening import (
    MOST,
    ConfigOption,
    DatabaseOption,
    JsonOption,
    StateOption,
    open_desk,
    shown_time,
    state_folder,
)
from tocsin.cli.table import print_table
from tocsin.service.keys.scope import Scope
from tocsin.service.review.role import Role

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.service.review.desk import Desk
    from tocsin.service.review.records import Reviewer

__all__ = ["add", "list_all", "set_"]

RoleWord = StrEnum("RoleWord", {role.name: role.word for role in Role})  # type: ignore[misc]


def add(
    name: Annotated[str, typer.Argument(help="Name, as colleagues and lists show it.")],
    role: Annotated[RoleWord, typer.Option(help="What they may do; each may do what those before it may.")],
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a reviewer with a key of their own, and print its secret, once: nothing can tell it again.

    Servers that use the state folder take the key within a second.
    """
    with open_desk(database, state, config) as desk:
        from tocsin.service.keys import KeyFile
        from tocsin.service.keys.changes import add_key
        from tocsin.service.keys.secret import id_of
        from tocsin.service.review.log import OPERATOR
        from tocsin.service.review.records import add_reviewer

        # The key is written last: where the reviewer cannot be made, there is none.
        with KeyFile(state_folder(state, config)).changing() as keys:
            secret = add_key(keys, name, [Scope.REVIEW])
            desk.write(add_reviewer, name, Role.of(role), key=id_of(secret), by=OPERATOR)
    typer.echo(secret)


def list_all(
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """List those who review, the inactive included."""
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.records import list_reviewers

        known = list(map(_record, desk.read(list_reviewers)))
    if as_json:
        typer.echo(json.dumps(known))
        return
    headings = ("number", "name", "role", "key", "active", "created")
    print_table(
        "Reviewers",
        headings,
        [
            [one[heading] or "–" if heading == "key" else one[heading] for heading in headings]
            for one in known
        ],
    )


def set_(
    number: Annotated[
        int, typer.Argument(min=1, max=MOST, help="Number of the reviewer, as the list shows it.")
    ],
    role: Annotated[
        RoleWord | None, typer.Option(help="What they may do from now on.", show_default=False)
    ] = None,
    active: Annotated[
        bool | None,
        typer.Option("--active/--inactive", help="Whether they may do anything at all.", show_default=False),
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Replace their key, and print its secret, once.")
    ] = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a reviewer another role or key, or take them off; what they may hold no longer is free at once."""
    if role is None and active is None and not new_key:
        raise typer.BadParameter("one of --role, --active, --inactive and --new-key must be given, was none")
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.log import OPERATOR
        from tocsin.service.review.records import change_reviewer

        changed = None if role is None else Role.of(role)
        if not new_key:
            desk.write(change_reviewer, number, role=changed, active=active, by=OPERATOR)
            return
        secret = _with_new_key(desk, state_folder(state, config), number, changed, active)
    typer.echo(secret)


def _with_new_key(desk: Desk, folder: Path, number: int, role: Role | None, active: bool | None) -> str:
    """Return the secret of the key that takes the place of a reviewer's; the old one opens nothing more."""
    from tocsin.service.keys import KeyFile
    from tocsin.service.keys.changes import add_key
    from tocsin.service.keys.secret import id_of
    from tocsin.service.review.log import OPERATOR
    from tocsin.service.review.records import change_reviewer, list_reviewers

    known = {one.number: one for one in desk.read(list_reviewers)}
    name = known[number].name if number in known else str(number)
    with KeyFile(folder).changing() as keys:
        secret = add_key(keys, name, [Scope.REVIEW])
        desk.write(change_reviewer, number, role=role, active=active, key=id_of(secret), by=OPERATOR)
        keys.pop(known[number].key or "", None)
    return secret


def _record(reviewer: Reviewer) -> dict[str, Any]:
    return {
        "number": reviewer.number,
        "name": reviewer.name,
        "role": reviewer.role.word,
        "key": reviewer.key,
        "active": reviewer.active,
        "created": shown_time(reviewer.created_at),
    }
