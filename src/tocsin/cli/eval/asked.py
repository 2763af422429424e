"""What an evaluation was asked for: options become suites and their subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tocsin.cli.eval.rows import RowsGiven, test_rows
from tocsin.cli.eval.subject import scorer_of, training_record
from tocsin.cli.eval.twins import fitted_twins

if TYPE_CHECKING:
    from tocsin.eval import Subject
    from tocsin.eval.comparison.score_file import ScoreFile
    from tocsin.eval.suite import Suite

__all__ = ["Asked"]

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Asked:
    """Hold the options of one evaluation; `named` are the suites asked for by name."""

    bundle: Path
    policy: Path | None = None
    named: Sequence[str] = ()
    scores: Sequence[str] = ()
    baseline: Path | None = None
    before: Path | None = None
    after: Path | None = None

    def __post_init__(self) -> None:
        if (self.before is None) != (self.after is None):
            raise typer.BadParameter("--before and --after go together: drift is between two score files")
        _ = self.suites, self.rival_files  # now, not after minutes

    @cached_property
    def suites(self) -> tuple[Suite, ...]:
        """Return the suites to run, in the order of the report."""
        from tocsin.eval.suites import SUITES

        for name in self.named:
            if name not in SUITES:
                raise typer.BadParameter(f"--suite must be one of {', '.join(SUITES)}; was {name!r}")
        return tuple(suite for name, suite in SUITES.items() if not self.named or name in self.named)

    @cached_property
    def rival_files(self) -> Mapping[str, Path]:
        """Return the score files of other classifiers, by name."""
        found: dict[str, Path] = {}
        for told in self.scores:
            name, sign, path = told.partition("=")
            if not (name and sign and path):
                raise typer.BadParameter(f"--scores must be NAME=FILE, was {told!r}")
            if name in found:
                raise typer.BadParameter(f"--scores: a name must stand once, {name!r} stands twice")
            found[name] = Path(path)
        return found

    def rows(self, data: Path | None, rows: Path | None, tell: Tell) -> RowsGiven:
        """Return the rows to measure on."""
        return test_rows(data, rows, tell)

    def subject(self, given: RowsGiven, twins: Path | None, tell: Tell) -> Subject:
        """Return the subject; fit twins, kept in the folder `twins`, where it is given and needs them."""
        from tocsin.eval import Subject
        from tocsin.eval.comparison.score_file import read_score_file

        scorer = scorer_of(self.bundle, self.policy)
        training = training_record(self.bundle)
        wanted = twins is not None and any(suite.name == "corpora" for suite in self.suites)
        drift = (self.before, self.after)
        return Subject(
            scorer,
            given.test,
            training,
            twins=fitted_twins(given, training, twins, tell) if twins is not None and wanted else None,
            rivals=tuple(read_score_file(path, name) for name, path in self.rival_files.items()),
            baseline=scorer_of(self.baseline, self.policy) if self.baseline else None,
            drift=_pair(*(read_score_file(path, path.stem) for path in drift if path)),
        )


def _pair(*files: ScoreFile) -> tuple[ScoreFile, ScoreFile] | None:
    return (files[0], files[1]) if files else None
