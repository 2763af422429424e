"""Copies, campaigns and known texts, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from tocsin.page.views import NOTHING, TableView
from tocsin.service.audit.reporting.view import Cell, Head, count, share, table_view, words
from tocsin.service.audit.reporting.wording import many, value_of
from tocsin.service.audit.sampling.frame import FLAGGING
from tocsin.service.audit.slicing import LEAST_ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.page.words import Ids
    from tocsin.service.audit.known.records import ClusterRecord, KnownRecord

__all__ = ["clusters_table", "copies_table", "matches_table"]

_SHOWN: Final = 3  # values of a cluster


def copies_table(known: KnownRecord, ids: Ids) -> TableView:
    """Return how many posts are copies."""
    rows = [
        ("posts with a text", known.rows - known.blank),
        ("different texts", known.texts),
        ("posts with an exact copy", known.copied),
        ("posts in clusters of near copies", known.near_rows),
        ("clusters of near copies", known.near_clusters),
    ]
    return table_view(
        ids,
        "copies",
        "How many are copies",
        (Head("what", key=True, numeric=False), Head("count"), Head("of all posts")),
        [
            (
                words(what),
                count(found),
                share(found, known.rows) if what.startswith("posts") else count(None),
            )
            for what, found in rows
        ],
        about=(
            (
                f"Near copies share {known.method.similarity:.0%} of their pieces of"
                f" {known.method.shingle} characters; {many(known.short, 'post')} with a text too short"
                " for that have exact copies only. That a text is copied says nothing of what it says."
            ),
        ),
    )


def clusters_table(known: KnownRecord, policies: Sequence[str], ids: Ids) -> TableView | None:
    """Return the largest clusters, None where there are none."""
    if not known.clusters:
        return None
    heads = (
        Head("cluster", key=True, numeric=False, about="Its number in `known.json` and its parts."),
        Head("posts"),
        Head("texts", about="Different texts among them."),
        Head("first", numeric=False),
        Head("last", numeric=False),
        Head("where", numeric=False, about="Its commonest communities."),
        *(Head(name, about="Share at `review` or above.") for name in policies),
        Head("on a list", numeric=False, about="Posts whose texts lists had, by label."),
    )
    return table_view(
        ids,
        "clusters",
        "The largest clusters",
        heads,
        [_cluster(one, policies) for one in known.clusters],
        about=(f"{many(known.listed, 'cluster')} of at least {many(known.least, 'post')}.",),
    )


def matches_table(known: KnownRecord, ids: Ids) -> TableView | None:
    """Return what lists had, by their labels; None where none was read."""
    if not known.lists:
        return None
    rows = [(words(one.label or "(no label)"), count(one.exact), count(one.near)) for one in known.matches]
    read = "; ".join(f"`{one.name}` with {many(one.entries, 'entry', 'entries')}" for one in known.lists)
    return table_view(
        ids,
        "matches",
        "What was known before",
        (Head("label", key=True, numeric=False), Head("exact"), Head("near")),
        rows,
        about=(f"Read: {read}. A list says that somebody knew a text, not that it breaks a policy.",),
    )


def _cluster(one: ClusterRecord, policies: Sequence[str]) -> tuple[Cell, ...]:
    values = one.community.values[:_SHOWN] if one.community else ()
    first, last = (one.times.first, one.times.last) if one.times else (None, None)
    return (
        words(str(one.number)),
        count(one.rows),
        count(one.texts),
        *(words(moment.date().isoformat() if moment else NOTHING) for moment in (first, last)),
        words(", ".join(f"{value_of(value.value)} ({value.rows:,})" for value in values) or NOTHING),
        *(_flagged(one.levels.get(name, {}), one.rows) for name in policies),
        words(
            ", ".join(f"{label or '(no label)'} ({rows:,})" for label, rows in one.known.items()) or NOTHING
        ),
    )


def _flagged(levels: Mapping[str, int], rows: int) -> Cell:
    """Return the share that a policy flags; of few rows none, as of a slice."""
    if rows < LEAST_ROWS:
        return words(NOTHING)
    return share(sum(levels.get(level.value, 0) for level in FLAGGING), rows)
