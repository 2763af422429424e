"""`tocsin review replay`: one item again, as it came, was judged, was shown and was decided."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.reading import AssumeLanguageOption, BundleOption, PolicyOption, TierOption
from tocsin.cli.review.judging import server_scorer
from tocsin.cli.review.log import EXIT_BROKEN, hint_key, verifying
from tocsin.cli.review.opening import ConfigOption, DatabaseOption, StateOption, open_log, shown_time
from tocsin.cli.review.replay_print import print_replay, print_rescored, print_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from tocsin.models import Scorer
    from tocsin.models.manifest import GateRecord
    from tocsin.service.review.context import Context
    from tocsin.service.review.desk import Desk
    from tocsin.service.review.replay import Replay, Rescored, Words

__all__ = ["replay_item"]


def replay_item(
    item: Annotated[
        str, typer.Argument(metavar="ID", help="The platform's id of the item, or the number of a task.")
    ],
    by_task: Annotated[bool, typer.Option("--task", help="Take ID as the number of a task alone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    show_text: Annotated[
        bool,
        typer.Option("--show-text", help="Print texts, notes and statements too: that is logged as a look."),
    ] = False,
    rescore: Annotated[
        bool,
        typer.Option(
            "--rescore", help="Judge the text again, with the same bundle and policy file, and compare."
        ),
    ] = False,
    bundle: BundleOption = None,
    tier: TierOption = None,
    policy: PolicyOption = None,
    assume_language: AssumeLanguageOption = None,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Tell again what became of an item, and what stood on the page at each decision.

    Reviewers are numbers, and no text is told unless asked for. Exit codes: 0 told, and the log is whole;
    1 the log is broken, --rescore found a difference, or it could not be told; 2 wrong usage.
    """
    if not item.isprintable():
        raise typer.BadParameter("an id must hold printable characters alone")
    with open_log(database, state, config) as desk:
        number = _number(desk, item, by_task=by_task)
        told = _replay(desk, number)
        again = None
        if rescore:
            scorer = server_scorer(
                config, bundle=bundle, tier=tier, policy=policy, assume_language=assume_language
            )
            again = _rescored(desk, number, scorer)
        words = _words(desk, number) if show_text else None
        _print_json(told, words, again) if as_json else _print(told, words, again)
        if told.seal.findings:
            hint_key(desk)
    if not told.seal.whole or (again is not None and again[0].differences):
        raise typer.Exit(EXIT_BROKEN)


Again = tuple["Rescored", "Sequence[GateRecord]"]


def _number(desk: Desk, item: str, *, by_task: bool) -> int:
    from tocsin.service.review.making import check_version
    from tocsin.service.review.replay import find_item

    check_version(desk.store)
    return desk.read(find_item, item, by_task=by_task)


def _replay(desk: Desk, number: int) -> Replay:
    from tocsin.service.review.log import read_head
    from tocsin.service.review.replay import replay

    def work(tx: Connection, context: Context) -> Replay:
        with verifying(read_head(tx).seq) as progress:
            return replay(tx, context, number, progress)

    return desk.read(work)


def _rescored(desk: Desk, number: int, scorer: Scorer) -> Again:
    """Return what differs, and the thresholds that bundle and policy file come to in the text's language."""
    from tocsin.service.review.replay import rescored

    found = desk.read(rescored, number, scorer)
    fitted = scorer.policies(found.language)
    return found, [record for one in fitted for record in one.records(found.language)]


def _words(desk: Desk, number: int) -> Words:
    from tocsin.service.review.log import OPERATOR
    from tocsin.service.review.replay import show_words

    return desk.write(show_words, number, OPERATOR)


def _print(told: Replay, words: Words | None, again: Again | None) -> None:
    print_replay(told)
    if again is not None:
        print_rescored(*again)
    if words is not None:
        print_words(words)


def _print_json(told: Replay, words: Words | None, again: Again | None) -> None:
    seal = told.seal
    document: dict[str, Any] = {
        "item": asdict(told.arrival),
        "assessment": told.assessment,
        "events": [asdict(event) for event in told.events],
        "log": {
            "whole": seal.whole,
            "rows": seal.rows,
            "own_rows": seal.own,
            "findings": [{"row": one.seq, "what": one.what} for one in seal.findings],
            "own_findings": [{"row": one.seq, "what": one.what} for one in seal.own_findings],
            "text_is_same": seal.text_is_same,
        },
        "not_kept": list(told.not_kept),
    }
    if again is not None:
        found, thresholds = again
        document["rescored"] = {
            "same": not found.differences,
            "compared": found.compared,
            "differences": [asdict(one) for one in found.differences],
            "thresholds": [record.model_dump(mode="json") for record in thresholds],
        }
    if words is not None:
        document["words"] = asdict(words)
    typer.echo(json.dumps(document, default=_plain))


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return shown_time(value)
    raise TypeError(f"must be plain JSON, was {type(value).__name__}")
