"""`tocsin eval compare`: two bundles, or scores of anything, on the same labelled rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.console import Console

from tocsin.cli.data.options import DataOption
from tocsin.cli.eval.rows import RowsFileOption, test_rows
from tocsin.cli.eval.subject import PolicyOption, bundle_folder, scorer_of
from tocsin.cli.extras import needs
from tocsin.cli.table import print_table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tocsin.eval import Subject
    from tocsin.eval.tables import Column, Table, Value
    from tocsin.example import Example

__all__ = ["compare"]

_LEGEND: Final = (
    "p: adjusted by Holm's rule over its table; below .05, A is better or worse. Not told apart: no"
    " detectable difference; the interval says how large one may be. –: fewer than 50 positives (of"
    " decisions: rows), no verdict."
)

Tell = Callable[[str], None]

_PLACES: Final = {
    "policy": "policy",
    "corpus": "corpus",
    "signal": "signal",
    "language": "in",
    "measure": "of",
}
_HEADS: Final = ("A", "B", "A − B", "p", "A is")
_VERDICTS: Final = {
    "better": "better",
    "worse": "worse",
    "no detectable difference": "not told apart",
    "None": "–",
}
_HELP: Final = "Folder of a bundle, default for the one that ships, or a file of scores: csv, tsv, jsonl."


def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help=_HELP)],
    b: Annotated[Path, typer.Argument(metavar="B", help="What to compare it with, likewise.")],
    data: DataOption = None,
    rows: RowsFileOption = None,
    policy: PolicyOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Compare two bundles, or scores of any classifier, on exactly the same labelled rows.

    Differences are A less B, each with its 95% interval; a verdict needs p < .05 after Holm's adjustment
    over its table. "No detectable difference" is a result. Whichever is better, the exit code is 0.
    """
    with needs("eval", "comparing"):
        import tocsin.eval.comparison.side_by_side  # noqa: F401 - now, not after minutes
    console = Console(stderr=True, highlight=False)
    with console.status("reading") as status:
        tell = status.update if console.is_terminal else (lambda _: None)
        sides = _Source(a, policy), _Source(b, policy)
        given = test_rows(data, rows, tell).test
        first, second = (source.on(given, tell) for source in sides)
        tell("comparing")
        tables = _tables(given, first, second)
    if as_json:
        told = {"a": first.told, "b": second.told, "rows": len(given)}
        typer.echo(json.dumps(told | {"tables": [table.to_dict() for table in tables]}, ensure_ascii=False))
        return
    for table in tables:
        _print(table)
    typer.echo(_LEGEND)
    typer.echo(f"A: {first.title}\nB: {second.title}\n{len(given)} rows; differences are A less B.")


class _Source:
    """Read a bundle or a file of scores; what cannot be read fails before rows are."""

    def __init__(self, path: Path, policy: Path | None) -> None:
        from tocsin.eval.comparison.score_file import read_score_file

        folder = bundle_folder(path)
        self.scorer = scorer_of(path, policy) if folder.is_dir() or not folder.suffix else None
        self.file = None if self.scorer else read_score_file(path)
        self.path = path

    def on(self, rows: Sequence[Example], tell: Tell) -> _Side:
        """Return its scores of these rows."""
        from tocsin.eval import Subject
        from tocsin.eval.comparison.side_by_side import score_matrix

        if self.file is not None:
            return _Side({"scores": str(self.path)}, str(self.path), score_matrix(self.file, rows), None)
        if self.scorer is None:
            raise TypeError("a source must be a bundle or a file, was neither")
        tell(f"scoring {len(rows)} rows with {self.path}")
        subject, model = Subject(self.scorer, rows), self.scorer.model
        title = f"{self.path} ({model.name} {model.version}, {model.digest})"
        return _Side({"bundle": asdict(model)}, title, subject.scores, subject)


@dataclass(frozen=True)
class _Side:
    """Hold one side of a comparison; `subject` is None for a file of scores, which decides nothing."""

    told: dict[str, Any]
    title: str
    scores: NDArray[np.float64]
    subject: Subject | None


def _tables(rows: Sequence[Example], first: _Side, second: _Side) -> list[Table]:
    """Return one table for each figure, and one of decisions where both sides are bundles."""
    from tocsin.errors import InputError
    from tocsin.eval.cells import LEAST_ROWS
    from tocsin.eval.comparison.decisions import decided, decision_table
    from tocsin.eval.comparison.side_by_side import beside, difference_tables

    found = list(beside(rows, first.scores, second.scores))
    if not any(pair.apart for pair in found):
        raise InputError(
            f"a comparison needs {LEAST_ROWS} rows of each class that both A and B scored, had fewer:"
            " files of scores go by the ids of the rows"
        )
    tables = difference_tables({"B": found}, "A", "difference", second="B")
    if first.subject and second.subject:
        tables.append(decision_table(list(decided(first.subject, second.subject)), "A", "B"))
    return tables


def _print(table: Table) -> None:
    """Print differences: of both sides the figure alone, for the interval is of the pair."""
    from tocsin.eval.tables import bare

    columns = {column.name: column for column in table.columns}
    places = [name for name in _PLACES if name in columns]
    decisions = "alone_first" in columns
    print_table(
        table.title,
        [
            *(_PLACES[name] for name in places),
            "rows" if decisions else "+ / −",
            *_HEADS,
            *(["only A / B"] if decisions else []),
        ],
        [
            [
                *(row[name] for name in places),
                str(bare(row["rows"])) if decisions else f"{bare(row['positives'])} / {row['negatives']}",
                *(_shown(row[name], columns[name]) for name in ("first", "second", "difference", "p_value")),
                _VERDICTS[str(row["verdict"])],
                *([f"{row['alone_first']} / {row['alone_second']}"] if decisions else []),
            ]
            for row in table.rows
        ],
    )


def _shown(value: Value, column: Column) -> str:
    """Return a cell as Markdown writes it, without its mark."""
    from tocsin.eval.markdown import cell
    from tocsin.eval.statistics.intervals import Estimate
    from tocsin.eval.tables import bare

    plain = bare(value)
    if column.name in {"first", "second"} and isinstance(plain, Estimate):
        plain = plain.value
    return cell(plain, column)
