"""`tocsin policy`: look at a policy file before a platform relies on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tocsin.cli.reading import TierOption
from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tocsin.models import Scorer
    from tocsin.models.manifest import GateRecord
    from tocsin.policy import PolicyDocument

__all__ = ["app", "budget_notes", "threshold_cells"]

_MANY_COPIES: Final = 0.1
_DECIMALS: Final = 3
_BUDGET_DECIMALS: Final = 6

app = typer.Typer(help="Validate policy files and show what they come to.", no_args_is_help=True)


@app.callback()
def policy() -> None:
    """Validate policy files and show what they come to."""


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="The policy file; by default that of the settings, then the one that ships.",
            show_default=False,
        ),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            help="Bundle to fit thresholds with; by default that of the settings, then the one that ships."
        ),
    ] = None,
    tier: TierOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Validate a policy file and show its thresholds as fitted on a bundle, certified or not.

    Exit code 1, and one line that names file, key and rule, where the file cannot be used.
    """
    from tocsin.models import load

    scorer = load(bundle, policy=file, tier=tier, refit="none")
    rows = [
        record
        for language in sorted(scorer.bundle.manifest.languages)
        for fitted in scorer.policies(language)
        for record in fitted.records(language)
    ]
    if as_json:
        stamp = scorer.policy.stamp
        typer.echo(
            json.dumps(
                {
                    "version": stamp.version,
                    "digest": stamp.digest,
                    "thresholds": [row.model_dump(mode="json") for row in rows],
                }
            )
        )
    else:
        _print(scorer, rows)


def _print(scorer: Scorer, rows: Sequence[GateRecord]) -> None:
    budgets = [row for row in rows if row.rows is not None]
    print_table(
        f"{scorer.policy.source}: valid",
        ("policy", "level", "certified", "decided", "fires where"),
        [threshold_cells(row) for row in rows],
        "decided: calibration rows, positive / negative, whose labels say yes or no to the whole policy.",
        "certified: with 95% confidence the target holds on texts drawn like those rows, all together.",
        "Where it is not, each signal has its own threshold (in brackets the rows behind it), and the policy",
        "fires as its `when` joins them.",
        *(budget_notes(scorer.policy) if budgets else ()),
    )


def threshold_cells(row: GateRecord) -> tuple[object, ...]:
    """Return policy, level, whether it is certified, the rows behind it and what it asks for."""
    place = f"{row.level} at {row.target}, {row.language}"
    return row.policy, place, row.certified, _ground(row), _condition(row)


def budget_notes(policy: PolicyDocument) -> list[str]:
    """Return how to read the budgets among the thresholds, and what weakens them."""
    languages = policy.fitted.languages if policy.fitted else {}
    copies = {language: fit.duplicates / max(fit.rows, 1) for language, fit in languages.items()}
    return [
        "budget: decided are rows of the platform's traffic that reach the level, of all in the language;",
        "certified is that, with 95% confidence, no larger share of texts drawn like those rows will.",
        *(
            f"{language}: {share:.0%} of the rows repeat another's text. Copies that come in waves are not"
            " independent draws: the promise is weaker than it says."
            for language, share in copies.items()
            if share > _MANY_COPIES
        ),
        *_ties(policy),
    ]


def _ties(policy: PolicyDocument) -> Iterator[str]:
    """Yield the budgets of which less than half is used, by ties or by the other level."""
    from tocsin.models.thresholds import allowed_errors

    asked = {one.name: {"review": one.review, "urgent": one.urgent} for one in policy.policies}
    for language, fit in (policy.fitted.languages if policy.fitted else {}).items():
        for name, levels in fit.policies.items():
            for level, found in levels.items():
                allowed = allowed_errors(fit.rows, asked[name][level].value)
                if 2 * found.reached < allowed:
                    yield (
                        f"{name}, {level}, {language}: only {found.reached} of the {allowed} rows that the"
                        " budget has room for reach it: many rows share one score, or the other level stands"
                        " above."
                    )


def _ground(row: GateRecord) -> str:
    if row.rows is None:
        return f"{row.positives} / {row.negatives}"
    return f"{row.rows} rows" if row.reached is None else f"{row.reached} of {row.rows}"


def _condition(row: GateRecord) -> str:
    """Return what a level asks for, one line a threshold."""
    if row.rows is not None and row.reached is None:
        return "null: not fitted in this language"
    members = [
        f"{signal} ≥ {_number(member.threshold)} ({member.positives} / {member.negatives})"
        for signal, member in row.members.items()
    ]
    # A budget's threshold may lie anywhere near 0 or 1.
    decimals = _DECIMALS if row.rows is None else _BUDGET_DECIMALS
    return "\n".join(members) or f"score ≥ {_number(row.threshold, decimals)}"


def _number(value: float | None, decimals: int = _DECIMALS) -> str:
    return "∞ (no threshold meets the target)" if value is None else f"{value:.{decimals}f}"
