"""Estimates as tables on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.cli.table import print_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.service.audit.estimating import EstimatesRecord, FigureRecord, Figures, PolicyEstimates
    from tocsin.service.audit.estimating.records import CutRecord

__all__ = ["print_estimates"]


def print_estimates(estimates: EstimatesRecord) -> None:
    """Print every figure, and what must be said with them."""
    print_table(
        "How common it is",
        _HEADINGS,
        [row for policy in estimates.policies for row in _prevalences(estimates, policy)],
        *_notes(estimates),
    )
    print_table(
        "How the levels do",
        ("policy", "level", "flagged", "labels", "precision", "recall"),
        [
            (
                policy.name,
                level.level.value,
                f"{level.flagged:,}",
                level.precision.labels,
                _with_interval(level.precision),
                _with_interval(level.recall),
            )
            for policy in estimates.policies
            for level in policy.levels
        ],
        "Recall: how much of all that breaks the policy is flagged; what was not judged counts as missed.",
    )
    for name in dict.fromkeys(name for policy in estimates.policies for name in policy.cuts):
        cuts = {policy.name: policy.cuts[name] for policy in estimates.policies}
        print_table(
            f"By {name}",
            ("policy", name, "rows", "labels", "hits", "estimate", "95% interval", "side by side", "differs"),
            [row for policy, cut in cuts.items() for row in _slices(policy, cut)],
            "Side by side: intervals that hold all together 95 times in 100. Differs: from all the rest.",
            *_suppressed(next(iter(cuts.values()))),
        )


def _prevalences(estimates: EstimatesRecord, policy: PolicyEstimates) -> Iterator[tuple[object, ...]]:
    yield (policy.name, "all posts", *_prevalence(policy.prevalence))
    if policy.weighted is not None:
        yield (policy.name, f"all {estimates.weight}", *_prevalence(policy.weighted))


def _prevalence(told: Figures) -> tuple[object, ...]:
    if told.powered is None or told.classical is None:
        return (told.labels, told.hits, told.why or "", "", "", "", "", "")
    one = told.powered
    more = "more than there are" if told.more_labels is None else f"{told.more_labels:,}"
    return (
        told.labels,
        told.hits,
        _percent(one.value),
        _interval(one),
        _percent(one.at_least or 0.0),
        _percent(1.0 if one.at_most is None else one.at_most),
        f"{_percent(told.classical.value)} ({_interval(told.classical)})",
        more,
    )


def _slices(policy: str, cut: CutRecord) -> Iterator[tuple[object, ...]]:
    for one in cut.slices:
        told, name = one.prevalence, "(none)" if one.value is None else one.value
        if told.powered is None or one.beside is None:
            yield (policy, name, f"{one.rows:,}", told.labels, "", told.why or "", "", "", "")
        else:
            figures = (_percent(told.powered.value), _interval(told.powered), _interval(one.beside))
            yield (policy, name, f"{one.rows:,}", told.labels, told.hits, *figures, one.differs or "")


def _notes(estimates: EstimatesRecord) -> Iterator[str]:
    yield (
        f"Of {estimates.rows:,} rows, {estimates.unscorable:,} unscorable ones among them;"
        f" {estimates.rejected:,} rejected ones are in no estimate."
    )
    yield "More labels: how many, drawn in the same way, would halve the interval."
    for policy in estimates.policies:
        if policy.unlabelled or (policy.unsure and estimates.unsure == "unlabelled"):
            yield (
                f"{policy.name}: of {estimates.drawn:,} rows drawn {policy.unlabelled:,} have no label and"
                f" {policy.unsure:,} are unsure: estimates hold if these are like others of their stratum."
            )
            if estimates.copies:
                yield (
                    f"{policy.name}: {estimates.copies:,} of the rows drawn have the label of another, or"
                    " none with it. Intervals are then too narrow, by far where one text came often: label"
                    " every line."
                )
        if policy.empty_strata:
            yield f"{policy.name}: {policy.empty_strata} strata have no label and count like neighbours."


def _suppressed(cut: CutRecord) -> Iterator[str]:
    if cut.suppressed:
        yield f"Not shown: {cut.suppressed:,} values with fewer than 20 rows, {cut.suppressed_rows:,} in all."


def _with_interval(told: Figures) -> str:
    if told.powered is None:
        return told.why or ""
    return f"{_percent(told.powered.value)} ({_interval(told.powered)})"


def _interval(figure: FigureRecord) -> str:
    return f"{_percent(figure.low)} to {_percent(figure.high)}"


def _percent(share: float) -> str:
    """Return a share in percent, to three digits, however small."""
    return f"{100 * share:.3g}%" if share < _NEARLY_ALL else f"{100 * share:.1f}%"


_NEARLY_ALL: Final = 0.995
_PERCENTS: Final = ("estimate", "95% interval", "at least", "at most")
_HEADINGS: Final = ("policy", "of", "labels", "hits", *_PERCENTS, "labels alone", "more labels")
