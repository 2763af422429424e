"""Pictures as they stand in the page, each with what it shows in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tocsin.page.dot_figure import Dot, dot_figure
from tocsin.page.svg import drawing, inline
from tocsin.page.views import Drawing
from tocsin.page.words import Ids, clean
from tocsin.service.audit.reporting.dots import prevalence_dots, share_scale, slice_dots
from tocsin.service.audit.reporting.histogram import histogram
from tocsin.service.audit.reporting.timeline import near_periods, timeline
from tocsin.service.audit.reporting.wording import many, percent, value_of

if TYPE_CHECKING:
    from tocsin.service.audit.estimating import EstimatesRecord
    from tocsin.service.audit.estimating.records import CutRecord
    from tocsin.service.audit.reporting.records import LevelRecord, ScoresRecord, TimeRecord

__all__ = [
    "DRAWN",
    "languages_drawing",
    "prevalence_drawing",
    "scores_drawing",
    "slices_drawing",
    "time_drawing",
]

DRAWN: Final = 12  # slices of one policy: more of them are in the table alone
_LANGUAGES: Final = 4


def prevalence_drawing(estimates: EstimatesRecord, ids: Ids) -> Drawing | None:
    """Return estimates by policy as dots, None where there are none."""
    return _dots(
        prevalence_dots(estimates), "Share of posts that break a policy, with its 95% interval.", ids
    )


def slices_drawing(column: str, cuts: Mapping[str, CutRecord], ids: Ids) -> Drawing | None:
    """Return estimates by slice as dots, a picture for each policy; None where fewer than two have one."""
    told = {name: slice_dots(name, cut) for name, cut in cuts.items()}
    told = {name: dots for name, dots in told.items() if len(dots) > 1}
    if not told:
        return None
    marked = any(dot.mark for dots in told.values() for dot in dots)
    cut = max(len(dots) for dots in told.values()) > DRAWN
    caption = f"Share of posts that break a policy by {column}, with intervals to read side by side."
    caption += " Each policy has its own scale."
    caption += " Open diamonds differ from all the rest." if marked else ""
    caption += f" The {DRAWN} largest slices; the table has all." if cut else ""
    drawn = {name: _dots(dots[:DRAWN], caption, ids) for name, dots in told.items()}
    pictures = [(clean(name), one.pictures[0][1]) for name, one in drawn.items() if one]
    return Drawing("policies", clean(caption), pictures)


def scores_drawing(scores: Sequence[ScoresRecord], ids: Ids) -> Drawing | None:
    """Return a histogram for each policy that any post has a score of, None where there is none."""
    told = [one for one in scores if one.judged]
    if not told:
        return None
    with drawing():
        pictures = [
            (
                clean(one.name),
                inline(histogram(one), ids.of("scores", one.name), _scores(one)),
            )
            for one in told
        ]
    return Drawing(
        "policies",
        "Posts by score, each bar two hundredths wide, on a scale of powers of ten so that the tail is seen."
        " Light cores: those of them that are flagged. Dotted and dashed: where a level begins, if that is a"
        " score; it may be several, as languages and signals differ.",
        pictures,
    )


def languages_drawing(scores: Sequence[ScoresRecord], ids: Ids) -> Drawing | None:
    """Return a histogram for each policy and each of its commonest languages, None where there are none."""
    with drawing():
        pictures = [
            (
                clean(f"{one.name}, {value_of(told.language)}"),
                inline(
                    histogram(told),
                    ids.of("scores", one.name, value_of(told.language)),
                    clean(
                        f"Histogram of {many(told.rows, 'score')} of {one.name}, {value_of(told.language)}."
                    ),
                ),
            )
            for one in scores
            for told in one.languages[:_LANGUAGES]
        ]
    caption = "Posts by score and language, the commonest first, each picture on its own scale."
    return Drawing("policies", caption, pictures) if pictures else None


def time_drawing(time: TimeRecord, policies: Sequence[str], ids: Ids) -> Drawing | None:
    """Return what was flagged over time, a picture for each policy; None with fewer than two periods."""
    near = near_periods(time.periods, time.period)
    if len(near) < 2:
        return None
    with drawing():
        pictures = [
            (clean(name), inline(timeline(near, name), ids.of("time", name), _over_time(time, name)))
            for name in policies
        ]
    far = len(time.periods) - len(near)
    caption = f"Share of posts flagged, by {time.period.value}."
    caption += " It moves with what is posted, and with what scores see of it."
    caption += f" {many(far, time.period.value)} far from the others: in the table alone." if far else ""
    return Drawing("policies", caption, pictures)


def _dots(dots: Sequence[Dot], caption: str, ids: Ids) -> Drawing | None:
    scale = share_scale(dots)
    if scale is None:
        return None
    low, high = (choose(dots, key=lambda dot: dot.value) for choose in (min, max))
    told = f"Dots with intervals: {many(len(dots), 'estimate')}, from {_dot(low)} to {_dot(high)}."
    with drawing():
        picture = inline(
            dot_figure(dots, scale), ids.of("dots"), clean(f"{told} The table holds every figure.")
        )
    return Drawing("bars", caption, [("", picture)])


def _dot(dot: Dot) -> str:
    return f"{percent(dot.value)} ({dot.group or dot.whole}, {dot.label})"


def _scores(one: ScoresRecord) -> str:
    levels = ", ".join(f"{level.flagged:,} at {_level(level)}" for level in one.levels)
    return clean(f"Histogram of {many(one.judged, 'score')} of {one.name}: {levels}.")


def _level(level: LevelRecord) -> str:
    begins = f", which begins at {level.start:.2f}" if level.start is not None else ""
    return f"{level.level.value} or above{begins}"


def _over_time(time: TimeRecord, name: str) -> str:
    shares = [one.policies[name].review / one.rows for one in time.periods]
    return clean(
        f"Line: share that {name} flags at review or above, by {time.period.value}, between"
        f" {percent(min(shares))} and {percent(max(shares))}. The table holds every figure."
    )
