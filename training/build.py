"""From corpora on disk to rows with one use each: read, split, thinned, and kept for the next time."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tocsin.errors import CorpusError, InputError
from tocsin.example import Example, Split
from tocsin.example_file import read_examples, write_examples
from tocsin.licences import Licences
from tocsin.settings import settings
from tocsin.signals import Signal
from tocsin.training.corpora import Corpus
from tocsin.training.dataset import checksums, choose, read_corpora, sha256
from tocsin.training.fingerprint import fingerprint
from tocsin.training.own_rows import corpus_name, read_own_files
from tocsin.training.splits import Ledger, SplitReport, Splits, split

__all__ = ["Build", "Selection", "build", "fates"]

_LEDGER: Final = "ledger.json"
_KEPT_BUILDS: Final = 3

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Selection:
    """Say which rows a build is made of.

    `corpora` names those of the registry, None for all that are read by default. `own` are files of
    labelled rows of one's own, `language` that of their rows that name none, `ignore` their columns
    to leave out. `available` leaves out corpora whose files are not all there.
    """

    data: Path | None
    corpora: tuple[str, ...] | None = None
    licences: Licences = Licences.ALL
    own: tuple[Path, ...] = ()
    language: str = "en"
    ignore: tuple[str, ...] = ()
    available: bool = False

    def chosen(self) -> list[Corpus]:
        """Return the corpora of the registry that are read; none where no folder holds them."""
        chosen = choose(self.corpora, self.licences) if self.data else []
        return [one for one in chosen if not self.available or one.is_there(_data(self))]


@dataclass(frozen=True, slots=True)
class Build:
    """Hold the rows of each split, and what they were made of: corpora, and a SHA-256 a file."""

    splits: Splits
    corpora: Sequence[Corpus]
    files: Mapping[str, Mapping[str, str]]
    cached: bool


def build(selection: Selection, cache: Path | None = None, tell: Tell = lambda _: None) -> Build:
    """Return the rows of a selection with one use each.

    Below the folder `cache`, the three latest builds are kept: text of the corpora. What the
    same files, choices, code and libraries built before is read back.
    """
    chosen = selection.chosen()
    for corpus in chosen:
        corpus.require(_data(selection))
    files = _checksums(selection, chosen)
    kept = cache / fingerprint(files, _choices(selection, chosen)) if cache else None
    if kept is not None and (splits := _load(kept)) is not None:
        tell(f"rows as built before, from {kept}")
        with suppress(OSError):  # of use only to know the latest builds
            kept.touch()
        return Build(splits, chosen, files, cached=True)
    tell("reading corpora")
    rows = read_corpora(_data(selection), [corpus.name for corpus in chosen]) if chosen else []
    rows += read_own_files(selection.own, language=selection.language, ignore=selection.ignore)
    tell(f"splitting {len(rows)} rows")
    splits = split(rows)
    if kept is not None:
        shutil.rmtree(kept, ignore_errors=True)  # what is there could not be read back
        try:
            _store(kept, splits)
        except OSError as error:
            tell(f"the rows cannot be kept for the next time in {cache}: {error.strerror}")
    return Build(splits, chosen, files, cached=False)


def fates(build: Build) -> list[dict[str, Any]]:
    """Return, corpus by corpus, how many rows went where: one count a split, and one a way to leave."""
    kept = {place: Counter(row.corpus for row in rows) for place, rows in build.splits.rows.items()}
    ledger = build.splits.ledger
    gone = {
        "merged": Counter(map(_corpus, ledger.merged)),
        "dropped": Counter(map(_corpus, ledger.dropped)),
        "thinned": Counter(map(_corpus, ledger.thinned)),
    }
    contested = Counter(_corpus(row) for row, signals in ledger.contested.items() for _ in signals)
    names = sorted(set().union(*kept.values(), *gone.values()))
    return [
        {
            "corpus": name,
            "read": sum(counter[name] for counter in (*kept.values(), *gone.values())),
            **{place.value: counter[name] for place, counter in kept.items()},
            **{way: counter[name] for way, counter in gone.items()},
            "contested": contested[name],
        }
        for name in names
    ]


def _corpus(identity: str) -> str:
    return identity.partition(":")[0]


def _data(selection: Selection) -> Path:
    if selection.data is None:
        raise CorpusError("the folder of the corpora must be given where corpora are chosen, was not")
    return selection.data


def _checksums(selection: Selection, chosen: Sequence[Corpus]) -> Mapping[str, Mapping[str, str]]:
    found = dict(checksums(_data(selection), chosen)) if chosen else {}
    try:
        return found | {corpus_name(path): {path.name: sha256(path)} for path in selection.own}
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read: {error.strerror}") from error


def _choices(selection: Selection, chosen: Sequence[Corpus]) -> Mapping[str, Any]:
    return {
        "corpora": [corpus.name for corpus in chosen],
        "own": [path.name for path in selection.own],
        "language": selection.language,
        "ignore": sorted(selection.ignore),
        "max_characters": settings().max_characters if selection.own else None,
    }


def _store(folder: Path, splits: Splits) -> None:
    """Write a build beside its place, then move it there, and forget all but the latest."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as scratch:
        whole = Path(scratch) / "build"
        whole.mkdir(mode=0o700)  # it is text of the corpora
        for place, rows in splits.rows.items():
            write_examples(whole / f"{place}.jsonl", rows)
        written = {
            "report": asdict(splits.report),
            "ledger": asdict(splits.ledger),
            "teachers": splits.teachers,
        }
        (whole / _LEDGER).write_text(json.dumps(written), encoding="utf-8")
        with suppress(OSError):  # another process was faster
            whole.rename(folder)
    latest = sorted(folder.parent.glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in latest[_KEPT_BUILDS:]:
        shutil.rmtree(old, ignore_errors=True)


def _load(folder: Path) -> Splits | None:
    """Return a build that was kept whole, None for any other."""
    with suppress(OSError, ValueError, KeyError, TypeError, InputError):
        written = json.loads((folder / _LEDGER).read_text(encoding="utf-8"))
        rows: dict[Split, Sequence[Example]] = {
            place: read_examples(folder / f"{place}.jsonl") for place in Split
        }
        report, ledger = written["report"], written["ledger"]
        kept = {Split(place): int(count) for place, count in report.pop("kept").items()}
        if kept != {place: len(found) for place, found in rows.items()}:
            return None
        contested = {
            row: tuple(Signal(signal) for signal in signals)
            for row, signals in ledger.pop("contested").items()
        }
        thinned = tuple(ledger.pop("thinned"))
        return Splits(
            rows,
            SplitReport(kept=kept, **report),
            Ledger(contested=contested, thinned=thinned, **ledger),
            {Signal(signal): tuple(corpora) for signal, corpora in written["teachers"].items()},
        )
    return None
