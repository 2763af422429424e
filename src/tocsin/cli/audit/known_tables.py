"""Copies as tables on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tocsin.service.audit.known.records import ClusterRecord, KnownRecord

__all__ = ["print_known"]

_SHOWN: Final = 20
_FLAGGED: Final = ("review", "urgent")


def print_known(known: KnownRecord) -> None:
    """Print the largest clusters, what lists knew, and what must be said with them."""
    print_table(
        "Texts that came again",
        ("cluster", "rows", "texts", "first", "last", "flagged", "known", "first row"),
        [_cluster(one) for one in known.clusters[:_SHOWN]],
        *_notes(known),
    )
    if known.lists:
        print_table(
            "What lists knew",
            ("label", "the same", "near", "flagged"),
            [
                (one.label or "(none)", f"{one.exact:,}", f"{one.near:,}", _flagged(one.levels))
                for one in known.matches
            ],
            *(f"{one.name}: {one.entries:,} digests, {one.with_bands:,} with bands." for one in known.lists),
        )


def _cluster(one: ClusterRecord) -> tuple[object, ...]:
    first, last = ("", "") if one.times is None else (one.times.first.date(), one.times.last.date())
    labels = ", ".join(f"{label or '(none)'}: {rows:,}" for label, rows in one.known.items())
    where = f"{one.example.id} ({one.example.source}:{one.example.place})"
    return (one.number, f"{one.rows:,}", f"{one.texts:,}", first, last, _flagged(one.levels), labels, where)


def _flagged(levels: Mapping[str, Mapping[str, int]] | None) -> str:
    """Return how many rows each policy flags, none left out that flags any."""
    if levels is None:
        return "fewer than 20 rows"
    told = {policy: sum(counts.get(level, 0) for level in _FLAGGED) for policy, counts in levels.items()}
    return ", ".join(f"{policy}: {rows:,}" for policy, rows in told.items() if rows)


def _notes(known: KnownRecord) -> Iterator[str]:
    yield (
        f"Of {known.rows:,} rows, {known.texts:,} texts differ; {known.copied:,} rows have an exact copy,"
        f" {known.blank:,} have no text."
    )
    yield (
        f"{known.near_rows:,} rows are in {known.near_clusters:,} clusters, {known.listed:,} of them of"
        f" {max(known.least, 20):,} rows or more."
    )
    yield (
        f"{known.short:,} rows are too short to have near copies: fewer than {known.method.least_shingles}"
        f" different runs of {known.method.shingle} characters."
    )
    if known.left_out:
        yield f"Not told apart, for they have too many values or name persons: {', '.join(known.left_out)}."
