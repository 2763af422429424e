"""One pass over a platform's traffic: every row scored, and what is fitted to that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from tocsin.cli.reading import say
from tocsin.cli.scan_run import EXIT_INTERRUPTED
from tocsin.service.scan import (
    Columns,
    Input,
    Judged,
    Limits,
    Rejections,
    judge_rows,
    read_rows,
    show_progress,
)

if TYPE_CHECKING:
    from tocsin.models import Scorer
    from tocsin.policy import PolicyDocument
    from tocsin.service.scan import Assessor

__all__ = ["FittedFile", "TrafficFiles", "fit_file", "read_traffic"]


@dataclass(frozen=True, slots=True)
class TrafficFiles:
    """Hold what to read, and how."""

    inputs: Sequence[Input]
    columns: Columns
    limits: Limits
    strict: bool
    quiet: bool


@dataclass(frozen=True, slots=True)
class FittedFile:
    """Hold a policy file with its table `[fitted]`, the scorer that it makes, and what to say with it.

    `rules` is the file as it was, less an older table; `shortfalls` says where a policy is null.
    """

    rules: bytes
    content: bytes
    scorer: Scorer
    shortfalls: Sequence[str]
    unscorable: Mapping[str, int]
    rejected: int


def fit_file(
    path: Path, name: str, files: TrafficFiles, load: Callable[[PolicyDocument], Scorer]
) -> FittedFile:
    """Fit the budgets of the policy file at `path`, which will be called `name`.

    `load` makes a scorer of policies. Whatever comes back has been read again as a scan would read it.
    """
    from tocsin.models import Scorer
    from tocsin.models.budget_fitting import budgeted, fit_budgets, shortfalls, without_budgets
    from tocsin.models.refitting import encoding
    from tocsin.models.traffic import TrafficScores
    from tocsin.policy import parse_policy, policy_bytes, policy_rules, with_fitted

    rules = policy_rules(policy_bytes(path), str(path))
    document = parse_policy(rules, str(path))
    bare = encoding(load(without_budgets(document)))
    scores = TrafficScores(budgeted(document), bare.conditions.assumed)
    rejected = read_traffic(files, bare, lambda one: scores.add(one.item, one.assessment))
    fitted = fit_budgets(document, bare, scores)
    content = with_fitted(rules, fitted)
    scorer = Scorer(
        bare.bundle,
        parse_policy(content, name),
        assume_language=bare.conditions.assume_language,
        max_characters=bare.conditions.max_characters,
    )
    short = tuple(shortfalls(document, bare, fitted.languages))
    return FittedFile(rules, content, scorer, short, scores.unscorable, rejected)


def read_traffic(files: TrafficFiles, assessor: Assessor, take: Callable[[Judged], None]) -> int:
    """Let an assessor judge every row, and hand out what it said; return how many rows were rejected."""
    rejected, judged, stderr = 0, 0, Console(stderr=True)
    try:
        with ExitStack() as stack:
            rejections = Rejections(lambda line: say(stderr, line), strict=files.strict)
            stack.callback(rejections.finish)
            on_read = stack.enter_context(show_progress(files.inputs, stderr, quiet=files.quiet))
            rows = read_rows(files.inputs, files.columns, files.limits, on_read)
            for outcome in judge_rows(rows, assessor):
                if isinstance(outcome, Judged):
                    judged += outcome.assessment.reason is None
                    take(outcome)
                else:
                    rejected += 1
                    rejections.add(outcome)
    except KeyboardInterrupt:
        say(stderr, f"interrupted; {judged:,} rows scored, nothing written")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    return rejected
