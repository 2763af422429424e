"""Corpora brought into the data folder, file by file; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from tocsin.errors import CorpusError
from tocsin.training.corpora.corpus import Corpus
from tocsin.training.fetching.outcome import Outcome, State
from tocsin.training.fetching.part import claim_part
from tocsin.training.fetching.place import Place
from tocsin.training.fetching.source import Source
from tocsin.training.fetching.verify import Condition, examine
from tocsin.training.fetching.wanted import Silent, Wanted, Watch, wanted_files

__all__ = ["fetch"]


def fetch(
    corpora: Iterable[Corpus],
    data: Path,
    source: Source,
    *,
    replace: bool = False,
    watch: Watch | None = None,
) -> Iterator[Outcome]:
    """Bring every file of the corpora below the data folder `data`; yield what became of each, in order.

    A file grows as ``<name>.part`` beside its place and takes its name when size and SHA-256 are
    right. The registered file is never touched; another one in its place only with `replace`.
    """
    watch = watch or Silent()
    for wanted in wanted_files(corpora):
        try:
            outcome = _fetch_file(wanted, data, source, watch, replace=replace)
        except CorpusError as error:
            outcome = Outcome(wanted, State.FAILED, str(error))
        except OSError as error:
            reason = f"{error.filename or data} must be writable: {error.strerror}"
            outcome = Outcome(wanted, State.FAILED, reason)
        watch.arrived(wanted, wanted.file.size if outcome.in_place else 0)
        yield outcome


def _fetch_file(wanted: Wanted, data: Path, source: Source, watch: Watch, *, replace: bool) -> Outcome:
    place = Place(data, wanted.corpus.name, wanted.file.name)
    if settled := _settled(wanted, place, source, replace=replace):
        return settled
    place.make_room()
    with claim_part(place.part, lambda: watch.waits(wanted, "another fetch is at it; waits")) as part:
        # Looked at again: while this one waited, the other may have brought the file.
        if settled := _settled(wanted, place, source, replace=replace):
            return settled
        source.fill(part, wanted, watch)
        part.settle(place.target)
    return Outcome(wanted, source.brings)


def _settled(wanted: Wanted, place: Place, source: Source, *, replace: bool) -> Outcome | None:
    """Return the outcome for a file that need not, cannot or must not be brought; None for others."""
    finding = examine(place.target, wanted.file)
    if finding.ok:
        return Outcome(wanted, State.PRESENT)
    lacks = source.lacks(wanted)
    if finding.condition is Condition.MISSING:
        return Outcome(wanted, State.MISSING, lacks) if lacks else None
    if lacks:
        return Outcome(wanted, State.FAILED, f"{finding.reason}; {lacks}")
    if replace:
        return None
    return Outcome(wanted, State.FAILED, f"{finding.reason}; only --replace puts another in its place")
