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
    headings = ("cluster", "rows", "texts", "days", "flagged", "first id")
    print_table(
        "Texts that came again",
        (*headings, "known") if known.lists else headings,
        [_cluster(one, lists=bool(known.lists)) for one in known.clusters[:_SHOWN]],
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


def _cluster(one: ClusterRecord, *, lists: bool) -> tuple[object, ...]:
    days = "" if one.times is None else f"{one.times.first.date()} to {one.times.last.date()}"
    labels = ", ".join(f"{label or '(none)'}: {rows:,}" for label, rows in one.known.items())
    told = (one.number, f"{one.rows:,}", f"{one.texts:,}", days, _flagged(one.levels), one.example.id)
    return (*told, labels) if lists else told


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
        f"{known.near_rows:,} rows are in clusters: {known.near_clusters:,} of them, {known.listed:,} of"
        f" {max(known.least, 20):,} rows or more."
    )
    yield (
        f"{known.short:,} rows are too short to have near copies: fewer than {known.method.least_shingles}"
        f" different runs of {known.method.shingle} characters."
    )
    if known.left_out:
        yield f"Not told apart, for they have too many values or name persons: {', '.join(known.left_out)}."
