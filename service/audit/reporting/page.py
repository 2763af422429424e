"""A report becomes one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from tocsin.page.environment import environment
from tocsin.page.views import TableView
from tocsin.page.words import Ids, prose
from tocsin.service.audit.reporting.count_tables import (
    cut_table,
    inputs_table,
    languages_table,
    policies_table,
    rows_table,
    time_table,
)
from tocsin.service.audit.reporting.estimate_tables import levels_table, prevalence_table, slice_table
from tocsin.service.audit.reporting.known_tables import clusters_table, copies_table, matches_table
from tocsin.service.audit.reporting.wording import many, percent

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.service.audit.known.records import KnownRecord
    from tocsin.service.audit.reporting.records import ReportRecord

__all__ = ["render_report"]

_OWN_IDS: Final = ("first", "contents", "reading", "limits", "made", "missing")  # the template's own
_SHORT: Final = 12  # digits of a digest
_MINUTE_S, _HOUR_S = 60, 3600


@dataclass(frozen=True, slots=True)
class _Fact:
    """Hold one thing to know about the audit, and what its short form leaves out."""

    name: str
    value: str
    more: str = ""
    code: bool = False


@dataclass(frozen=True, slots=True)
class _Section:
    """Hold a section of tables, with the question that it answers."""

    id: str
    title: str
    question: str
    tables: Sequence[TableView]


def render_report(report: ReportRecord) -> str:
    """Return the report as HTML: what to know first, then how much, where, when, and how it was made.

    The same report gives the same bytes. Whatever it holds is text: no markup in it survives.
    """
    ids = Ids()
    for name in _OWN_IDS:
        ids.of(name)
    return (
        environment("tocsin.service.audit.reporting")
        .get_template("report.html")
        .render(
            report=report,
            facts=_facts(report),
            policies=_policies(report, ids),
            sections=list(_sections(report, ids)),
            sample=_sample(report),
            digests=_digests(report),
            inputs=inputs_table(report, ids),
            estimated=report.estimates is not None,
        )
    )


def _policies(report: ReportRecord, ids: Ids) -> list[tuple[str, str, list[Markup]]]:
    return [
        (ids.of("first", name), name, [prose(one) for one in found])
        for name, found in report.findings.items()
    ]


def _sections(report: ReportRecord, ids: Ids) -> Iterator[_Section]:
    names, estimates = report.policy.names, report.estimates
    if estimates is not None:
        tables = [prevalence_table(estimates, ids), levels_table(estimates, ids)]
        yield _Section(ids.of("how-much"), "How much", "How common is it, and how sure is that?", tables)
    where = list(_where(report, ids))
    if where:
        question = "Is there more of it in one place than in another?"
        yield _Section(ids.of("where"), "Where", question, where)
    if report.time is not None:
        question = "Did what is flagged change over time?"
        yield _Section(ids.of("when"), "When", question, [time_table(report.time, names, ids)])
    languages = languages_table(report.scores, ids)
    yield _Section(
        ids.of("flagged"),
        "What scores say",
        "How many posts does each policy flag, and how do its scores lie?",
        [policies_table(report, ids), *([languages] if languages else [])],
    )
    if report.known is not None:
        yield _copies(report.known, names, ids)
    question = "How much of what was stored do these figures speak of?"
    yield _Section(ids.of("every-row"), "Every row", question, [rows_table(report, ids)])


def _copies(known: KnownRecord, policies: Sequence[str], ids: Ids) -> _Section:
    own = ids.of("copies-and-campaigns")
    others = (clusters_table(known, policies, ids), matches_table(known, ids))
    tables = [copies_table(known, ids), *(table for table in others if table)]
    return _Section(own, "Copies", "Is the same text posted again and again?", tables)


def _where(report: ReportRecord, ids: Ids) -> Iterator[TableView]:
    estimates, cuts = report.estimates, report.cuts
    told = dict.fromkeys(
        [*cuts, *(name for one in estimates.policies for name in one.cuts)] if estimates else cuts
    )
    for column in told:
        if estimates is not None and (table := slice_table(column, estimates, ids)):
            yield table
        if column in cuts and cuts[column].why is None:
            yield cut_table(column, cuts[column], report.policy.names, ids)


def _facts(report: ReportRecord) -> list[_Fact]:
    counts, estimates = report.counts, report.estimates
    unscorable = sum(counts.unscorable.values())
    labels = max((one.labelled for one in estimates.policies), default=0) if estimates else 0
    return [
        _Fact(
            "Audited", many(counts.read - counts.rejected, "post"), f"of {many(len(report.inputs), 'input')}"
        ),
        _Fact(
            "Not scored",
            percent((unscorable + counts.rejected) / counts.read if counts.read else 0),
            f"{unscorable:,} unscorable, {counts.rejected:,} rejected",
        ),
        _Fact("Labelled", many(labels, "post") if labels else "none yet", "by people; scores only help"),
        _Fact(
            "Scored by",
            f"{report.model.name} {report.model.version}",
            f"{_short(report.model.digest)}, {report.tier.value}",
        ),
        _Fact("Policy", f"version {report.policy.version}", _short(report.policy.digest)),
        _Fact("When", _day(report.finished), f"in {_duration(report.seconds)}, by tocsin {report.scored_by}"),
    ]


def _sample(report: ReportRecord) -> list[_Fact]:
    sample = report.sample
    if sample is None:
        return []
    rest = max(0.0, 1 - sample.even - sample.weighted - sample.flagged)
    return [
        _Fact(
            "Drawn",
            f"{sample.drawn:,} of {sample.rows:,} posts, from {many(sample.strata, 'stratum', 'strata')}",
        ),
        _Fact("Seed", str(sample.seed), "draws the same posts again"),
        _Fact(
            "Chances",
            f"{percent(sample.lowest_probability)} to {percent(sample.highest_probability)}",
            "each post had a known one",
        ),
        _Fact(
            "Labels went",
            f"{percent(sample.even, 3)} evenly, {percent(sample.flagged, 3)} to what was flagged",
            f"{percent(sample.weighted, 3)} by weight, {percent(rest, 3)} to where scores leave most open",
        ),
        *([_Fact("Labels of their own", sample.by, "each value of it")] if sample.by else []),
    ]


def _digests(report: ReportRecord) -> list[_Fact]:
    estimates = report.estimates
    return [
        _Fact("Audit", report.audit),
        _Fact("Bundle", report.model.digest),
        _Fact("Policy", report.policy.digest),
        *([_Fact("Sample", estimates.design), _Fact("Labels", estimates.labels)] if estimates else []),
    ]


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_SHORT]


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _duration(seconds: float) -> str:
    if seconds >= _HOUR_S:
        return f"{seconds / _HOUR_S:,.1f} hours"
    return (
        f"{seconds / _MINUTE_S:.0f} minutes" if seconds >= 2 * _MINUTE_S else many(round(seconds), "second")
    )
