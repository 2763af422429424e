"""`tocsin review statements`: statements of reasons, made, listed, written out, sent."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tocsin.cli.outfile import check_target
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
from tocsin.service.scan import open_outfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.service.review.compliance.keeping import Kept

__all__ = ["EXIT_UNFINISHED", "app"]

EXIT_UNFINISHED: Final = 3
_HEADINGS: Final = ("number", "measure", "state", "fault", "made", "uuid")

app = typer.Typer(help="Statements of reasons, from the platform's measures.", no_args_is_help=True)


class _State(StrEnum):
    FAULTY = "faulty"
    LEFT_OUT = "left_out"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNRECEIPTED = "unreceipted"
    REFUSED = "refused"


@app.command("list")
def list_all(
    state_of: Annotated[
        list[_State] | None,
        typer.Option("--only", help="List those in this state, repeatable.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Make a statement for every measure that has none, and list the latest thousand.

    Nothing is sent.
    """
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.compliance.keeping import (
            State,
            count_states,
            list_statements,
            make_statements,
        )

        make_statements(desk)
        counts = desk.read(count_states)
        found = desk.read(list_statements, [State(one.value) for one in state_of or []])
    records = list(map(_record, found))
    if as_json:
        typer.echo(json.dumps({"counts": _counted(counts), "statements": records}))
        return
    told = ", ".join(f"{count:,} {name}" for name, count in _counted(counts).items() if count)
    rows = [["–" if one[name] is None else one[name] for name in _HEADINGS] for one in records]
    print_table("Statements of reasons", _HEADINGS, rows, told or "There is none.")


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(metavar="FILE", help="File to write: JSON Lines, a call a line.")],
    everything: Annotated[
        bool, typer.Option("--all", help="Write those that were sent before, too.")
    ] = False,
    sent: Annotated[
        bool, typer.Option("--mark-sent", help="Count them as sent by other means: nothing sends them again.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file where it is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Write the statements that wait to be sent to a file, up to a hundred in each line, a call's body.

    A statement is made for every measure that has none. Exit code 3: some cannot be made.
    """
    check_target(out, [], force=force)
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.compliance.exporting import export_calls, mark_sent
        from tocsin.service.review.compliance.keeping import State, count_states, make_statements

        make_statements(desk)
        numbers: list[int] = []
        calls = 0
        with open_outfile(out) as file:
            for some, line in export_calls(desk, everything=everything):
                file.write(line)
                numbers += some
                calls += 1
        marked = desk.write(mark_sent, numbers) if sent and numbers else 0
        faulty = desk.read(count_states)[State.FAULTY]
    told = {"statements": len(numbers), "calls": calls, "marked": marked, "faulty": faulty}
    _say(told, as_json=as_json)
    if faulty:
        raise typer.Exit(EXIT_UNFINISHED)


@app.command("send")
def send(
    now: Annotated[
        bool, typer.Option("--now", help="Send those too that wait after an attempt that failed.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Send statements to the transparency database, up to a hundred in a call, each once.

    A statement is made for every measure that has none. Exit code 3: some cannot be made, were refused, or
    wait for another attempt.
    """
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.compliance.keeping import State, count_states, make_statements
        from tocsin.service.review.compliance.sending import send_statements

        make_statements(desk)
        done = send_statements(desk, now=now)
        faulty = desk.read(count_states)[State.FAULTY]
    told = {
        one.value: done.counts[one] for one in (State.SENT, State.UNRECEIPTED, State.REFUSED, State.WAITING)
    }
    _say({**told, "faulty": faulty}, as_json=as_json)
    if done.stopped:
        typer.echo(f"tocsin: stopped: {done.stopped}", err=True)
    if done.stopped or faulty or done.counts[State.REFUSED]:
        raise typer.Exit(EXIT_UNFINISHED)


@app.command("retry")
def retry(
    numbers: Annotated[
        list[int] | None,
        typer.Argument(
            min=1, max=MOST, help="Numbers of refused statements, as the list shows them.", show_default=False
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Make all of them anew.")] = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Make statements that were refused anew from the compliance file as it is now, to be sent again."""
    wanted = chosen(numbers, everything=everything)
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.compliance.keeping import try_again

        count = desk.write(try_again, wanted)
    typer.echo(f"{count:,} made anew")


def _record(kept: Kept) -> dict[str, Any]:
    plain = asdict(kept) | {"state": kept.state.value, "made": shown_time(kept.made_at)}
    del plain["made_at"]
    return plain


def _counted(counts: Mapping[Any, int]) -> dict[str, int]:
    return {one.value: count for one, count in counts.items()}


def _say(told: Mapping[str, int], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told))
    else:
        typer.echo(", ".join(f"{count:,} {name}" for name, count in told.items()))
