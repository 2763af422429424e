"""A report becomes one HTML file that needs nothing else: no network, no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tocsin.eval.cells import LEAST_POSITIVES, LEAST_ROWS
from tocsin.eval.page.view import suite_view, table_view
from tocsin.eval.report import Report, RowsRead
from tocsin.eval.tables import Column, Kind, Marked, Row, Table, Value
from tocsin.page.environment import environment
from tocsin.page.views import TableView
from tocsin.page.words import Ids

__all__ = ["render_page"]

_OWN_IDS: Final = ("first", "contents", "reading", "evaluated")  # of the page's own sections
_SHOWN_FIRST: Final = 2  # findings of a suite, its worst
_SHORT: Final = 12  # digits of a digest


@dataclass(frozen=True, slots=True)
class _Fact:
    """Hold one thing to know about the report, and what its short form leaves out."""

    name: str
    value: str
    more: str = ""
    code: bool = False


def render_page(report: Report) -> str:
    """Return the report as HTML: what to know first, then a section for every suite, run or not.

    The same report gives the same bytes. Whatever it holds is text: no markup in it survives.
    """
    ids = Ids()
    for name in _OWN_IDS:
        ids.of(name)
    suites = [suite_view(answer, ids) for answer in report.answers]
    return (
        environment("tocsin.eval.page")
        .get_template("page.html")
        .render(
            name=f"{report.model.name} {report.model.version}",
            facts=_facts(report),
            run=[suite for suite in suites if suite.why_not is None],
            not_run=[suite for suite in suites if suite.why_not is not None],
            suites=suites,
            shown_first=_SHOWN_FIRST,
            evaluated=_evaluated(report, ids),
            digests=_digests(report),
            least_positives=LEAST_POSITIVES,
            least_rows=LEAST_ROWS,
        )
    )


def _facts(report: Report) -> list[_Fact]:
    rows, suites = report.rows, report.answers
    silent = [answer.name for answer in suites if answer.measured is None]
    return [
        _Fact("Bundle", _short(report.model.digest), "its digest", code=True),
        _Fact("Policy", _short(report.policy.digest), f"version {report.policy.version}", code=True),
        _Fact("Languages", ", ".join(report.languages)),
        _Fact("Test rows", f"{rows.count:,}", f"of {_corpora(len(rows.by_corpus))}; {_compared(rows)}"),
        _Fact("Suites run", f"{len(suites) - len(silent)} of {len(suites)}", _unanswered(silent)),
        _Fact("Made", report.made, f"tocsin {report.software}"),
    ]


def _corpora(count: int) -> str:
    return f"{count} {'corpus' if count == 1 else 'corpora'}"


def _unanswered(names: Sequence[str]) -> str:
    return f"not run: {', '.join(names)}" if names else ""


def _compared(rows: RowsRead) -> str:
    """Return in few words what is not as it was when the bundle was made."""
    gone = [name for name in rows.absent if name not in rows.by_corpus]
    told = (
        [f"{_corpora(len(rows.differing))} with other files than the bundle knew"] if rows.differing else []
    )
    told += [f"{_corpora(len(gone))} absent"] if gone else []
    return "; ".join(told) or "no file known to differ from the bundle's"


def _short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:_SHORT]


def _digests(report: Report) -> list[_Fact]:
    return [
        _Fact("Bundle", report.model.digest),
        _Fact("Policy", report.policy.digest),
        _Fact("Recipe", report.recipe),
    ]


def _evaluated(report: Report, ids: Ids) -> TableView:
    rows = report.rows
    counted: dict[str, int | None] = {**dict.fromkeys(rows.absent), **rows.by_corpus}
    table = Table(
        "corpora",
        "Test rows by corpus",
        (
            Column("corpus", "corpus", key=True),
            Column("rows", "rows", Kind.COUNT),
            Column("files", "files"),
        ),
        [_corpus(name, count, rows) for name, count in counted.items()],
        about=("Beside each corpus: whether its files are those that the bundle's training record names.",),
    )
    return table_view(table, ids.of("evaluated", table.name), ids)


def _corpus(name: str, count: int | None, rows: RowsRead) -> Row:
    if count is None:
        files: Value = Marked("absent", "no rows")
    elif name in rows.differing:
        files = Marked("not those that the bundle knew", "differs")
    else:
        files = "not compared" if name in rows.absent else "not known to differ"
    return {"corpus": name, "rows": count, "files": files}
