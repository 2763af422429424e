"""`tocsin thresholds refit`: thresholds that keep a policy file's targets, from what reviewers decided."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.outfile import check_target
from tocsin.cli.review.opening import ConfigOption, DatabaseOption, StateOption, open_desk, shown_time
from tocsin.cli.review.periods import FromOption, ToOption, period_of, shown_period, shown_share
from tocsin.cli.table import print_table
from tocsin.errors import InputError
from tocsin.service.scan import open_outfile
from tocsin.settings import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.service.review.quality.decided import Decided
    from tocsin.service.review.quality.period import Period
    from tocsin.service.review.quality.policy_refit import LevelRefit

__all__ = ["refit"]

_HEADINGS = ("policy", "level", "target", "rate now", "threshold", "rate then", "flags now", "then")


def refit(
    since: FromOption = None,
    until: ToOption = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="Policy file with the targets; by default that of the settings, then the one that ships.",
            show_default=False,
        ),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            help="Write a copy of the policy file with the thresholds to this file; without it nothing is"
            " written.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Find thresholds that keep the targets fpr, recall and precision, from decisions and the random audit.

    Each keeps its target with 95% confidence on items like those that arrived in the period, scored by the
    same bundle; where decisions do not carry it, it says how many more it would take.
    """
    from tocsin.policy import parse_policy, policy_bytes, policy_rules

    path = policy or settings().policy
    name = str(path) if path else "default.toml"
    content = policy_bytes(path) if path else (resources.files("tocsin.policy") / "default.toml").read_bytes()
    rules = policy_rules(content, name)
    if write is not None:
        check_target(write, [path] if path else [], force=force)
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.quality.decided import read_decided
        from tocsin.service.review.quality.policy_refit import refit_policies

        period = period_of(desk.context, since, until)
        found = desk.read(read_decided, period)
        made = refit_policies(parse_policy(rules, name), found)
    if write is not None:
        _write(write, rules.decode("utf-8-sig"), made, period, found)
    _show(made, period, found, write, as_json=as_json)


def _write(path: Path, rules: str, made: Sequence[LevelRefit], period: Period, found: Decided) -> None:
    from tocsin.policy import parse_policy
    from tocsin.service.review.quality.policy_refit import rewritten

    if not any(one.refit and one.refit.threshold is not None for one in made):
        raise InputError("a target must be refitted to write a file, none was")
    note = f"kept at 95% on {shown_period(period.since, period.until)}, by {len(found.items):,} decisions"
    content = rewritten(rules, made, note).encode()
    parse_policy(content, str(path))
    try:
        with open_outfile(path) as file:
            file.write(content)
    except OSError as error:
        raise InputError(f"an output must be writable to its end: {error.strerror}") from error


def _show(
    made: Sequence[LevelRefit], period: Period, found: Decided, path: Path | None, *, as_json: bool
) -> None:
    if as_json:
        told: dict[str, Any] = {
            "out": str(path) if path else None,
            "since": shown_time(period.since),
            "until": shown_time(period.until),
            "confidence": 0.95,
            "decided": len(found.items),
            "arrived": found.arrived,
            "model": found.model,
            "levels": [_record(one) for one in made],
        }
        typer.echo(json.dumps(told))
        return
    written = f"{path} is written" if path else "nothing is written"
    reasons = (f"{one.policy}, {one.level}: {_why(one)}" for one in made if _why(one))
    among = shown_period(period.since, period.until)
    print_table(
        f"{len(found.items):,} decided of {found.arrived:,} {among}; {written}",
        _HEADINGS,
        [_cells(one) for one in made],
        *reasons,
    )


def _record(one: LevelRefit) -> dict[str, Any]:
    refitted = None if one.refit is None else {**asdict(one.refit), "target": str(one.refit.target)}
    return {**asdict(one), "target": str(one.target), "refit": refitted}


def _cells(one: LevelRefit) -> tuple[object, ...]:
    now = shown_share(one.now.value, one.now.low, one.now.high)
    made = one.refit
    if made is None or made.threshold is None or made.flags is None:
        return (one.policy, one.level, one.target, now, "as it is", "–", f"{one.flagged:,}", "–")
    then = shown_share(made.rate.value, made.rate.low, made.rate.high)
    threshold = f"{made.threshold:.7g}"
    return (one.policy, one.level, one.target, now, threshold, then, f"{one.flagged:,}", f"{made.flags:,.0f}")


def _why(one: LevelRefit) -> str | None:
    if one.refit is None:
        return {
            "budget": "a budget is fitted by `tocsin thresholds fit`",
            "number": "a number promises nothing",
        }[one.target.kind.value]
    return one.refit.why
