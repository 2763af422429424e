"""Files of a user's own, read as examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tocsin.errors import InputError
from tocsin.example import Example
from tocsin.settings import settings
from tocsin.training.own_rows.cells import parsers
from tocsin.training.own_rows.columns import SIGNALS
from tocsin.training.own_rows.faults import Fault, Faults
from tocsin.training.own_rows.record import Record, to_example
from tocsin.training.own_rows.source import Source, corpus_name
from tocsin.training.own_rows.terms import Terms

__all__ = ["read_own", "read_own_files"]


def read_own_files(
    paths: Iterable[Path], *, language: str = "en", ignore: Sequence[str] = ()
) -> list[Example]:
    """Return the rows of several files as `read_own` does; raise InputError where two share a name."""
    files: dict[str, Path] = {}
    for path in paths:
        corpus = corpus_name(path)
        if corpus in files:
            raise InputError(f"{path}: files must have different names, has that of {files[corpus]}")
        files[corpus] = path
    return [row for path in files.values() for row in read_own(path, language=language, ignore=ignore)]


def read_own(path: Path, *, language: str = "en", ignore: Sequence[str] = ()) -> list[Example]:
    """Return the rows of one file, in its order: docs/reference/own-rows.md says what it may hold.

    `language` is a BCP-47 tag for rows that name none; columns in `ignore` are left out, whatever
    they hold. Raises InputError where any row breaks a rule: it names up to ten kinds of fault with
    their rows, and shows no text. Raises MissingExtraError for Parquet without pyarrow.
    """
    terms = Terms(language, frozenset(ignore), settings().max_characters)
    source = Source.of(path)
    try:
        with path.open("rb") as file:
            examples = _examples(source, source.read(file, source.packing, terms), terms)
    except OSError as error:
        raise InputError(f"{path}: must be readable: {error.strerror}") from error
    if not examples:
        raise InputError(f"{path}: must have at least one row, had none")
    if not any(example.labels for example in examples):
        raise InputError(f"{path}: must label a row in at least one of {', '.join(SIGNALS)}, labels none")
    return examples


def _examples(source: Source, records: Iterable[Record], terms: Terms) -> list[Example]:
    faults = Faults(str(source.path))
    try:
        examples = _gathered(source.corpus, records, terms, faults)
    except Fault as stopped:
        faults.check(stopped)
        raise
    faults.check()
    return examples


def _gathered(corpus: str, records: Iterable[Record], terms: Terms, faults: Faults) -> list[Example]:
    """Return the examples of all rows that have no fault; note the others."""
    parse = parsers(terms.max_characters)
    language = parse["language"](terms.language)
    examples: list[Example] = []
    rows: dict[str, int] = {}
    for row, fields in records:
        try:
            example = to_example(corpus, row, fields, parse, language)
        except Fault as fault:
            faults.add(row, fault)
            continue
        first = rows.setdefault(example.id, row)
        if first != row:
            faults.add(row, Fault(f"id must be its own, is that of row {first}"))
        examples.append(example)
    return examples
