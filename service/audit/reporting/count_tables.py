"""What was counted, as tables: rows, levels, slices, periods, languages, inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tocsin.assessment import Level
from tocsin.page.views import NOTHING, TableView
from tocsin.service.audit.reporting.drawings import languages_drawing, scores_drawing, time_drawing
from tocsin.service.audit.reporting.view import Cell, Head, count, share, table_view, words
from tocsin.service.audit.reporting.wording import many, value_of

if TYPE_CHECKING:
    from tocsin.page.words import Ids
    from tocsin.service.audit.reporting.records import (
        CutRecord,
        FlagsRecord,
        ReportRecord,
        ScoresRecord,
        TimeRecord,
    )

__all__ = ["cut_table", "inputs_table", "languages_table", "policies_table", "rows_table", "time_table"]

_UNJUDGED: Final = "unjudged"
_SEVERAL: Final = 2


def rows_table(report: ReportRecord, ids: Ids) -> TableView:
    """Return what became of every row."""
    counts = report.counts
    rows = [
        ("scored", "", counts.scored),
        *(("unscorable", reason, found) for reason, found in counts.unscorable.items()),
        ("rejected", "could not be read", counts.rejected),
    ]
    return table_view(
        ids,
        "rows",
        "What became of every row",
        (Head("row", key=True, numeric=False), Head("why", numeric=False), Head("rows"), Head("share")),
        [(words(what), words(why), count(found), share(found, counts.read)) for what, why, found in rows],
        about=(f"{many(counts.read, 'row')} read. {_tiers(report)}",),
    )


def policies_table(report: ReportRecord, ids: Ids) -> TableView:
    """Return how many rows each policy puts where, with the pictures of their scores."""
    heads = (
        Head("policy", key=True, numeric=False),
        Head("none"),
        Head("review", about="From `review` to below `urgent`."),
        Head("urgent"),
        Head(
            "not judged", about="Scored, but a signal that the policy asks for is not known in the language."
        ),
        Head("flagged", about="Share of all scored rows at `review` or above."),
    )
    rows = []
    for one in report.scores:
        found = report.counts.policies.get(one.name, {})
        told = [found.get(name, 0) for name in (*Level, _UNJUDGED)]
        rows.append((words(one.name), *map(count, told), share(one.levels[0].flagged, report.counts.scored)))
    return table_view(
        ids,
        "scores",
        "How many each policy flags",
        heads,
        rows,
        about=(
            "This is not how much there is: scores flag posts that break no policy, and miss some that do.",
        ),
        drawing=scores_drawing(report.scores, ids),
    )


def languages_table(scores: Sequence[ScoresRecord], ids: Ids) -> TableView | None:
    """Return how scores lie by policy and language, None where there is but one language."""
    if all(len(one.languages) < _SEVERAL for one in scores):
        return None
    heads = (
        Head("policy", key=True, numeric=False),
        Head("language", key=True, numeric=False),
        Head("posts"),
        Head("flagged", about="Share of them at `review` or above."),
        Head("review from", about="The score at which the level begins, as far as rows tell."),
        Head("urgent from", about="Likewise."),
        Head("median", about="Half of all scores lie at or below it, rounded down to a thousandth."),
        Head("90 in 100", about="Likewise 90 of 100 scores."),
        Head("99 in 100", about="Likewise 99 of 100 scores."),
    )
    return table_view(
        ids,
        "languages",
        "Scores by language",
        heads,
        [row for one in scores for row in _languages(one)],
        about=(
            (
                "A level may begin at another score in each language. Scores of one language say nothing of"
                " those of another."
            ),
        ),
        notes=_small(scores[0], "language"),
        drawing=languages_drawing(scores, ids),
        tall=True,
    )


def _languages(one: ScoresRecord) -> Iterator[tuple[Cell, ...]]:
    for told in one.languages:
        yield (
            words(one.name),
            words(value_of(told.language), code=True),
            count(told.rows),
            share(told.levels[0].flagged, told.rows),
            *(Cell(NOTHING if level.start is None else f"{level.start:.3f}") for level in told.levels),
            *(Cell(f"{score:.3f}") for score in (told.median, told.ninetieth, told.ninety_ninth)),
        )


def cut_table(column: str, cut: CutRecord, policies: Sequence[str], ids: Ids) -> TableView:
    """Return how much of each slice of a column was flagged."""
    rows = [
        (
            words(value_of(one.value)),
            count(one.rows),
            share(one.unscorable, one.rows),
            *_flagged(one.policies, one.rows, policies),
        )
        for one in cut.slices
    ]
    return table_view(
        ids,
        f"flagged-{column}",
        f"What is flagged, by `{column}`",
        (Head(column, key=True, numeric=False), Head("posts"), Head("unscorable"), *map(Head, policies)),
        rows,
        about=("Share of posts at `review` or above, by policy. Scores cannot count; labels can.",),
        notes=_small(cut, "slice"),
    )


def time_table(time: TimeRecord, policies: Sequence[str], ids: Ids) -> TableView:
    """Return how much of each period was flagged."""
    rows = [
        (
            words(one.start.isoformat()),
            count(one.rows),
            share(one.unscorable, one.rows),
            *_flagged(one.policies, one.rows, policies),
        )
        for one in time.periods
    ]
    untimed = (
        [f"{many(time.untimed, 'post')} without a time, or of one before 1970 or after 2099."]
        if time.untimed
        else []
    )
    return table_view(
        ids,
        "over-time",
        f"What is flagged, by {time.period.value}",
        (
            Head(f"{time.period.value} from", key=True, numeric=False),
            Head("posts"),
            Head("unscorable"),
            *map(Head, policies),
        ),
        rows,
        about=(f"Share of posts at `review` or above, by `{time.column}`, UTC.",),
        notes=[*_small(time, time.period.value), *untimed],
        drawing=time_drawing(time, policies, ids),
    )


def inputs_table(report: ReportRecord, ids: Ids) -> TableView:
    """Return what was read."""
    rows = [
        (
            words(one.name, code=True),
            words(f"{one.format.value}, {one.compression.value}" if one.compression else one.format.value),
            count(one.size),
        )
        for one in report.inputs
    ]
    heads = (Head("input", key=True, numeric=False), Head("format", numeric=False), Head("bytes"))
    return table_view(ids, "inputs", "What was read", heads, rows)


def _flagged(flags: Mapping[str, FlagsRecord], rows: int, policies: Sequence[str]) -> Iterator[Cell]:
    for name in policies:
        yield share(flags[name].review, rows)


def _tiers(report: ReportRecord) -> str:
    tiers = report.counts.tiers
    told = ", ".join(f"{name} {found:,}" for name, found in tiers.items())
    return f"Who had the last word on scored ones: {told}." if tiers else ""


def _small(found: CutRecord | TimeRecord | ScoresRecord, what: str) -> list[str]:
    if not found.suppressed:
        return []
    small = many(found.suppressed, what)
    return [f"Not shown: {small} of fewer than 20 posts, {many(found.suppressed_rows, 'post')} in all."]
