"""`tocsin review export`: decisions as labelled rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli.outfile import check_target
from tocsin.cli.review.opening import (
    ConfigOption,
    DatabaseOption,
    JsonOption,
    StateOption,
    open_desk,
)
from tocsin.cli.review.periods import FromOption, ToOption, period_of, shown_period
from tocsin.errors import InputError
from tocsin.service.scan import open_outfile
from tocsin.settings import settings
from tocsin.signals import Signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.service.review.desk import Desk
    from tocsin.service.review.quality.exporting import Exported, LabelRules
    from tocsin.service.review.quality.period import Period

__all__ = ["export_labels"]


def export_labels(
    labels: Annotated[
        Path, typer.Option(help="File to write, JSON Lines; it appears only when it is complete.")
    ],
    since: FromOption = None,
    until: ToOption = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            help="Policy file that reviewers decide by; by default that of the settings, then the one that"
            " ships.",
            show_default=False,
        ),
    ] = None,
    stands_for: Annotated[
        list[str] | None,
        typer.Option(
            "--signal",
            metavar="POLICY=SIGNAL",
            help="Which signal a policy's confirmation is of, where its expression leaves that open;"
            " repeatable.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: JsonOption = False,
    database: DatabaseOption = None,
    state: StateOption = None,
    config: ConfigOption = None,
) -> None:
    """Write decided items as labelled rows for training, each with its probability.

    Texts leave the queue by this: it is logged, and the file is its owner's alone to read. Nothing is written
    of items that were erased, are to be, or that a hold keeps.
    """
    from tocsin.policy import default_policy, read_policy

    check_target(labels, [policy] if policy else [], force=force)
    path = policy or settings().policy
    document = read_policy(path) if path else default_policy()
    with open_desk(database, state, config) as desk:
        from tocsin.service.review.quality.exporting import LabelRules

        rules = LabelRules(document, _signals(stands_for or ()))
        period = period_of(desk.context, since, until)
        done = _write(desk, labels, period, rules)
    if as_json:
        typer.echo(json.dumps(_record(labels, done)))
        return
    _tell(labels, period, done)


def _signals(given: Sequence[str]) -> Mapping[str, Signal]:
    told = {}
    for one in given:
        name, equals, signal = one.rpartition("=")
        if not equals or not name or signal not in {known.value for known in Signal}:
            allowed = ", ".join(Signal)
            raise typer.BadParameter(
                f"--signal must be POLICY=SIGNAL with one of {allowed}, was {one[:80]!r}"
            )
        told[name] = Signal(signal)
    return told


def _write(desk: Desk, path: Path, period: Period, rules: LabelRules) -> Exported:
    from tocsin.service.review.quality.exporting import Exported, label_rows, log_export

    done = Exported()
    lines = desk.read(label_rows, period, rules, done)
    if not lines:
        raise InputError(f"there must be a decided item to write, there is none among {_among(period)}")
    try:
        with open_outfile(path, private=True) as file:  # posts' texts
            digest = hashlib.sha256()
            for line in lines:
                file.write(line)
                digest.update(line)
            # Before the file takes its name: there is none that the log does not know of.
            desk.write(log_export, period, done, digest.hexdigest())
    except OSError as error:
        raise InputError(f"an output must be writable to its end: {error.strerror}") from error
    return done


def _among(period: Period) -> str:
    return shown_period(period.since, period.until)


def _record(path: Path, done: Exported) -> dict[str, Any]:
    return {
        "out": str(path),
        "rows": done.rows,
        "labels": dict(sorted(done.labels.items())),
        "left_out": dict(sorted(done.left_out.items())),
    }


def _tell(path: Path, period: Period, done: Exported) -> None:
    typer.echo(f"{path} is written: {done.rows:,} rows of {_among(period)}")
    told = ", ".join(f"{label} {count:,}" for label, count in sorted(done.labels.items()))
    typer.echo(f"labels: {told}")
    for why, count in sorted(done.left_out.items()):
        typer.echo(f"left out: {count:,} {why}")
