"""A diff as tables on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.cli.table import print_table
from tocsin.service.scan import reveal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tocsin.service.audit.diffing import DiffRecord
    from tocsin.service.audit.diffing.records import FlaggedRecord, PolicyDiff, SliceRecord

__all__ = ["print_diff"]

_FLIPS: Final = (
    "policy",
    "judged by both",
    "up",
    "down",
    "share",
    "kappa",
    "flagged in A",
    "in B",
    "both",
    "change",
)


def print_diff(diff: DiffRecord, flips: Path | None) -> None:
    """Print what differs, what flips and how far scores moved; `flips` is where the sample lies."""
    print_table(
        "What differs between the audits",
        ("what", "A", "B"),
        [(one.what, _or_none(one.a), _or_none(one.b)) for one in diff.differences] or [_SAME],
        *_rows(diff),
    )
    print_table(
        "What flips",
        _FLIPS,
        [_flips(policy) for policy in diff.policies],
        *_notes(diff),
    )
    print_table(
        "Levels in A, down, against B, across",
        ("policy", "in A", *_STATES),
        [row for policy in diff.policies for row in _moves(policy)],
    )
    print_table(
        "How far scores moved: B less A, of so large a share of rows at most",
        ("policy", "rows", *_SHARES.values(), "mean distance", "ranks agree"),
        [_scores(policy) for policy in diff.policies],
    )
    for name in diff.policies[0].cuts:
        print_table(
            f"By {name}",
            ("policy", name, "rows", "up", "down", "share", "flagged in A", "in B", "change"),
            [
                (policy.name, "(none)" if one.value is None else one.value, *_slice(one))
                for policy in diff.policies
                for one in policy.cuts[name].slices
                if one.raised or one.lowered or one.flagged.change
            ],
            *_left_out(diff, name),
        )
    _print_sample(diff, flips)


def _rows(diff: DiffRecord) -> Iterator[str]:
    how = "id" if diff.matched == "id" else "input and place"
    yield f"{diff.rows:,} rows are in both, matched by {how}."
    for told, count in (("A", diff.only_a), ("B", diff.only_b)):
        if count:
            yield f"{count:,} rows are in {told} alone, and in no figure."
    for one in diff.statuses:
        if one.a != one.b:
            yield f"{one.rows:,} rows were {one.a} in A and are {one.b} in B."
    if diff.matched == "id" and (diff.a.rejected or diff.b.rejected):
        yield (
            f"Rejected rows have no id and are in no figure: {diff.a.rejected:,} of A,"
            f" {diff.b.rejected:,} of B."
        )
    for told, names in (("A", diff.policies_only_a), ("B", diff.policies_only_b)):
        if names:
            yield f"Policies in {told} alone, not compared: {', '.join(names)}."


def _flips(policy: PolicyDiff) -> tuple[object, ...]:
    return (
        policy.name,
        f"{policy.judged:,}",
        f"{policy.raised:,}",
        f"{policy.lowered:,}",
        _percent(policy.share),
        "" if policy.kappa is None else f"{policy.kappa:.3f}",
        *_flagged(policy.flagged),
    )


def _notes(diff: DiffRecord) -> Iterator[str]:
    yield "Every row was compared: these are counts, not estimates, and have no intervals."
    yield "Up and down: to a higher or lower level, of rows that both judged. Change: of the flagged share."
    yield "Kappa: how far levels agree beyond what chance would make; 1 is always."
    for policy in diff.policies:
        if policy.lost or policy.gained:
            yield f"{policy.name}: {policy.lost:,} rows have a level in A only, {policy.gained:,} in B only."


def _moves(policy: PolicyDiff) -> Iterator[tuple[object, ...]]:
    counts = {(move.a.value, move.b.value): move.rows for move in policy.moves}
    for was in _STATES:
        row = [counts.get((was, now), 0) for now in _STATES]
        if any(row):
            yield (policy.name, was, *(f"{count:,}" if count else "" for count in row))


def _scores(policy: PolicyDiff) -> tuple[object, ...]:
    scores = policy.scores
    if scores is None:
        return (policy.name, 0, *("" for _ in _SHARES), "", "")
    quantiles = [f"{scores.quantiles[share]:+.4f}" for share in _SHARES]
    ranks = "" if scores.rank_correlation is None else f"{scores.rank_correlation:.3f}"
    return (policy.name, f"{scores.rows:,}", *quantiles, f"{scores.distance:.4f}", ranks)


def _slice(one: SliceRecord) -> tuple[object, ...]:
    flagged = _flagged(one.flagged)
    return (f"{one.rows:,}", one.raised, one.lowered, _percent(one.share), *flagged[:2], flagged[-1])


def _left_out(diff: DiffRecord, name: str) -> Iterator[str]:
    yield "Values under which nothing flips are not shown."
    cut = diff.policies[0].cuts[name]
    if cut.suppressed:
        yield f"Not shown: {cut.suppressed:,} values with fewer than 20 rows, {cut.suppressed_rows:,} in all."


def _print_sample(diff: DiffRecord, flips: Path | None) -> None:
    if diff.sample is None or flips is None:
        return
    print_table(
        "Flips to look at",
        ("policy", "direction", "flips", "drawn", "probability"),
        [
            (one.policy, one.direction, f"{one.rows:,}", one.labels, f"{one.probability:.3g}")
            for one in diff.sample.strata
        ],
        f"In {reveal(str(flips))}, drawn with seed {diff.sample.seed}. A flip is a difference, not a"
        " mistake: who is right is for people to say.",
    )


def _flagged(told: FlaggedRecord) -> tuple[str, str, str, str]:
    change = "" if told.change is None else f"{100 * told.change:+.3g} points"
    return f"{told.a:,}", f"{told.b:,}", f"{told.both:,}", change


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.3g}%"


def _or_none(value: str | None) -> str:
    return "(none)" if value is None else value


_SAME: Final = ("nothing", "", "")
_STATES: Final = ("none", "review", "urgent", "unjudged", "unscorable", "rejected")
_SHARES: Final = {
    "0.01": "1%",
    "0.05": "5%",
    "0.25": "25%",
    "0.5": "50%",
    "0.75": "75%",
    "0.95": "95%",
    "0.99": "99%",
}
