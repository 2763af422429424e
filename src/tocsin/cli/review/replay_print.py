"""A replay as tables for people: everything escaped, no text but where it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from tocsin.cli.policy import threshold_cells
from tocsin.cli.review.opening import shown_time
from tocsin.cli.table import print_table
from tocsin.service.scan import reveal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.models.manifest import GateRecord
    from tocsin.service.review.replay import Replay, Rescored, Words
    from tocsin.service.review.replay.arrival import Arrival
    from tocsin.service.review.replay.events import Event
    from tocsin.service.review.replay.screen import Screen
    from tocsin.service.review.replay.sealed import Seal

__all__ = ["print_replay", "print_rescored", "print_words"]


def print_replay(told: Replay) -> None:
    """Print a replay, what it cannot tell last."""
    _print_arrival(told.arrival)
    _print_assessment(told.assessment)
    print_table(
        "What happened",
        ("when", "row", "what", "by", "told"),
        [(_shown(one.at), _shown(one.row), one.what, _shown(one.by), _told(one.told)) for one in told.events],
        "row: its row in the log; what has none is told by a table alone.",
        "",
    )
    for event in told.events:
        if event.screen is not None:
            _print_screen(event, event.screen, told)
    _print_seal(told.seal)
    print_table("Not kept", ("what",), [(line,) for line in told.not_kept])


def print_rescored(found: Rescored, thresholds: Sequence[GateRecord]) -> None:
    """Print where judging again differs, and the thresholds of then."""
    if found.differences:
        print_table(
            f"Judged again: {len(found.differences)} of {found.compared} values differ",
            ("value", "kept", "now"),
            [(one.field, _shown(one.kept), _shown(one.now)) for one in found.differences],
            "Bundle and policy file are the same. Not kept: tier, assumed language, cascade of then, and",
            "the language hint where a notice brought the text back: try --tier and --assume-language.",
        )
    else:
        typer.echo(f"Judged again: all {found.compared} values are as kept, to a millionth.\n")
    print_table(
        "Thresholds, as this bundle and policy file come to them",
        ("policy", "level", "certified", "decided", "fires where"),
        [threshold_cells(row) for row in thresholds],
    )


def print_words(words: Words) -> None:
    """Print the texts."""
    rows = [("text", words.text)]
    rows += [(f"thread {place}", text) for place, text in enumerate(words.thread)]
    for name in ("notices", "appeals", "notes", "reasons", "explanations", "holds"):
        rows += [(f"{name} {number}", text) for number, text in getattr(words, name).items()]
    print_table("Words", ("of", "words"), rows, "That you had these is in the log.")


def _print_arrival(item: Arrival) -> None:
    rows = [
        ("id", item.id),
        ("the platform's own id of the sampled post", item.own_id),
        ("received", item.received_at),
        ("posted", item.posted_at),
        ("language", item.language),
        ("the platform's hint", item.hint),
        ("community", item.community),
        ("reach", item.reach),
        ("text", None if item.characters is None else f"{item.characters} characters, {item.words} words"),
        ("texts before it", item.thread or None),
        ("digest of id and text, salted", item.text_digest),
        ("erasure asked", item.erase_asked_at),
        ("erased", item.erased_at),
    ]
    rows += [("why somebody looks", _reason(one)) for one in item.reasons] or [
        ("why somebody looks", "nobody asked for it")
    ]
    shown = [(name, _shown(value)) for name, value in rows if value is not None]
    print_table(f"Item {item.item}", ("what", "value"), shown)


def _reason(told: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in told.items() if name != "why"}
    return f"{told['why']}: {_told(rest)}" if rest else str(told["why"])


def _print_assessment(told: Mapping[str, Any] | None) -> None:
    if told is None:
        typer.echo("No assessment is kept.\n")
        return
    print_table(
        "As it was judged when it came",
        ("policy", "score", "level", "certified", "missing"),
        [
            (
                one["name"],
                _shown(one["score"]),
                _shown(one["level"]),
                one["certified"],
                _shown(one["missing"]),
            )
            for one in told["policies"]
        ],
        f"bundle {told['model']['name']} {told['model']['version']}, {told['model']['digest']}",
        f"policy file {told['policy']['version']}, {told['policy']['digest']}",
        f"status {told['status']}, reason {_shown(told['reason'])}, language {told['language']},"
        f" tier {_shown(told['tier'])}, priority {_shown(told['priority'])}",
        *(f"signal {name}: {_shown(value)}" for name, value in told["signals"].items()),
        *(
            f"span {one['start']} to {one['end']}: {one['signal']} {one['weight']:+}"
            for one in told.get("spans", ())
        ),
        "",
    )


def _print_screen(event: Event, screen: Screen, told: Replay) -> None:
    assessed = told.assessment is not None
    model = "scores, levels and marks as above" if assessed else "scores, levels and marks, which are gone"
    rows = [
        ("queue", screen.queue_shown),
        ("claimed", _shown(screen.claimed_at) if screen.claimed_at else "not kept"),
        ("of the model", model if screen.model_shown else "nothing: the task is blind"),
        ("of the text", _open(screen)),
        *_parts(screen.revealed),
        (
            "whole text by a key",
            f"{screen.looks} times over" if screen.looks > 1 else ("never", "once")[screen.looks],
        ),
        ("notices", _shown(screen.notices)),
        ("appeals", _shown(screen.appeals)),
        ("earlier decisions", _shown(screen.earlier)),
    ]
    if screen.together_with is not None:
        rows.append(("decided on the page of", f"decision {screen.together_with}"))
    print_table(f"On the page at decision {event.told.get('decision')}", ("what", "shown"), rows)


def _open(screen: Screen) -> str:
    if screen.words is None:
        return "the text is gone: how many words were open cannot be told"
    return f"{screen.words_shown} of {screen.words} words"


def _parts(revealed: Mapping[str, Sequence[int | None]]) -> Iterator[tuple[str, str]]:
    for extent, parts in revealed.items():
        yield f"open: {extent}", "all of it" if None in parts else _shown(parts)


def _print_seal(seal: Seal) -> None:
    texts = {True: "the text fits its digest", False: "THE TEXT IS ANOTHER ONE NOW", None: "no text is kept"}
    if seal.whole:
        own_rows = f"{seal.own:,} of them about this item"
        typer.echo(f"The log is whole: {seal.rows:,} rows, {own_rows}; {texts[seal.text_is_same]}.\n")
        return
    own = [("this item", one.seq or "-", one.what) for one in seal.own_findings]
    known = set(seal.own_findings)
    rest = [("the log", one.seq, one.what) for one in seal.findings if one not in known]
    print_table(
        "The log is broken",
        ("of", "row", "what"),
        [*own, *rest],
        f"{texts[seal.text_is_same]}; of a row that is gone nobody can tell which item it was about.",
    )


def _told(told: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name} {_shown(value)}"
        for name, value in told.items()
        if value is not None and value not in ([], ())
    )


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return str(shown_time(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.9g}"  # a probability may be tiny
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value)) or "none"
    return reveal(str(value))
