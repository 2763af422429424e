"""What the labels say, as tables: how common, how precise, how complete, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tocsin.page.views import NOTHING, TableView
from tocsin.service.audit.reporting.drawings import prevalence_drawing, slices_drawing
from tocsin.service.audit.reporting.view import Cell, Head, count, figure, table_view, words
from tocsin.service.audit.reporting.wording import many, percent, value_of
from tocsin.service.audit.unsure import Unsure

if TYPE_CHECKING:
    from tocsin.page.words import Ids
    from tocsin.service.audit.estimating import EstimatesRecord, Figures
    from tocsin.service.audit.estimating.records import CutRecord

__all__ = ["levels_table", "prevalence_table", "slice_table"]

_LABELS: Final = (
    Head("labels", about="Posts of it that people labelled yes or no."),
    Head("hits", about="How many of these labels say that the post breaks the policy."),
)


def prevalence_table(estimates: EstimatesRecord, ids: Ids) -> TableView:
    """Return how common each policy's posts are, by labels alone and helped by scores."""
    heads = (
        Head("policy", key=True, numeric=False),
        Head("of", key=True, numeric=False),
        Head("estimate", about="Labels helped by scores: the figure to quote, with its 95% interval."),
        Head("at least", about="Holds alone in 95 of 100 samples: for one side of a question."),
        Head("at most", about="Likewise, for the other side."),
        Head("labels alone", about="The same without the scores: as right, and mostly wider."),
        *_LABELS,
        Head("to halve it", about="More labels, drawn in the same way, that would halve the interval."),
    )
    rejected = f"; {many(estimates.rejected, 'rejected row')} not counted" if estimates.rejected else ""
    return table_view(
        ids,
        "prevalence",
        "How common it is",
        heads,
        list(_prevalences(estimates)),
        about=(
            (
                f"Of {many(estimates.rows, 'post')}, {estimates.unscorable:,} unscorable ones among"
                f" them{rejected}."
            ),
        ),
        notes=_unlabelled(estimates),
        drawing=prevalence_drawing(estimates, ids),
    )


def levels_table(estimates: EstimatesRecord, ids: Ids) -> TableView:
    """Return how precise and how complete each level of each policy is."""
    heads = (
        Head("policy", key=True, numeric=False),
        Head("level", key=True, numeric=False),
        Head("precision", about="Of what is flagged, how much breaks the policy."),
        Head(
            "recall", about="Of all that breaks it, how much is flagged; what has no score counts as missed."
        ),
        Head("flagged", about="Posts at this level or above."),
        Head("labels", about="Of posts that were flagged."),
    )
    rows = [
        (
            words(policy.name),
            words(level.level.value, code=True),
            figure(level.precision.powered, level.precision),
            figure(level.recall.powered, level.recall),
            count(level.flagged),
            count(level.precision.labels),
        )
        for policy in estimates.policies
        for level in policy.levels
    ]
    return table_view(ids, "levels", "How well the levels do", heads, rows)


def slice_table(column: str, estimates: EstimatesRecord, ids: Ids) -> TableView | None:
    """Return how common posts are in each slice of a column, of policies that have labels enough in any.

    None where no policy has, or nothing is cut by it.
    """
    cuts = {policy.name: policy.cuts[column] for policy in estimates.policies if column in policy.cuts}
    told = {name: cut for name, cut in cuts.items() if any(one.prevalence.powered for one in cut.slices)}
    if not told:
        return None
    heads = (
        Head("policy", key=True, numeric=False),
        Head(column, key=True, numeric=False),
        Head("estimate", about="To read one slice alone."),
        Head(
            "side by side", about="To compare slices: all of a policy's hold together in 95 of 100 samples."
        ),
        Head("differs", numeric=False, about="From all the rest, by the stricter standard of side by side."),
        Head("posts"),
        *_LABELS,
    )
    rest = [name for name in cuts if name not in told]
    lacking = [f"No slice has 20 labels of {', '.join(f'*{name}*' for name in rest)}."] if rest else []
    return table_view(
        ids,
        f"where-{column}",
        f"How common it is, by `{column}`",
        heads,
        [(words(name), *row) for name, cut in told.items() for row in _slices(cut)],
        notes=[*_suppressed(next(iter(told.values()))), *lacking],
        drawing=slices_drawing(column, told, ids),
    )


def _prevalences(estimates: EstimatesRecord) -> Iterator[tuple[Cell, ...]]:
    for policy in estimates.policies:
        yield (words(policy.name), words("posts"), *_prevalence(policy.prevalence))
        if policy.weighted is not None and policy.prevalence.powered is not None:
            yield (words(policy.name), words(estimates.weight or ""), *_prevalence(policy.weighted))


def _prevalence(told: Figures) -> tuple[Cell, ...]:
    one = told.powered
    bounds = (one.at_least, one.at_most) if one else (None, None)
    halve = words("more than there are") if one and told.more_labels is None else count(told.more_labels)
    return (
        figure(one, told),
        *(Cell(NOTHING if bound is None else percent(bound, 3)) for bound in bounds),
        figure(told.classical, told) if one else words(NOTHING),
        count(told.labels),
        count(told.hits),
        halve,
    )


def _slices(cut: CutRecord) -> Iterator[tuple[Cell, ...]]:
    for one in cut.slices:
        told = one.prevalence
        found = told.powered
        yield (
            words(value_of(one.value)),
            figure(found, told),
            Cell("", figure=one.beside) if found and one.beside else words(NOTHING),
            words(NOTHING) if one.differs is None else words("", mark=one.differs),
            count(one.rows),
            count(told.labels),
            count(told.hits if found else None),
        )


def _unlabelled(estimates: EstimatesRecord) -> list[str]:
    told = [
        f"*{policy.name}* {policy.unlabelled:,} without a label and {policy.unsure:,} unsure"
        for policy in estimates.policies
        if policy.unlabelled or policy.unsure
    ]
    if not told:
        return []
    taken = "" if estimates.unsure is Unsure.UNLABELLED else f" (taken for {estimates.unsure.value})"
    return [f"Of {many(estimates.drawn, 'post')} drawn: {'; '.join(told)}{taken}."]


def _suppressed(cut: CutRecord) -> list[str]:
    if not cut.suppressed:
        return []
    small = many(cut.suppressed, "slice")
    return [f"Not shown: {small} of fewer than 20 posts, {many(cut.suppressed_rows, 'post')} in all."]
