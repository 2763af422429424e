"""What to know first of each policy: how much, where, how sure; or that nobody can know yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tocsin.service.audit.reporting.wording import (
    apart,
    at_most,
    many,
    named,
    percent,
    posts_in,
    span,
    value_of,
)
from tocsin.service.statistics.confidence import CONFIDENCE

if TYPE_CHECKING:
    from tocsin.service.audit.estimating import EstimatesRecord, PolicyEstimates
    from tocsin.service.audit.estimating.records import CutRecord, SliceRecord
    from tocsin.service.audit.estimating.records import LevelRecord as LevelEstimates
    from tocsin.service.audit.reporting.records import ScoresRecord

__all__ = ["findings_of"]

_SURE: Final = f"{CONFIDENCE:.0%}"
_NAMED: Final = 3  # slices that differ, named in a sentence
_TOLD: Final = 2  # slices with a figure, without which none can differ


def findings_of(
    scores: Sequence[ScoresRecord], estimates: EstimatesRecord | None, rows: int
) -> Mapping[str, tuple[str, ...]]:
    """Return the sentences of each policy, the first of which says how much."""
    told = {one.name: one for one in estimates.policies} if estimates else {}
    weight = estimates.weight if estimates else None
    return {
        one.name: tuple(
            _estimated(told[one.name], rows, weight) if one.name in told else _unknown(one, rows, "no labels")
        )
        for one in scores
    }


def _estimated(policy: PolicyEstimates, rows: int, weight: str | None) -> Iterator[str]:
    figure, told = policy.prevalence.powered, policy.prevalence
    if figure is None:
        yield f"How much breaks {named(policy.name)} is not known: {told.why or 'no labels'}."
        return
    if not told.hits and figure.at_most is not None:
        yield (
            f"At most {at_most(figure.at_most)} of posts break {named(policy.name)}"
            f" ({_SURE} confidence): of"
            f" {many(told.labels, 'label')} none says that its post does."
        )
    else:
        yield (
            f"Between {span(figure)} of posts break {named(policy.name)} (best guess {apart(figure)[1]},"
            f" {_SURE} interval, {many(told.labels, 'label')}): {posts_in(figure, rows)}."
        )
    if policy.weighted is not None and policy.weighted.powered is not None:
        seen = policy.weighted.powered
        yield (
            f"Of all {weight}, between {span(seen)} fall on posts that break it"
            f" (best guess {apart(seen)[1]})."
        )
    yield from _where(policy.cuts)
    yield from (said for level in policy.levels[:1] for said in _level(level))


def _where(cuts: Mapping[str, CutRecord]) -> Iterator[str]:
    comparable = []
    for column, cut in cuts.items():
        told = [one for one in cut.slices if one.prevalence.powered is not None]
        if len(told) < _TOLD:
            continue
        comparable.append(column)
        said = [words for differs in ("higher", "lower") if (words := _different(told, differs))]
        if said:
            yield f"By `{column}`: {'; '.join(said)}."
    if comparable and not any(one.differs for cut in cuts.values() for one in cut.slices):
        columns = ", ".join(f"`{column}`" for column in comparable)
        yield f"These labels tell no slice of {columns} apart from the rest."


def _different(slices: Sequence[SliceRecord], differs: str) -> str:
    found = [one for one in slices if one.differs == differs]
    more = f", and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return (
        f"{differs} than among all the rest in {', '.join(map(_slice, found[:_NAMED]))}{more}"
        if found
        else ""
    )


def _slice(one: SliceRecord) -> str:
    figure = one.beside or one.prevalence.powered
    return f"{value_of(one.value)} (between {span(figure)})" if figure else value_of(one.value)


def _level(level: LevelEstimates) -> Iterator[str]:
    precision, recall = level.precision.powered, level.recall.powered
    if precision is not None:
        yield (
            f"Of the {many(level.flagged, 'post')} that it flags at `{level.level.value}` or above, between"
            f" {span(precision)} break it."
        )
    if recall is not None:
        yield f"These are between {span(recall)} of all that break it; scores miss the others."


def _unknown(scores: ScoresRecord, rows: int, why: str) -> Iterator[str]:
    yield f"How much breaks {named(scores.name)} is not known: {why}."
    review = scores.levels[0].flagged
    if not scores.judged:
        yield "No post has a score of it."
    elif not review:
        yield "Scores cannot count: they flag no post, which does not say that none breaks it."
    else:
        yield (
            f"Scores cannot count: {many(review, 'post')} ({percent(review / rows if rows else 0)}) are"
            " flagged at `review` or above; some of these do not break it, and some of the others do."
        )
