"""Where a file belongs below the data folder, and where it grows until it is whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tocsin.errors import CorpusError

__all__ = ["Place"]

SUFFIX: Final = ".part"
SEPARATORS: Final = frozenset("/\\:")


@dataclass(frozen=True, slots=True)
class Place:
    """Name a file below the data folder; raise CorpusError where a name is more than a plain name."""

    data: Path
    corpus: str
    name: str

    def __post_init__(self) -> None:
        for name in (self.corpus, self.name):
            if name in {"", ".", ".."} or SEPARATORS & set(name) or not name.isprintable():
                raise CorpusError(f"the name of a corpus or file must be a plain name, was {name!r}")

    @property
    def target(self) -> Path:
        """Return where the whole file stands."""
        return self.data / self.corpus / self.name

    @property
    def part(self) -> Path:
        """Return where a file that is not whole yet stands."""
        return self.target.with_name(self.name + SUFFIX)

    def make_room(self) -> None:
        """Make the corpus's folder; raise CorpusError where a link leads out of the data folder.

        The data folder itself may be a link: whoever runs this has named it.
        """
        folder = self.target.parent
        folder.mkdir(parents=True, exist_ok=True)
        if not folder.resolve().is_relative_to(self.data.resolve()):
            raise CorpusError(f"{folder} must lie in the data folder, leads to {folder.resolve()}")
