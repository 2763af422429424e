"""What becomes of test rows whose language nobody names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tocsin.assessment import Reason, Status
from tocsin.eval.cells import LEAST_ROWS
from tocsin.eval.statistics.intervals import proportion
from tocsin.eval.subject import Subject
from tocsin.eval.tables import Column, Kind, Row, Table
from tocsin.item import Item
from tocsin.language import UNDETERMINED

__all__ = ["detection"]

_ABOUT: Final = (
    "Test rows whose language nobody names. *Undetermined* ones are {fate} unless the operator says"
    " otherwise, *mistaken* ones are judged as another language of this bundle; *refused* ones are"
    " unscorable, as if in a language that it has not (nearly every refusal here is a mistake, but some rows"
    " do quote another language)."
)


def detection(subject: Subject) -> Table:
    """Return the table of what language detection makes of each corpus's rows."""
    return Table(
        "detection",
        "Language detection",
        (
            Column("corpus", "corpus", key=True),
            Column("language", "language", key=True),
            Column("rows", "rows", Kind.COUNT),
            Column("undetermined", "undetermined", Kind.SHARE),
            Column("mistaken", "mistaken", Kind.SHARE),
            Column("refused", "refused", Kind.SHARE),
        ),
        list(_rows(subject)),
        about=(_ABOUT.format(fate=_fate(subject.scorer.conditions.assume_language)),),
        card=True,
    )


def _fate(assumed: str | None) -> str:
    return "unscorable" if assumed is None else f"judged as `{assumed}`"


def _rows(subject: Subject) -> Iterator[Row]:
    for corpus, language in sorted({(row.corpus, row.language) for row in subject.rows}):
        rows = [subject.rows[place] for place in subject.places(corpus, language)]
        if len(rows) < LEAST_ROWS:
            continue
        found = subject.scorer.assess([Item(row.id, row.text) for row in rows])
        judged = [one.language for one in found if one.status is Status.SCORED]
        refused = [one.language for one in found if one.reason is Reason.LANGUAGE]
        counts = {
            "undetermined": [*judged, *refused].count(UNDETERMINED),
            "mistaken": sum(told not in {UNDETERMINED, language} for told in judged),
            "refused": sum(told != UNDETERMINED for told in refused),
        }
        shares = {name: proportion(count, len(rows)) for name, count in counts.items()}
        yield {"corpus": corpus, "language": language, "rows": len(rows), **shares}
