"""A table for people: the rows that rank first, and those that nobody could score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.table import Table
from rich.text import Text

from tocsin.assessment import Assessment, Level, PolicyResult
from tocsin.service.scan.display import cut, mask, reveal
from tocsin.service.scan.ranking import Ranking
from tocsin.service.scan.tally import unjudged_reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from tocsin.service.scan.outcome import Judged
    from tocsin.service.scan.tally import Tally

__all__ = ["FOOTER", "NOT_CERTIFIED", "TableSink"]

FOOTER: Final = "Scores order the work; a person decides."
NOT_CERTIFIED: Final = "* target not certified: too little labelled data"
MASKED_CHARACTERS: Final = 40
SHOWN_CHARACTERS: Final = 200
ID_CHARACTERS: Final = 60
STYLES: Final = {Level.URGENT: "bold red", Level.REVIEW: "yellow", Level.NONE: ""}
FIRED: Final = frozenset({Level.REVIEW, Level.URGENT})


class TableSink:
    """Hold the `top` rows of each table and print both at the end; texts are masked unless shown.

    Where there is a `tally`, it is printed below them.
    """

    def __init__(
        self, console: Console, *, top: int, show_text: bool = False, tally: Tally | None = None
    ) -> None:
        self._console = console
        self._top = top
        self._tally = tally
        self._show_text = show_text
        self._ranking = Ranking(top)
        self._ranked = 0
        self._unscorable: list[tuple[Judged, str]] = []
        self._unscored = 0

    def write(self, row: Judged) -> None:
        """Rank one row, or set it apart."""
        level = row.assessment.level
        reason = unjudged_reason(row.assessment, level)
        if reason is not None or level is None:
            self._set_apart(row, reason or "")
        else:
            self._ranked += 1
            self._ranking.add(row, level)

    def finish(self) -> None:
        """Print the tables and what must be said with them."""
        rows = self._ranking.rows()
        self._print_table(self._ranked_table(rows), "Ranked", len(rows), self._ranked)
        self._print_table(self._unscorable_table(), "Unscorable", len(self._unscorable), self._unscored)
        if any(not result.certified for row in rows for result in _fired(row.assessment)):
            self._print(NOT_CERTIFIED)
        if self._tally is not None:
            self._print(str(self._tally))
        self._print(FOOTER)

    def _set_apart(self, row: Judged, reason: str) -> None:
        self._unscored += 1
        if len(self._unscorable) < self._top:
            self._unscorable.append((row, reason))

    def _print_table(self, table: Table, title: str, shown: int, total: int) -> None:
        if not total:
            return
        self._print(f"{title}: {shown:,} of {total:,} rows")
        self._console.print(table)

    def _print(self, line: str) -> None:
        self._console.print(Text(line))

    def _ranked_table(self, rows: Iterable[Judged]) -> Table:
        table = _table("rank", "id", "level", "priority", "policies", "text")
        for rank, row in enumerate(rows, start=1):
            answer = row.assessment
            table.add_row(
                Text(str(rank), justify="right"),
                _id(answer),
                _level(answer),
                Text(_score(answer.priority), justify="right"),
                _policies(answer),
                self._text(row.item.text),
            )
        return table

    def _unscorable_table(self) -> Table:
        table = _table("id", "reason", "language")
        for row, reason in self._unscorable:
            table.add_row(_id(row.assessment), Text(reason), Text(reveal(row.assessment.language)))
        return table

    def _text(self, text: str) -> Text:
        if self._show_text:
            return Text(reveal(cut(text, SHOWN_CHARACTERS)))
        return Text(cut(mask(text[:MASKED_CHARACTERS]) + text[MASKED_CHARACTERS:], MASKED_CHARACTERS))


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        # Folding shows every character; the default would cut words short without a word.
        table.add_column(column, overflow="fold")
    return table


def _id(answer: Assessment) -> Text:
    return Text(reveal(cut(answer.id, ID_CHARACTERS)))


def _level(answer: Assessment) -> Text:
    level = answer.level or Level.NONE
    return Text(level.value, style=STYLES[level])


def _policies(answer: Assessment) -> Text:
    return Text("\n".join(map(_policy, _fired(answer))))


def _fired(answer: Assessment) -> list[PolicyResult]:
    return [result for result in answer.policies if result.level in FIRED]


def _policy(result: PolicyResult) -> str:
    return f"{reveal(result.name)} {_score(result.score)}{'' if result.certified else '*'}"


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.3f}"
