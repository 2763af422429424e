"""A folder as a source of files, laid out like the data folder; no network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError
from tocsin.training.fetching.outcome import State
from tocsin.training.fetching.part import Part
from tocsin.training.fetching.verify import examine
from tocsin.training.fetching.wanted import Wanted, Watch

__all__ = ["Folder"]

CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Folder:
    """Copy files from ``path/<corpus>/<file>``; raise CorpusError where there is no such folder."""

    path: Path

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            raise CorpusError(f"the folder to copy from must exist, was {self.path}")

    @property
    def brings(self) -> State:
        """Return what a file is called that was copied."""
        return State.COPIED

    def lacks(self, wanted: Wanted) -> str | None:
        """Return why a file cannot be copied, None where one stands there, right or wrong."""
        if self._origin(wanted).is_file():
            return None
        return f"is not in {self._origin(wanted).parent}"

    def fill(self, part: Part, wanted: Wanted, watch: Watch) -> None:
        """Copy a file into `part`; raise CorpusError where it is not the registered one."""
        origin = self._origin(wanted)
        finding = examine(origin, wanted.file)
        if not finding.ok:
            raise CorpusError(f"{origin}: {finding.reason}")
        part.reset()
        with origin.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                part.append(chunk)
                watch.arrived(wanted, part.size)
        copied = part.compare(wanted.file)
        if not copied.ok:  # it changed while it was read
            part.reset()
            raise CorpusError(f"{origin}: {copied.reason}")

    def _origin(self, wanted: Wanted) -> Path:
        return self.path / wanted.corpus.name / wanted.file.name
