"""Tables as the page shows them: every cell written, every interval placed on its column's scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from tocsin.eval.page.cell_view import cell_view, head_view, scale_of
from tocsin.eval.page.plots import draw
from tocsin.eval.suite import Answer
from tocsin.eval.tables import Kind, Marked, Row, Table, bare
from tocsin.page.views import TableView
from tocsin.page.words import Ids, prose

__all__ = ["SuiteView", "suite_view", "table_view"]

_FOLDED_FROM: Final = 13  # rows
_KEPT_FOLDED_FROM: Final = 60  # rows that paper is not filled with
_LONG_FROM: Final = 60  # rows that paper shows without whiskers
_WIDE_FROM: Final = 7  # columns beside the keys
_TALL_FROM: Final = 50  # rows of a plot that is folded with its table


@dataclass(frozen=True, slots=True)
class SuiteView:
    """Hold a suite as it is shown: what it measured, or why it was not run."""

    id: str
    title: Markup
    question: Markup
    findings: Sequence[Markup]
    tables: Sequence[TableView]
    why_not: Markup | None

    @property
    def missed(self) -> int:
        """Return how many figures are marked, counts left out."""
        return sum(table.missed for table in self.tables)


def suite_view(answer: Answer, ids: Ids) -> SuiteView:
    """Return one suite's answer as it is shown."""
    name = ids.of(answer.name)
    measured = answer.measured
    why_not = None if measured else prose(answer.why_not or "it does not say why")
    return SuiteView(
        name,
        prose(answer.title),
        prose(answer.question),
        [prose(finding) for finding in measured.findings] if measured else [],
        [table_view(table, ids.of(answer.name, table.name), ids) for table in answer.tables.values()],
        why_not,
    )


def table_view(table: Table, name: str, ids: Ids) -> TableView:
    """Return a table as it is shown, everything in it named after `name`."""
    scales = {one.name: scale_of(table, one) for one in table.columns}
    marks = [
        (cell.mark, one.kind is not Kind.COUNT)
        for row in table.rows
        for one in table.columns
        if isinstance(cell := row[one.name], Marked)
    ]
    drawn = draw(table, ids.of(name, "plot"))
    return TableView(
        id=name,
        title=prose(table.title),
        about=[prose(paragraph) for paragraph in table.about],
        notes=[prose(paragraph) for paragraph in table.notes],
        heads=[head_view(one, scales[one.name], ids.of(name, "column", one.name)) for one in table.columns],
        rows=[
            [cell_view(row[one.name], one, scales[one.name]) for one in table.columns] for row in table.rows
        ],
        starts=_starts(table),
        marks=list(Counter(mark for mark, _ in marks).items()),
        missed=sum(misses for _, misses in marks),
        folded=len(table.rows) >= _FOLDED_FROM,
        printed=len(table.rows) < _KEPT_FOLDED_FROM,
        wide=len(table.columns) - len(table.keys) >= _WIDE_FROM,
        long=len(table.rows) >= _LONG_FROM,
        drawing=drawn,
        tall=drawn is not None and len(drawn.pictures) == 1 and len(table.rows) >= _TALL_FROM,
    )


def _starts(table: Table) -> frozenset[int]:
    """Return the rows where the first of several keys changes, none where it changes with every row."""
    if len(table.keys) < 2 or not table.rows:
        return frozenset()
    firsts = [_first(row, table) for row in table.rows]
    starts = {place for place in range(1, len(firsts)) if firsts[place] != firsts[place - 1]}
    return frozenset() if len(starts) == len(firsts) - 1 else frozenset(starts)


def _first(row: Row, table: Table) -> object:
    return bare(row[table.keys[0]])
