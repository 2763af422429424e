"""The folder of one audit: every file in it has its name from here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["AuditLayout", "PartName"]

PART: Final = re.compile(r"part-(\d{6,})-(\d{6,})\.(?:parquet|jsonl)")


@dataclass(frozen=True, slots=True, order=True)
class PartName:
    """Name a part: the number of its input, then its place among the parts of that input, both from 0."""

    source: int
    number: int

    def __str__(self) -> str:
        return f"part-{self.source:06}-{self.number:06}"

    @classmethod
    def of(cls, path: Path) -> PartName | None:
        """Return the part that a file holds, None where it holds none: a temporary file does not."""
        found = PART.fullmatch(path.name)
        return cls(int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class AuditLayout:
    """Know where everything of an audit lies in the folder `root`.

    No text is in any of it but in `sample_csv` and `sample_jsonl`, which are for labelling.
    """

    root: Path

    @property
    def manifest(self) -> Path:
        """Return the file that says what was audited, by what, and how it went."""
        return self.root / "audit.json"

    @property
    def scored(self) -> Path:
        """Return the folder of assessments."""
        return self.root / "scored"

    @property
    def rejects(self) -> Path:
        """Return the folder of rows that could not be read."""
        return self.root / "rejects"

    @property
    def progress(self) -> Path:
        """Return the folder of what makes a run resumable."""
        return self.root / "progress"

    @property
    def journal(self) -> Path:
        """Return the file with a line for each part that is done."""
        return self.progress / "parts.jsonl"

    @property
    def lock(self) -> Path:
        """Return the file that a run holds locked, so that there is no second one."""
        return self.progress / "lock"

    @property
    def sample_csv(self) -> Path:
        """Return the sample as a spreadsheet reads it, with texts."""
        return self.root / "sample.csv"

    @property
    def sample_jsonl(self) -> Path:
        """Return the sample as JSON Lines, with texts."""
        return self.root / "sample.jsonl"

    @property
    def labels(self) -> Path:
        """Return the file of what people decided of the sample in the review queue, without texts."""
        return self.root / "labels.csv"

    @property
    def sample_design(self) -> Path:
        """Return the file that says how the sample was drawn."""
        return self.root / "sample.json"

    @property
    def estimates(self) -> Path:
        """Return the file of estimates."""
        return self.root / "estimates.json"

    @property
    def report(self) -> Path:
        """Return the page that people read."""
        return self.root / "report.html"

    @property
    def known(self) -> Path:
        """Return the folder of which rows are copies of each other."""
        return self.root / "known"

    @property
    def known_record(self) -> Path:
        """Return the file that sums the copies up."""
        return self.root / "known.json"

    @property
    def report_json(self) -> Path:
        """Return the same for machines."""
        return self.root / "report.json"

    def scored_part(self, part: PartName) -> Path:
        """Return the file of a part's assessments."""
        return self.scored / f"{part}.parquet"

    def known_part(self, part: PartName) -> Path:
        """Return the file of a part's copies: a row for each row of its assessments."""
        return self.known / f"{part}.parquet"

    def rejects_part(self, part: PartName) -> Path:
        """Return the file of a part's rejected rows, which is there only where it has any."""
        return self.rejects / f"{part}.jsonl"

    def scored_parts(self) -> list[Path]:
        """Return every file of assessments that is there, in the order of the inputs and of their rows."""
        return _parts(self.scored)

    def rejects_parts(self) -> list[Path]:
        """Return every file of rejected rows that is there, in the same order."""
        return _parts(self.rejects)

    def known_parts(self) -> list[Path]:
        """Return every file of copies that is there, in the same order."""
        return _parts(self.known)


def _parts(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    named = [(part, path) for path in folder.iterdir() if (part := PartName.of(path))]
    return [path for _, path in sorted(named)]
